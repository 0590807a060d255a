"""A request whose code needs a cell of the notebook that has not run: the run says which, and asks the model no more."""

from __future__ import annotations

import pytest

from jupyter_oci.events import ExecutionStarted
from jupyter_oci.request import Cell, Request

from .test_loop import block

LOADS = Cell("a", "code", "unrun_sales = [1, 2]")


@pytest.mark.parametrize("active", ["a", "b", None])
@pytest.mark.parametrize("cells", [(LOADS, Cell("b", "code", "1", 1)), (Cell("b", "code", "1", 1), LOADS)])
def test_the_cell_that_has_not_run_is_named(ask, cells, active):
    run = ask([block("sum(unrun_sales)"), block("never = 1")], request=Request("add them", cells, active))
    assert run.ending == ("gave_up", "unrun_cell")
    assert run.events[-1].message == (
        "`unrun_sales` comes from another cell, cell `unrun_sales = [1, 2]`, which has not been run: "
        "run that cell, then ask again."
    )
    assert len(run.of(ExecutionStarted)) == 1


def test_a_cell_of_another_session_is_named_too(ask):
    cell = Cell("a", "code", "unrun_sales = [1, 2]", 7)
    run = ask([block("sum(unrun_sales)")], request=Request("add them", (cell,), "a"))
    assert "cell [7] `unrun_sales = [1, 2]`, which was run in another session" in run.events[-1].message


@pytest.mark.parametrize("source", ["import unrun_sales", "other = 3"])
def test_the_model_mends_what_no_cell_would_set(ask, source):
    replies = [block("sum(unrun_sales)"), block("sum([1])"), "The sum is 1."]
    run = ask(replies, request=Request("add them", (Cell("a", "code", source),), "a"))
    assert run.ending == ("done", "answered")
