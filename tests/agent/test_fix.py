"""A fix from its request to its end, with a real kernel and scripted replies."""

from __future__ import annotations

import hashlib
from dataclasses import replace

import pytest

from jupyter_oci.agent.approval import ACCEPTED
from jupyter_oci.agent.fix import fix
from jupyter_oci.config import AgentConfig
from jupyter_oci.events import (
    ApprovalRequested,
    ApprovalResolved,
    CellOpened,
    Decision,
    ExecutionFinished,
    ExecutionStarted,
    FeedbackGiven,
    FixProposed,
    KernelOutput,
    RoundStarted,
    RunStarted,
    SourceFinished,
    StatusChanged,
)
from jupyter_oci.model.scripted import ScriptedModel
from jupyter_oci.request import Cell, Request

from .driving import Busy
from .fixing import BUGGY, FIXED, run_it, said


def test_an_accepted_fix_is_written_and_run_and_what_the_user_expects_is_checked(notebook):
    cell_id = notebook.add(BUGGY)
    run = notebook.fix(
        cell_id, [said(FIXED.replace("    # add up\n", ""))], "mean([1, 3]) should be 2", mode="ask", decide=run_it
    )
    assert run.ending == ("done", "fixed")
    [started], [proposed] = run.of(RunStarted), run.of(FixProposed)
    assert (started.intent, started.target_cell_id) == ("fix", cell_id)
    assert (proposed.cell_id, proposed.base, proposed.source) == (cell_id, BUGGY, FIXED)
    assert proposed.base_sha256 == hashlib.sha256(BUGGY.encode()).hexdigest()
    assert proposed.summary == "It is not divided."
    assert (proposed.check, proposed.check_origin) == ("assert mean([1, 3]) == 2", "user")
    kinds = [type(event) for event in run.events if not isinstance(event, StatusChanged)]
    after = kinds[kinds.index(FixProposed) :]
    assert after[:5] == [FixProposed, ApprovalRequested, ApprovalResolved, CellOpened, SourceFinished]
    [opened], [executed] = run.of(CellOpened), run.of(ExecutionStarted)
    assert opened.revises
    assert (executed.cell_id, executed.source) == (cell_id, FIXED)


def test_what_a_model_says_of_another_cell_is_not_said_of_this_one(notebook):
    echo = "Each price should replace the total and is not added to it."
    run = notebook.fix(notebook.add(BUGGY), [said(FIXED, echo)], "mean([1, 3]) should be 2")
    assert run.of(FixProposed)[0].summary == "The marked lines are changed."


def test_the_list_of_variables_is_no_code(notebook):
    notebook.add("scale = 3")
    failing = notebook.add("print(scale / zero)")
    first, then = (f"scale: int 3\nprint(scale / {divisor})" for divisor in ("zero", 1))
    run = notebook.fix(failing, {"in another way": [said(then)], "": [said(first)]})
    assert [event.source for event in run.of(FixProposed)] == ["print(scale / 1)"]


def test_in_auto_mode_nobody_is_asked_and_in_suggest_mode_nothing_runs(notebook):
    cell_id = notebook.add(BUGGY)
    auto = notebook.fix(cell_id, [said(FIXED)], "mean([1, 3]) should be 2")
    assert auto.ending == ("done", "fixed")
    assert not auto.of(ApprovalRequested)
    suggest = notebook.fix(cell_id, [said(FIXED)], "mean([1, 3]) should be 2", mode="suggest", decide=run_it)
    assert suggest.ending == ("done", "fix_inserted")
    assert suggest.of(SourceFinished)[0].source == FIXED
    assert not suggest.of(ExecutionStarted)


def test_a_fix_with_effects_asks_even_in_auto_mode(notebook):
    cell_id = notebook.add("import os\nos.remove('never-there') or 1/0")
    run = notebook.fix(cell_id, [said("import os\nos.remove('never-there')")], decide=lambda _: Decision("skip", ""))
    assert run.of(ApprovalRequested)[0].reasons == ("It deletes or moves files.",)


def test_a_rejected_fix_touches_nothing(notebook):
    cell_id = notebook.add(BUGGY)
    run = notebook.fix(cell_id, [said(FIXED)], "expected 2", mode="ask", decide=lambda asked: Decision("skip", asked.source))
    assert run.ending == ("done", "rejected")
    assert not run.of(CellOpened)
    assert not run.of(ExecutionStarted)


def test_another_fix_is_none_of_those_before(notebook):
    cell_id = notebook.add(BUGGY)
    other = FIXED.replace("sum(xs) / len(xs)", "float(sum(xs)) / len(xs)")
    answers = iter(["another", "run"])
    replies = {"in another way": [said(other)], "": [said(FIXED)]}
    decide = lambda asked: Decision(next(answers), asked.source)  # noqa: E731
    run = notebook.fix(cell_id, replies, "mean([1, 3]) should be 2", mode="ask", decide=decide)
    assert [event.source for event in run.of(FixProposed)] == [FIXED, other]
    assert run.of(ApprovalResolved)[0].decision == "another"
    assert run.ending == ("done", "fixed")
    assert [event.source for event in run.of(ExecutionStarted)] == [other]


def test_another_fix_is_as_the_user_says(notebook):
    cell_id = notebook.add(BUGGY)
    mine = FIXED.replace("# short", "# mine")
    other = FIXED.replace("sum(xs) / len(xs)", "fsum(xs) / len(xs)").replace("def", "from math import fsum\ndef")
    answers = iter([Decision("another", mine, "use fsum"), None])
    decide = lambda asked: next(answers) or Decision("run", asked.source)  # noqa: E731
    replies = {"use fsum": [said(other)], "": [said(FIXED)]}
    run = notebook.fix(cell_id, replies, "mean([1, 3]) should be 2", mode="ask", decide=decide)
    assert [event.source for event in run.of(FixProposed)] == [FIXED, other]
    [told] = run.of(FeedbackGiven)
    assert told.text.endswith("# Request\nuse fsum")
    assert "edited your code" in told.text
    assert run.ending == ("done", "fixed")


def test_what_the_user_adds_must_hold_too(notebook):
    cell_id = notebook.add(BUGGY)
    wanted = FIXED.replace("    return", "    if not xs:\n        return 0\n    return")
    answers = iter([Decision("another", FIXED, "mean([]) should be 0"), None])
    decide = lambda asked: next(answers) or Decision("run", asked.source)  # noqa: E731
    replies = {"mean([])": [said(wanted)], "": [said(FIXED)]}
    run = notebook.fix(cell_id, replies, "mean([1, 3]) should be 2", mode="ask", decide=decide)
    assert run.of(FixProposed)[-1].source == wanted
    assert "mean([]) == 0" in run.of(FixProposed)[-1].check
    assert "mean([1, 3]) == 2" in run.of(FixProposed)[-1].check
    assert run.ending == ("done", "fixed")


def test_a_model_without_another_idea_says_so(notebook):
    cell_id = notebook.add(BUGGY)
    run = notebook.fix(cell_id, [said(FIXED)], "expected 2", mode="ask", decide=lambda asked: Decision("another", ""))
    assert run.ending == ("gave_up", "no_fix")
    assert len(run.of(FixProposed)) == 1


def test_what_the_user_made_of_the_proposal_runs(notebook):
    cell_id = notebook.add(BUGGY)
    mine = FIXED + "\n# mine"
    run = notebook.fix(cell_id, [said(FIXED)], "mean([1, 3]) should be 2", mode="ask", decide=lambda _: Decision("run", mine))
    assert run.of(SourceFinished)[0].source == run.of(ExecutionStarted)[0].source == mine


@pytest.mark.parametrize(("mode", "told"), [("auto", "`shown` is 3, expected 2"), ("ask", "its result is wrong")])
def test_before_the_first_proposal_the_check_runs_in_the_kernel_in_auto_mode_alone(notebook, mode, told):
    cell_id = notebook.add("import pathlib\nshown = 3  # expected: 2")
    fixed = said("import pathlib\nshown = 2  # expected: 2")
    run = notebook.fix(cell_id, {told: [fixed], "": ["no"]}, mode=mode, decide=run_it)
    assert run.ending == ("done", "fixed")


def test_a_check_that_fails_is_told_with_both_values_and_the_next_fix_follows(notebook):
    notebook.add("import pathlib")  # what can reach files is not tried apart
    buggy, wrong, fixed = (source + "\nhere = pathlib.Path()" for source in (BUGGY, BUGGY.replace("sum", "max"), FIXED))
    cell_id = notebook.add(buggy)
    run = notebook.fix(cell_id, [said(wrong), said(fixed)], "mean([1, 3]) should be 2")
    assert run.ending == ("done", "fixed")
    assert [event.source for event in run.of(FixProposed)] == [wrong, fixed]
    assert [event.base for event in run.of(FixProposed)] == [buggy, wrong]
    told = run.of(FeedbackGiven)[0].text
    assert told.startswith("Execution result:")
    assert "`mean([1, 3])` is 3, expected 2" in told


def test_a_check_leaves_no_trace(notebook):
    cell_id = notebook.add(BUGGY + "\nprint('kept', mean([1, 3]))  # expected: 2")
    run = notebook.fix(cell_id, [said(FIXED + "\nprint('kept', mean([1, 3]))")], "mean([1, 3]) should be 2")
    assert run.ending == ("done", "fixed")
    [finished] = run.of(ExecutionFinished)
    printed = [event.message["content"].get("text", "") for event in run.of(KernelOutput)]
    assert printed == ["kept 2.0\n"]
    notebook.add("len(In), [name for name in globals() if 'check' in name or name == 'space']")
    counted = notebook.cells[-1].outputs[0]["data"]["text/plain"]
    assert counted == f"({finished.execution_count + 2}, [])"


def test_a_check_that_held_before_does_not_say_that_the_fix_works(notebook):
    cell_id = notebook.add(BUGGY)
    notebook.add("assert mean([0, 0]) == 0")
    outcome = fix(ScriptedModel([said(FIXED)]), notebook.kernel, AgentConfig(mode="auto"), notebook.cells, cell_id)
    assert (outcome.end.reason, outcome.worked) == ("held_before", False)
    assert "as it did before" in outcome.end.message


def test_asserts_in_other_cells_and_doctests_are_the_checks(notebook):
    documented = BUGGY.replace("    # add up", '    """\n    >>> mean([2, 4])\n    3.0\n    """')
    cell_id = notebook.add(documented)
    notebook.add("assert mean([1, 3]) == 2")
    notebook.add("assert unknown == 1", run=False)
    run = notebook.fix(cell_id, [said(documented.replace("sum(xs)", "sum(xs) / len(xs)"))])
    assert run.ending == ("done", "fixed")
    assert run.of(FixProposed)[0].check.splitlines() == [
        "assert mean([1, 3]) == 2",
        "import doctest",
        "doctest.run_docstring_examples(mean, globals(), name='mean')",
    ]


def test_after_the_last_try_the_end_says_what_does_not_hold(notebook):
    cell_id = notebook.add(BUGGY)
    tries = [said(BUGGY.replace("sum(xs)", f"sum(xs) + {number}")) for number in (1, 2)]
    run = notebook.fix(cell_id, tries, "mean([1, 3]) should be 2", max_rounds=2)
    assert run.ending == ("gave_up", "none_holds")
    assert not run.of(FixProposed)
    assert "`mean([1, 3])` is 6" in run.end.message


def test_a_wrong_result_without_a_check_gets_one_of_the_agents_own(notebook):
    cell_id = notebook.add(BUGGY)
    replies = {"assert statements": ["```python\nassert mean([1, 3]) == 2\n```"], "": [said(FIXED)]}
    run = notebook.fix(cell_id, replies)
    assert run.ending == ("done", "fixed_own_check")
    assert (run.of(FixProposed)[0].check, run.of(FixProposed)[0].check_origin) == ("assert mean([1, 3]) == 2", "agent")


def test_a_fix_of_an_error_without_a_check_does_not_claim_to_be_right(notebook):
    cell_id = notebook.add("values = [1, 2]\nvalues[2]")
    run = notebook.fix(cell_id, [said("values = [1, 2]\nvalues[1]")])
    assert run.ending == ("done", "fixed_unchecked")
    assert (run.of(FixProposed)[0].check, run.of(FixProposed)[0].check_origin) == ("", "")


def test_a_fix_that_fails_is_revised_from_what_the_user_wrote(notebook):
    notebook.add("import pathlib")  # what may reach files is not tried apart
    cell_id = notebook.add("x = pathlib.Path(1)  # one\ny = 2  # two")
    run = notebook.fix(cell_id, [said("x = pathlib.Path(undefined)\ny = 2"), said("x = pathlib.Path()\ny = 2")])
    assert run.ending == ("done", "fixed_unchecked")
    proposed = [event.source for event in run.of(FixProposed)]
    assert proposed == ["x = pathlib.Path(undefined)  # one\ny = 2  # two", "x = pathlib.Path()  # one\ny = 2  # two"]
    told = run.of(FeedbackGiven)[0].text
    assert "NameError" in told
    assert "There is no `undefined`: define it first." in told


def test_a_cell_that_was_changed_meanwhile_is_not_touched(notebook):
    cell_id = notebook.add(BUGGY)
    edits: dict[str, str] = {}

    def change(asked: ApprovalRequested) -> Decision:
        edits[cell_id] = "something = 'else'"
        return Decision("run", asked.source)

    run = notebook.fix(cell_id, [said(FIXED)], "expected 2", mode="ask", decide=change, edits=edits)
    assert run.ending == ("stopped", "cell_changed")
    assert not run.of(CellOpened)
    before = notebook.fix(cell_id, [said(FIXED)], "expected 2", edits={cell_id: "something = 'else'"})
    assert before.ending == ("stopped", "cell_changed")
    assert not before.of(FixProposed)


def test_a_cell_that_is_changed_while_the_fix_waits_for_the_kernel_is_not_touched(notebook):
    cell_id = notebook.add(BUGGY)
    edits: dict[str, str] = {}
    notebook.kernel = Busy(notebook.kernel, lambda: edits.update({cell_id: "something = 'else'"}))
    run = notebook.fix(cell_id, [said(FIXED)], "expected 2", edits=edits)
    assert run.ending == ("stopped", "cell_changed")
    assert not run.of(CellOpened)


@pytest.mark.parametrize(
    ("moment", "end"),
    [
        (RoundStarted, ("done", "fixed_unchecked")),  # typed and taken back while the model writes
        (ApprovalRequested, ("done", "fixed_unchecked")),
        (ExecutionFinished, ("stopped", "cell_changed")),  # the first fix was undone
    ],
)
def test_what_the_user_typed_and_took_back_is_no_edit(notebook, moment, end):
    notebook.add("import pathlib")  # what may reach files is not tried apart
    base = "x = pathlib.Path(1)"
    cell_id = notebook.add(base)
    edits: dict[str, str] = {}
    moments = iter([cell_id])

    def back_to_base(event) -> bool:
        if isinstance(event, moment):
            edits.update(dict.fromkeys([*moments], base))
        return False

    replies = [said("x = pathlib.Path(undefined)"), said("x = pathlib.Path()")]
    run = notebook.fix(cell_id, replies, mode="ask", decide=run_it, edits=edits, stop_at=back_to_base)
    assert run.ending == end
    assert {event.reasons for event in run.of(ApprovalRequested)} == {(ACCEPTED,)}


@pytest.mark.parametrize(
    "reply",
    [
        "It looks right to me.",
        said(BUGGY),
        said(BUGGY + "  # now"),
        said("def mean(:"),
        said("def check(f):\n    f(2)"),
        "```python\nx = ",
    ],
)
def test_a_reply_that_changes_nothing_is_no_fix(notebook, reply):
    run = notebook.fix(notebook.add(BUGGY), [reply], "expected 2")
    assert run.ending == ("gave_up", "no_fix")
    assert not run.of(FixProposed)


def test_a_stop_while_the_check_runs_reaches_the_kernel(notebook):
    cell_id = notebook.add("def wait(seconds):\n    return None")
    slow = "def wait(seconds):\n    import time\n    time.sleep(seconds)\n    return 1"
    checking = lambda event: isinstance(event, StatusChanged) and event.detail == "Checking the result"  # noqa: E731
    run = notebook.fix(cell_id, [said(slow)], "wait(600) should be 1", stop_at=checking)
    assert run.ending == ("stopped", "stopped")
    notebook.add("1 + 1")
    assert notebook.cells[-1].outputs[0]["data"]["text/plain"] == "2"


@pytest.mark.parametrize("cells", [(), (Cell("gone", "markdown", "# Title"),)])
def test_only_a_code_cell_that_is_there_can_be_fixed(ask, cells):
    request = Request("", cells, intent="fix", target_cell_id="gone")
    assert ask([], request=request).ending == ("failed", "no_cell")


def test_a_cell_can_be_fixed_from_a_program(notebook):
    cell_id = notebook.add(BUGGY)
    notebook.add("assert mean([1, 3]) == 2")
    outcome = fix(ScriptedModel([said(FIXED)]), notebook.kernel, AgentConfig(mode="auto"), notebook.cells, cell_id)
    assert outcome.worked
    assert [proposal.source for proposal in outcome.proposals] == [FIXED]


ASKS = "age = input('Your age? ')\nprint('Next year:', age + 1)"
ASKS_RIGHTLY = "age = int(input('Your age? '))\nprint('Next year:', age + 1)"


@pytest.mark.parametrize("mode", ["ask", "auto"])
def test_a_fix_that_asks_for_input_stays_and_is_for_the_user_to_run(notebook, mode):
    cell_id = notebook.add(ASKS, run=False)
    failed = (
        {"output_type": "error", "ename": "TypeError", "evalue": 'can only concatenate str (not "int") to str', "traceback": []},
    )
    notebook.cells[-1] = replace(notebook.cells[-1], execution_count=1, outputs=failed)
    run = notebook.fix(cell_id, [said(ASKS_RIGHTLY), said("age = 20")], mode=mode, decide=run_it)
    assert run.ending == ("done", "asks_input")
    assert run.of(SourceFinished)[-1].source == ASKS_RIGHTLY


def test_a_cell_that_failed_only_as_nobody_gave_it_input_needs_no_fix(notebook):
    run = notebook.fix(notebook.add("age = input('Your age? ')"), [said("age = 20")], decide=run_it)
    assert run.ending == ("done", "asks_input")
    assert not run.of(FixProposed)


def test_a_fix_runs_no_other_cell_that_asks_for_input(notebook):
    notebook.add("age = input('Your age? ')", run=False)
    run = notebook.fix(notebook.add("print(age)"), decide=run_it)
    assert run.ending == ("gave_up", "asking_cell")
    assert not run.of(ExecutionStarted)
