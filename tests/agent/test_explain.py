from __future__ import annotations

import pytest

from jupyter_oci.agent.hint_text import LEFT_OUT, HintText
from jupyter_oci.events import CellOpened, ExecutionStarted, FixProposed, ReplyFinished, TextDelta
from jupyter_oci.request import Cell, Request

CELL = Cell("a", "code", "total = 0\nfor price in prices:\n    total = price")
HINT = """Where: line 3, `total = price`.
What: does the total grow?
```python
total += price
```
total += price
How: think of what `total += price` does, and of `sum`."""


def asking(intent: str) -> Request:
    return Request("", (CELL,), "a", intent=intent, target_cell_id="a")


def text_of(run) -> str:
    return "".join(event.text for event in run.of(TextDelta))


def test_an_explanation_is_words_and_touches_no_cell(ask):
    answer = "It keeps the last price:\n```python\ntotal = price\n```\nNothing is added."
    run = ask([answer], request=asking("explain"))
    assert run.ending == ("done", "explained")
    assert text_of(run) == answer
    assert len(run.of(ReplyFinished)) == 1
    assert not run.of(CellOpened) + run.of(FixProposed) + run.of(ExecutionStarted)


def test_a_hint_has_no_code_but_what_the_cell_has(ask):
    run = ask([HINT], request=asking("hint"))
    assert run.ending == ("done", "explained")
    assert text_of(run).splitlines() == [
        "Where: line 3, `total = price`.",
        "What: does the total grow?",
        "How: Follow the code by hand with a small example, and compare each value with the one that you expect.",
    ]


@pytest.mark.parametrize("size", [1, 7, 1000])
def test_a_hint_is_the_same_however_it_comes(size):
    hint = HintText(CELL.source)
    shown = "".join(hint.feed(HINT[start : start + size]) for start in range(0, len(HINT), size)) + hint.finish()
    assert "+=" not in shown
    assert len(shown.splitlines()) == 3


@pytest.mark.parametrize("how", ["How: It should be `prices['cost'] = 1`.", "", "How: `x = 1`"])
def test_how_is_said_in_words_where_it_would_be_code(how):
    hint = HintText(CELL.source, "KeyError: 'cots'")
    shown = hint.feed(f"Where: line 2\nWhat: is there such a column?\n{how}") + hint.finish()
    assert shown.splitlines()[2:] == ["How: List the keys or columns that there are, and compare their spelling with yours."]


def test_code_is_left_out_of_what_goes_wrong():
    hint = HintText(CELL.source)
    assert hint.feed("What: why not `total = 3`?\n") == f"What: why not {LEFT_OUT}?\n"


def test_an_answer_without_end_is_stopped(ask):
    assert ask(["and so on " * 500], request=asking("explain")).ending == ("gave_up", "endless")


def test_there_must_be_a_cell_to_explain(ask):
    assert ask([""], request=Request("", (CELL,), intent="explain", target_cell_id="b")).ending == ("failed", "no_cell")
