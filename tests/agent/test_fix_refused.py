"""What a model writes for a fix and is not proposed, or is no check: it changes no result, or takes what is not the cell's."""

from __future__ import annotations

from dataclasses import replace

import pytest

from jupyter_oci.agent.smallest_edit import smallest_edit
from jupyter_oci.events import FixProposed
from jupyter_oci.request import cell_from_json

from .fixing import BUGGY, FIXED, IN_ANOTHER_WAY, said

SCORES = "import pandas as pd\nscores = pd.DataFrame({'score': [6.0, None, 10.0]})"
AVERAGE = "average = scores['score'].sum() / len(scores)"
RIGHT = "average = scores['score'].mean()"
SAME = "average = scores['score'].sum().astype(float) / len(scores)"
ASKED_FOR_CHECK = "Write one to three assert statements"


def sources(run) -> list[str]:
    return [event.source for event in run.of(FixProposed)]


def test_a_change_with_which_the_result_stays_is_not_proposed_where_the_user_says_that_it_is_wrong(notebook):
    notebook.add(SCORES)
    replies = {
        ASKED_FOR_CHECK: [said("assert average == 8.0")],
        IN_ANOTHER_WAY: [said(RIGHT)],
        "": [said(SAME)],
    }
    run = notebook.fix(notebook.add(AVERAGE), replies, "It should ignore missing values")
    assert sources(run) == [RIGHT]
    assert run.ending == ("done", "fixed_own_check")


def test_where_nothing_else_comes_it_is_proposed_and_not_said_to_be_right(notebook):
    notebook.add(SCORES)
    faster = "average = sum(scores['score'].fillna(0)) / len(scores)"
    run = notebook.fix(notebook.add(faster), [said(AVERAGE)], "It is too slow")
    assert sources(run) == [AVERAGE]
    assert run.ending == ("done", "fixed_unchecked")


def test_what_raises_is_not_proposed_where_nothing_else_comes_either(notebook):
    notebook.add(SCORES)
    raises = "average = scores['score'].sum() / len(missing)"
    run = notebook.fix(notebook.add(AVERAGE), [said(raises)], "It should ignore missing values", max_rounds=2)
    assert not sources(run)


def test_a_check_that_the_wrong_result_passes_is_none(notebook):
    notebook.add(SCORES)
    replies = {ASKED_FOR_CHECK: [said("assert average > 5")], "": [said(RIGHT)]}
    run = notebook.fix(notebook.add(AVERAGE), replies, "It should ignore missing values")
    [proposed] = run.of(FixProposed)
    assert (proposed.source, proposed.check) == (RIGHT, "")
    assert run.ending == ("done", "fixed_unchecked")


@pytest.mark.parametrize(
    "harmful",
    [
        "readings = [1, 2, 3, 4]\nmean_reading = sum(readings) / len(readings)",
        "def total():\n    global readings\n    readings = []\nmean_reading = 2",
    ],
)
def test_a_change_that_takes_a_variable_of_another_cell_is_not_proposed(notebook, harmful):
    notebook.add("readings = [1, 2, '3']")
    right = "mean_reading = sum(map(int, readings)) / len(readings)"
    failing = notebook.add("mean_reading = sum(readings) / len(readings)")
    run = notebook.fix(failing, {IN_ANOTHER_WAY: [said(right)], "": [said(harmful)]})
    assert sources(run)[-1:] == [right]
    assert harmful not in sources(run)


@pytest.mark.parametrize(
    ("answer", "edited"),
    [
        ("def half(x):\n    return x / 2", "def half(x):\n    return x / 2\nhalf(4)"),
        ("from math import nan\n\ndef half(x: int) -> float:\n    return x / 2\n", None),
        ("def half(x):\n    return x / 2\nhalf(5)", "def half(x):\n    return x / 2\nhalf(5)"),
        ("def half(x):\n    return x / 2\nif True:\n    half(4)", "def half(x):\n    return x / 2\nif True:\n    half(4)"),
    ],
)
def test_the_line_that_shows_the_result_stays_once(answer, edited):
    found = smallest_edit("def half(x):\n    return x // 3\nhalf(4)", answer)
    assert found == edited if edited else found.endswith("\nhalf(4)")


@pytest.mark.parametrize(
    ("base", "answer"),
    [
        ("rows = []\nrows.append(1)", "rows = []\nrows += [1]"),
        ("x = 1 / 0; x", "x = 1"),
        ("y = 1\nint(xs)", "y = 1\nz = list(xs)"),
    ],
)
def test_a_line_that_is_put_otherwise_does_not_come_back(base, answer):
    assert smallest_edit(base, answer).count(base.splitlines()[-1]) == 0


def test_a_locked_cell_is_not_changed_and_the_cell_that_it_tests_is(notebook):
    notebook.add(BUGGY)
    failing = notebook.add("assert mean([1, 3]) == 2")
    notebook.cells[1] = replace(notebook.cells[1], is_locked=True)
    run = notebook.fix(failing, [said(FIXED)])
    assert [proposed.cell_id for proposed in run.of(FixProposed)] == ["cell-0"]
    assert run.ending[0] == "done"
    notebook.cells[0] = replace(notebook.cells[0], is_locked=True)
    run = notebook.fix(failing, [said(FIXED)])
    assert run.ending == ("gave_up", "locked_cell")
    assert run.of(FixProposed) == []


def test_a_cell_is_locked_by_its_metadata():
    cell = {"id": "a", "cell_type": "code", "source": "1", "metadata": {"editable": False}}
    assert cell_from_json(cell).is_locked
    assert not cell_from_json({**cell, "metadata": {}}).is_locked


@pytest.mark.parametrize("cut", [0, 1])
def test_of_a_cell_that_was_cut_nothing_is_proposed(notebook, cut):
    notebook.add(BUGGY)
    failing = notebook.add("assert mean([1, 3]) == 2")
    notebook.cells[cut] = replace(notebook.cells[cut], is_cut=True)
    run = notebook.fix(failing, [said(FIXED)])
    assert run.ending == ("gave_up", "long_cell")
    assert run.of(FixProposed) == []
