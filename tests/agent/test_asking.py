"""What the three modes ask of the user before code runs, and what of the user's edits."""

from __future__ import annotations

import hashlib

import pytest

from jupyter_oci.agent.approval import ASKED_FOR, EDITED
from jupyter_oci.events import (
    ApprovalRequested,
    ApprovalResolved,
    CellOpened,
    Decision,
    ExecutionStarted,
    FeedbackGiven,
    SourceFinished,
)

from .driving import Busy, block


def test_suggest_inserts_and_never_runs(ask):
    run = ask([block("print(1)")], mode="suggest")
    assert run.ending == ("done", "inserted")
    assert run.of(SourceFinished)
    assert not run.of(ExecutionStarted)
    assert not run.of(ApprovalRequested)


def test_ask_runs_exactly_what_was_approved_and_tells_the_model_of_it(ask):
    run = ask([block("print('mine')"), "Done."], mode="ask", decide=lambda request: Decision("run", "print('yours')"))
    [asked], [resolved] = run.of(ApprovalRequested), run.of(ApprovalResolved)
    assert asked.approval_id == resolved.approval_id
    assert asked.sha256 == hashlib.sha256(asked.source.encode()).hexdigest()
    assert asked.reasons
    assert [event.source for event in run.of(ExecutionStarted)] == ["print('yours')"]
    told = run.of(FeedbackGiven)[0].text
    assert "yours" in told
    assert "\nThe user changed your code before it ran" in told


def test_the_model_is_told_of_no_change_where_its_code_ran(ask):
    run = ask([block("print('mine')"), "Done."], mode="ask", decide=lambda asked: Decision("run", asked.source))
    assert "changed" not in run.of(FeedbackGiven)[0].text


def test_a_revision_starts_from_the_code_that_the_user_approved(ask):
    edited = "value = 1\nvalue.nothing"
    replies = [block("value = 1"), block(edited), block("value = 1\nvalue")]
    run = ask(replies, mode="ask", decide=lambda asked: Decision("run", edited if len(asked.source) < 10 else asked.source))
    assert [event.source for event in run.of(ExecutionStarted)] == [edited]
    assert run.ending == ("gave_up", "repeated_failure")


def test_skip_ends_the_run_and_runs_nothing(ask):
    run = ask([block("print(1)")], mode="ask", decide=lambda request: Decision("skip", request.source))
    assert run.ending == ("done", "declined")
    assert not run.of(ExecutionStarted)


def test_a_cell_that_the_user_ran_ends_the_run_and_is_not_run_again(ask):
    run = ask([block("print(1)")], mode="ask", decide=lambda request: Decision("ran", request.source))
    assert run.ending == ("done", "ran")
    assert not run.of(ExecutionStarted)


def test_auto_asks_before_an_effect_and_says_which(ask):
    run = ask([block("!pip install pandsa")], decide=lambda request: Decision("skip", request.source))
    assert run.ending == ("done", "declined")
    assert any("pandsa" in reason for reason in run.of(ApprovalRequested)[0].reasons)


def test_auto_asks_when_the_user_changed_the_cell(ask):
    edits: dict[str, str] = {}

    def user_types(event) -> bool:
        if isinstance(event, SourceFinished):
            edits[event.cell_id] = "print('the user was here')"
        return False

    def keep_mine(request) -> Decision:
        return Decision("run", edits[request.cell_id])

    run = ask([block("print('agent')"), "Done."], edits=edits, stop_at=user_types, decide=keep_mine)
    assert len(run.of(ApprovalRequested)) == 1
    assert [event.source for event in run.of(ExecutionStarted)] == ["print('the user was here')"]


def test_auto_does_not_ask_about_what_the_user_typed_and_took_back(ask):
    edits: dict[str, str] = {}

    def back_to_what_ran(event) -> bool:
        if isinstance(event, ExecutionStarted):
            edits[event.cell_id] = event.source
        return False

    def skip(asked):
        return Decision("skip", asked.source)

    run = ask([block("1 / 0"), block("print(1)"), "One."], edits=edits, stop_at=back_to_what_ran, decide=skip)
    assert not run.of(ApprovalRequested)
    assert [event.source for event in run.of(ExecutionStarted)] == ["1 / 0", "print(1)"]


@pytest.mark.parametrize(("mode", "asked"), [("auto", [[EDITED]]), ("ask", [[ASKED_FOR], [ASKED_FOR, EDITED]])])
def test_what_the_user_writes_while_the_run_waits_for_the_kernel_is_asked_about(ask, shared_kernel, mode, asked):
    edits: dict[str, str] = {}
    executor = Busy(shared_kernel, lambda: edits.update(dict.fromkeys(opened, "print('the user')")))
    opened: list[str] = []

    def note(event):
        opened.extend([event.cell_id] if isinstance(event, CellOpened) else [])
        return False

    def decide(request):
        return Decision("run", edits.get(request.cell_id, request.source))

    run = ask([block("print('agent')"), "Done."], mode=mode, edits=edits, executor=executor, decide=decide, stop_at=note)
    assert [list(event.reasons) for event in run.of(ApprovalRequested)] == asked
    assert [event.source for event in run.of(ExecutionStarted)] == ["print('the user')"]
