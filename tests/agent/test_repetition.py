from __future__ import annotations

import inspect
import json
import textwrap
from pathlib import Path

import pytest

from jupyter_oci.agent.python_text import is_within_data
from jupyter_oci.agent.repetition import is_endless


@pytest.mark.parametrize("period", [1, 2, 3, 10, 50, 159, 160, 300, 799])
def test_a_passage_that_repeats_is_noticed_within_a_few_of_its_lengths(period):
    passage = "".join(chr(ord("a") + (n * n + n // 7) % 26) for n in range(period))
    needed = max(320, 3 * period) if period < 160 else 2 * period
    assert is_endless("a different beginning; " + passage * (needed // period + 1))


@pytest.mark.parametrize("module", [json, textwrap, inspect, Path])
def test_real_code_is_not_taken_for_a_repetition(module):
    source = inspect.getsource(module)
    assert not any(is_endless(source[:end]) for end in range(0, len(source), 512))


@pytest.mark.parametrize("text", ["", "a", "-" * 79, "0, " * 60, "x = 1\n" * 3, "plt.show()\n" * 8])
def test_short_repeats_are_no_reason_to_stop(text):
    assert not is_endless(text)


ROWS = "    [0, 0, 0, 0, 0, 0, 0, 0, 0, 0],\n"


@pytest.mark.parametrize("rows", [9, 20, 44])
def test_data_that_is_written_out_repeats_itself(rows):
    assert is_endless("grid = [\n" + ROWS * rows)
    assert not is_endless("grid = [\n" + ROWS * rows, data=True)


def test_data_without_end_is_noticed_too():
    assert is_endless("grid = [\n" + ROWS * 50, data=True)


@pytest.mark.parametrize(
    ("code", "within"),
    [
        ("grid = [\n" + ROWS, True),
        ("grid = [\n" + ROWS + "    [0, 0", True),
        ('grid = [\n    "#",\n    "', True),
        ("maze = '''\n####\n#  #\n", True),
        ("grid = [\n" + ROWS + "]\n", False),
        ("plt.show()\nplt.sh", False),
        ("if x:\n    y = (1\n", True),
        ("", False),
    ],
)
def test_data_is_what_stands_in_brackets_or_a_long_text(code, within):
    assert is_within_data(code) is within


def test_counting_on_and_on_is_noticed():
    bins = ", ".join(map(str, range(0, 9000, 10)))
    assert is_endless(f"pd.cut(x, bins=[{bins[:900]}", data=True)
    assert not is_endless(f"pd.cut(x, bins=[{bins[:600]}", data=True)
    assert not is_endless("years = [" + ", ".join(map(str, range(1920, 2025))) + ", ", data=True)
    assert not is_endless("zeros = [" + "0, " * 200, data=True)
