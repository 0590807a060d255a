"""Revisions that begin with how the user's data was made."""

from __future__ import annotations

import pytest

from jupyter_oci.agent.copied_cells import without_copies
from jupyter_oci.events import ExecutionStarted, ReplyFinished, SourceFinished
from jupyter_oci.request import Cell, Request

MADE = """\
import random
rng = random.Random(3)
n = 4
people = list(
    zip(range(n), [rng.random() for _ in range(n)], strict=True)
)
people[0] = None"""
TYPES = {"people": "list", "rng": "Random", "n": "int"}
FAILED = "import math\nshare = people[9]"
NOTEBOOK = (Cell("made", "code", MADE, execution_count=1),)


@pytest.mark.parametrize(
    ("code", "left"),
    [
        (f"{MADE}\nshare = people[3]", "share = people[3]"),
        ("n = 4\nshare = people[n - 1]", "n = 4\nshare = people[n - 1]"),  # makes no data
        (MADE.replace("n = 4", "n = 9"), "n = 9"),
        (f"{MADE}\nthis is (no Python", f"{MADE}\nthis is (no Python"),
        ("a = 1; b = 2", "a = 1; b = 2"),
    ],
)
def test_the_statements_of_a_cell_that_makes_data_are_left_out(code, left):
    assert without_copies(code, FAILED, NOTEBOOK, TYPES) == left


def test_what_the_failing_code_had_itself_stays_and_a_cell_that_did_not_run_is_no_source():
    again = f"{MADE}\nshare = people[3]"
    assert without_copies(again, MADE, NOTEBOOK, TYPES) == again
    assert without_copies(again, FAILED, (Cell("made", "code", MADE),), TYPES) == again


def revised_by(ask, kernel, *replies: str, prompt: str = "Show the last one of people."):
    """Have a cell that fails be revised by the replies, in a kernel that holds what the notebook's cell made."""
    ask([f"```python\n{MADE}\n```", "Made."], executor=kernel)
    blocks = [f"```python\n{reply}\n```" for reply in ("people[9]", *replies)]
    return ask([*blocks, "That is the last one."], request=Request(prompt, NOTEBOOK, "made"), executor=kernel)


def test_a_revision_runs_without_the_copy_and_its_cell_shows_what_runs(ask, kernel):
    run = revised_by(ask, kernel, f"{MADE}\npeople[3]")
    assert run.ending == ("done", "answered")
    assert run.of(SourceFinished)[-1].source == "people[3]"


@pytest.mark.parametrize(
    "reply", [MADE, "# the last one\n\npeople[ 9 ]", "# Variables in the kernel\npeople: list length 4", f"{MADE}\npeople[9]"]
)
def test_nothing_but_a_copy_is_asked_for_again_and_then_the_failing_code_stands_there(ask, kernel, reply):
    run = revised_by(ask, kernel, reply, reply)
    assert run.ending == ("gave_up", "repeated_failure")
    assert len(run.of(ExecutionStarted)) == 1
    assert len(run.of(ReplyFinished)) == 3
    assert run.of(SourceFinished)[-1].source == "people[9]"
