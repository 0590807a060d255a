"""The user chooses another mode while a run goes on: it holds from then on, for what waits and before the next cell runs."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.util import find_spec

import pytest

from jupyter_oci.agent.approval import ACCEPTED, ASKED_FOR, EDITED, ONLY_WRITTEN
from jupyter_oci.events import (
    ApprovalRequested,
    ApprovalResolved,
    Decision,
    ExecutionFinished,
    ExecutionStarted,
    Mode,
    SourceFinished,
)
from jupyter_oci.request import Cell, Request

from .driving import Busy, block
from .fixing import BUGGY, FIXED, said

TWO_CELLS = [block("first = 1"), block("second = 2"), "Done."]


@dataclass
class Switch:
    """The mode, and ways to change it."""

    mode: Mode

    def __call__(self) -> Mode:
        return self.mode

    def to(self, mode: Mode, then: str | None = None):
        """Choose it at the first question; decide so at any later one, or not at all."""
        return self._to(iter([mode]), then)

    def _to(self, modes, then):
        def decide(asked):
            mode = next(modes, None)
            self.mode = mode or self.mode
            return Decision(then, asked.source) if mode is None and then else None

        return decide

    def after(self, mode: Mode, kind: type):
        """Choose it when the first event of a kind has come."""

        def note(event):
            self.mode = mode if isinstance(event, kind) else self.mode
            return False

        return note


def executed(run) -> list[str]:
    return [event.source for event in run.of(ExecutionStarted)]


def reasons(run) -> list[list[str]]:
    return [list(event.reasons) for event in run.of(ApprovalRequested)]


def skip(asked) -> Decision:
    return Decision("skip", asked.source)


def test_from_auto_to_ask_the_next_cell_is_asked_about(ask):
    live = Switch("auto")
    run = ask(TWO_CELLS, live=live, stop_at=live.after("ask", ExecutionFinished), decide=skip)
    assert executed(run) == ["first = 1"]
    assert reasons(run) == [[ASKED_FOR]]
    assert run.ending == ("done", "declined")


def test_from_ask_to_auto_what_waits_runs(ask):
    live = Switch("ask")
    run = ask(TWO_CELLS, live=live, decide=live.to("auto"))
    assert executed(run) == ["first = 1", "second = 2"]
    [asked], [resolved] = run.of(ApprovalRequested), run.of(ApprovalResolved)
    assert (resolved.approval_id, resolved.decision, resolved.source) == (asked.approval_id, "run", "first = 1")


def test_from_ask_to_auto_what_auto_asks_about_still_waits(ask):
    live = Switch("ask")
    run = ask([block("!pip install pandsa")], live=live, decide=live.to("auto", then="skip"))
    before, after = run.of(ApprovalRequested)
    assert before.reasons == (ASKED_FOR, *after.reasons)
    assert before.approval_id != after.approval_id
    assert run.ending == ("done", "declined")


def test_from_ask_to_auto_what_the_user_edited_still_waits(ask):
    live, edits = Switch("ask"), {}

    def decide(asked):
        if live.mode == "auto":
            return Decision("run", "print('mine')")
        live.mode, edits[asked.approval_id] = "auto", "print('mine')"
        return None

    run = ask([block("print('agent')"), "Done."], live=live, edits=edits, decide=decide)
    assert reasons(run) == [[ASKED_FOR], [EDITED]]
    assert executed(run) == ["print('mine')"]


def test_from_ask_to_auto_an_edit_that_was_asked_about_still_is(ask, shared_kernel):
    live, edits, opened = Switch("ask"), {}, []

    def note(event):
        opened.extend([event.cell_id] if isinstance(event, SourceFinished) else [])
        return False

    def decide(asked):
        if asked.reasons == (ASKED_FOR,):
            return Decision("run", asked.source)
        return live.to("auto")(asked) if live.mode == "ask" else Decision("run", "print('mine')")

    busy = Busy(shared_kernel, lambda: edits.update({opened[0]: "print('mine')"}))
    run = ask([block("print('agent')"), "Done."], live=live, edits=edits, decide=decide, executor=busy, stop_at=note)
    assert reasons(run) == [[ASKED_FOR], [ASKED_FOR, EDITED], [EDITED]]
    assert executed(run) == ["print('mine')"]


def test_to_suggest_nothing_that_waits_runs(ask):
    live = Switch("ask")
    run = ask(TWO_CELLS, live=live, decide=live.to("suggest"))
    assert run.ending == ("done", "inserted")
    assert [event.decision for event in run.of(ApprovalResolved)] == ["skip"]
    assert not executed(run)


def test_to_suggest_the_next_cell_is_written_and_not_run(ask):
    live = Switch("auto")
    run = ask(TWO_CELLS, live=live, stop_at=live.after("suggest", ExecutionFinished))
    assert run.ending == ("done", "inserted")
    assert executed(run) == ["first = 1"]
    assert run.of(SourceFinished)[-1].source == "second = 2"


@pytest.mark.parametrize(("mode", "end"), [("ask", "declined"), ("suggest", "inserted")])
def test_what_waits_for_the_kernel_runs_as_the_mode_then_says(ask, shared_kernel, mode, end):
    live = Switch("auto")
    busy = Busy(shared_kernel, lambda: setattr(live, "mode", mode))
    run = ask(TWO_CELLS, live=live, executor=busy, decide=skip)
    assert run.ending == ("done", end)
    assert not executed(run)


def test_to_suggest_what_the_request_expects_is_not_checked_any_more(ask, kernel):
    live, request = Switch("auto"), Request("set checked\nassert print('the check runs') is None and checked == 1")
    heard = []

    def note(event):
        heard.append(event)
        return live.after("suggest", ExecutionFinished)(event)

    ask([block("checked = 1"), "Done."], live=live, request=request, executor=kernel, stop_at=note)
    assert not any("Checking" in getattr(event, "detail", "") for event in heard)


def test_code_that_auto_ran_and_that_runs_again_is_asked_about(ask, kernel):
    live, request = Switch("auto"), Request("add them", (Cell("0", "code", "late_sales = [1, 2]"),), "0")

    def decide(asked):
        return Decision("run" if asked.reasons == (ACCEPTED,) else "skip", asked.source)

    to_ask = live.after("ask", ExecutionFinished)
    run = ask([block("sum(late_sales)")], live=live, request=request, executor=kernel, decide=decide, stop_at=to_ask)
    assert executed(run) == ["sum(late_sales)", "late_sales = [1, 2]"]
    assert reasons(run) == [[ACCEPTED], [ASKED_FOR]]


@pytest.mark.parametrize("mode", ["ask", "suggest"])
def test_a_cell_of_the_users_that_waits_for_the_kernel_runs_as_the_mode_then_says(ask, kernel, mode):
    live, request = Switch("auto"), Request("add them", (Cell("0", "code", "late_sales = [1, 2]"),), "0")
    waits = []

    def busy() -> None:
        waits.append(1)
        live.mode = mode if len(waits) > 1 else live.mode

    run = ask([block("sum(late_sales)")], live=live, request=request, executor=Busy(kernel, busy), decide=skip)
    assert run.ending == ("gave_up", "unrun_cell")
    assert executed(run) == ["sum(late_sales)"]
    assert reasons(run) == ([[ACCEPTED]] if mode == "ask" else [])


def test_a_fix_that_waits_is_accepted_in_auto(notebook):
    live, cell_id = Switch("ask"), notebook.add(BUGGY)
    run = notebook.fix(cell_id, [said(FIXED)], "mean([1, 3]) is 2", live=live, decide=live.to("auto"))
    assert executed(run) == [FIXED]


def test_a_fix_that_waits_is_only_written_in_suggest(notebook):
    live, cell_id = Switch("ask"), notebook.add(BUGGY)
    run = notebook.fix(cell_id, [said(FIXED)], "mean([1, 3]) is 2", live=live, decide=live.to("suggest", then="run"))
    assert reasons(run) == [[ACCEPTED], [ONLY_WRITTEN]]
    assert run.ending == ("done", "fix_inserted")
    assert not executed(run)


@pytest.mark.parametrize(("mode", "asked"), [("ask", [[ACCEPTED]]), ("suggest", [[ONLY_WRITTEN]])])
def test_a_fix_that_waits_for_the_kernel_is_asked_about_as_the_mode_then_says(notebook, mode, asked):
    live, cell_id = Switch("auto"), notebook.add(BUGGY)
    notebook.kernel = Busy(notebook.kernel, lambda: setattr(live, "mode", mode))
    run = notebook.fix(cell_id, [said(FIXED)], "mean([1, 3]) is 2", live=live, decide=skip)
    assert reasons(run) == asked
    assert not executed(run)


@pytest.mark.parametrize("mode", ["ask", "suggest"])
def test_a_cell_that_waits_for_a_fix_does_not_run_in_a_mode_that_asks_first(notebook, mode):
    live, definition = Switch("auto"), notebook.add(BUGGY)
    failing = notebook.add("assert mean([1, 3]) == 2")
    run = notebook.fix(failing, [said(FIXED)], live=live, stop_at=live.after(mode, ExecutionFinished))
    assert run.ending == ("stopped", "waiting_unapproved")
    assert [event.cell_id for event in run.of(ExecutionStarted)] == [definition]


def test_a_cell_that_waits_for_an_accepted_fix_runs_with_it(notebook):
    live, definition = Switch("ask"), notebook.add(BUGGY)
    failing = notebook.add("assert mean([1, 3]) == 2")

    def accept(asked):
        return Decision("run", asked.source)

    run = notebook.fix(failing, [said(FIXED)], live=live, decide=accept)
    assert [event.cell_id for event in run.of(ExecutionStarted)] == [definition, failing]


def test_to_suggest_a_fix_is_not_checked_any_more(notebook):
    live, cell_id = Switch("auto"), notebook.add(BUGGY + "\nassert mean([1, 3]) == 2")
    fixed = FIXED + "\nassert mean([1, 3]) == 2"
    run = notebook.fix(cell_id, [said(fixed)], live=live, stop_at=live.after("suggest", ExecutionFinished))
    assert run.ending == ("done", "fixed_unchecked")


@pytest.mark.skipif(find_spec("squarify") is not None, reason="squarify is installed")
def test_from_auto_to_suggest_what_waits_to_install_stays_in_its_cell(ask):
    live = Switch("auto")
    run = ask([block("import squarify")], live=live, decide=live.to("suggest"))
    assert executed(run) == ["import squarify"]
    assert run.of(SourceFinished)[-1].source == "%pip install squarify\nimport squarify"
    assert run.ending == ("done", "inserted")
