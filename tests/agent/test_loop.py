from __future__ import annotations

import hashlib

import pytest

from jupyter_oci.agent.loop import Agent
from jupyter_oci.config import AgentConfig
from jupyter_oci.errors import WorkerDied
from jupyter_oci.events import (
    ApprovalRequested,
    CellOpened,
    Decision,
    ExecutionFinished,
    ExecutionStarted,
    FeedbackGiven,
    KernelOutput,
    ReplyFinished,
    RoundStarted,
    SourceDelta,
    SourceFinished,
    TextDelta,
)
from jupyter_oci.model.scripted import ScriptedModel
from jupyter_oci.request import Cell, Request

from .driving import block, drive


def test_an_answer_without_code_ends_the_run(ask):
    run = ask(["A tuple cannot be changed."], request=Request("What is a tuple?"))
    assert run.ending == ("done", "answered")
    assert run.end.rounds == 1
    assert "".join(event.text for event in run.of(TextDelta)) == "A tuple cannot be changed."
    assert not run.of(CellOpened)


def test_code_is_written_run_and_its_result_answered(ask):
    run = ask([block("print(6 * 7)", "Let me see."), "It is 42."])
    assert run.ending == ("done", "answered")
    [opened], [finished] = run.of(CellOpened), run.of(SourceFinished)
    assert "".join(event.text for event in run.of(SourceDelta)) == finished.source == "print(6 * 7)"
    assert finished.sha256 == hashlib.sha256(b"print(6 * 7)").hexdigest()
    assert opened.cell_id == finished.cell_id == run.of(ExecutionStarted)[0].cell_id
    [feedback] = run.of(FeedbackGiven)
    assert feedback.text.startswith("Execution result:\n```\n42\n```\n")


def test_the_reply_ends_at_the_first_block(ask):
    run = ask([block("1 + 1", after="The result is 3, of course.\n```python\nraise SystemExit\n```"), "It is 2."])
    assert run.of(ReplyFinished)[0].stop_reason == "enough"
    assert [event.source for event in run.of(ExecutionStarted)] == ["1 + 1"]
    assert "of course" not in "".join(event.text for event in run.of(TextDelta))


def test_new_cells_go_below_the_active_cell_and_then_below_each_other(ask):
    run = ask([block("a = 1"), block("b = a + 1"), "Done."], request=Request("x", active_cell_id="here"))
    first, second = run.of(CellOpened)
    assert (first.after_cell_id, second.after_cell_id) == ("here", first.cell_id)
    assert first.cell_id != second.cell_id
    assert not first.revises
    assert not second.revises


def test_a_failing_cell_is_revised_in_place_and_the_result_is_answered(ask):
    run = ask([block("few = [1, 2]\nfew[5]"), block("few = [1, 2]\nfew[1]"), "It is 2."])
    assert run.ending == ("done", "answered")
    first, second = run.of(CellOpened)
    assert second.cell_id == first.cell_id
    assert second.revises
    rounds = [(event.round, event.attempt, event.revises) for event in run.of(RoundStarted)]
    assert rounds == [(1, 1, None), (2, 2, first.cell_id), (3, 1, None)]
    assert "----> 2 few[5]\nIndexError: list index out of range" in run.of(FeedbackGiven)[0].text
    assert "Line 2 failed: `few[5]`" in run.of(FeedbackGiven)[0].text


def test_a_repeat_after_success_ends_the_run_without_a_second_cell_or_run(ask):
    run = ask([block("n = 1\nn"), block("n = 1\nn\n", "Here it is again:")])
    assert run.ending == ("done", "same_code")
    assert len(run.of(CellOpened)) == len(run.of(ExecutionStarted)) == len(run.of(SourceFinished)) == 1


@pytest.mark.parametrize(
    ("prompt", "told"),
    [
        ("Write a function that finds the mean", "If the request asks for more than `mean`"),
        ("What is the mean of the prices?", "The user sees nothing yet"),
        ("Get ready", "If the request asks for more, write"),
    ],
)
def test_a_cell_that_only_defines_is_not_expected_to_show_something_where_a_definition_was_asked_for(ask, prompt, told):
    run = ask([block("def mean(x):\n    return sum(x) / len(x)"), "It is defined."], request=Request(prompt))
    assert run.ending == ("done", "answered")
    assert told in run.of(FeedbackGiven)[0].text


def test_code_that_goes_on_from_a_repeat_is_written_whole(ask):
    run = ask([block("n = 1"), block("n = 1\nprint(n)"), "One."])
    second = run.of(CellOpened)[1].cell_id
    assert "".join(event.text for event in run.of(SourceDelta) if event.cell_id == second) == "n = 1\nprint(n)"


def test_code_that_is_only_the_beginning_of_earlier_code_is_written_too(ask):
    run = ask([block("n = 1\nprint(n)"), block("n = 1"), "One."])
    assert run.of(SourceFinished)[1].source == "n = 1"
    assert run.of(SourceDelta)[-1].text == "n = 1"


def test_a_repeat_of_failing_code_is_sampled_once_more_then_given_up(ask):
    run = ask([block("1 / 0")])
    assert run.ending == ("gave_up", "repeated_failure")
    assert len(run.of(ExecutionStarted)) == 1
    assert len(run.of(ReplyFinished)) == 3
    assert len(run.of(RoundStarted)) == 2


def test_the_same_error_twice_ends_the_run(ask):
    run = ask([block("a = 1\na / 0"), block("a = 2\na / 0"), block("a = 3\na / 0")])
    assert run.ending == ("gave_up", "same_error")
    assert len(run.of(ExecutionStarted)) == 2


def test_a_run_that_ends_for_want_of_a_package_says_which(ask):
    run = ask([block("import sklearn_absent_here")])
    assert run.ending == ("gave_up", "lacks_package")
    assert "`sklearn_absent_here` is not installed in this kernel" in run.end.message
    unimported = [block("import cv2_absent\ncv2_absent.show()"), block("cv2_absent.show()"), block("import cv2_absent")]
    assert ask(unimported).ending == ("gave_up", "lacks_package")
    two = [block("import skimage_absent"), block("import cv2_absent"), block("import cv2_absent")]
    assert ask(two).ending == ("gave_up", "repeated_failure")


@pytest.mark.parametrize("tries", [1, 2, 4])
def test_a_cell_is_tried_no_more_than_max_rounds_times(ask, tries):
    run = ask([block(f"raise ValueError({n})") for n in range(9)], max_rounds=tries)
    assert run.ending == ("gave_up", "round_limit")
    assert len(run.of(ExecutionStarted)) == tries
    assert f"{tries} tries" in run.end.message


def test_no_more_than_max_cells_are_opened_and_the_model_may_still_answer(ask):
    limited = ask([block(f"v = {n}") for n in range(9)], max_cells=2)
    assert limited.ending == ("gave_up", "cell_limit")
    assert len(limited.of(CellOpened)) == 2
    assert ask([block("v = 1"), block("v = 2"), "Two."], max_cells=2).ending == ("done", "answered")


def test_an_error_that_is_only_explained_is_given_up(ask):
    assert ask([block("1 / 0"), "One cannot divide by zero."]).ending == ("gave_up", "no_revision")


def test_a_cut_reply_is_never_run(ask):
    from jupyter_oci.config import SamplingParams

    run = ask([block("print('a')\nprint('bbbbbbbbbbbbbbbbbbbb')")], sampling=SamplingParams(max_tokens=9))
    assert run.ending == ("gave_up", "cut")
    assert not run.of(ExecutionStarted)


def test_an_unclosed_block_that_ended_by_itself_is_run(ask):
    run = ask(["```python\nprint(5)", "Five."])
    assert run.ending == ("done", "answered")
    assert run.of(ExecutionStarted)[0].source == "print(5)"


@pytest.mark.parametrize("period", ["x = x + 1\n", "0, ", "# " + "=" * 70 + "\nfirst(1)\nsecond(2)\n" * 9])
def test_endless_repetition_is_stopped_and_never_run(ask, period):
    run = ask(["```python\nx = 1\n" + period * 4000])
    assert run.ending == ("gave_up", "endless")
    assert not run.of(ExecutionStarted)
    assert run.of(ReplyFinished)[0].completion_tokens < 200 + 2 * len(period) / 4 + 200


def test_endless_prose_is_no_answer(ask):
    assert ask(["The mean is the mean of the mean. " * 400]).ending == ("gave_up", "endless")


def test_a_reply_that_was_cut_or_endless_is_asked_for_once_more_and_written_over(ask):
    run = ask(["```python\n" + "x = 1\n" * 2000, block("x = 2\nx"), "Two."])
    # The script's reply goes by the number of replies in the prompt, and the useless one is not kept there.
    assert run.ending == ("gave_up", "endless")
    first, second = run.of(CellOpened)
    assert (first.cell_id, first.revises, second.revises) == (second.cell_id, False, True)
    assert len(run.of(ReplyFinished)) == 2


def test_a_made_up_result_is_not_shown(ask):
    run = ask([block("print(6)"), "It is 6.\nExecution result:\n```\n7\n```\n" + block("print(8)")])
    assert run.ending == ("done", "answered")
    assert "".join(event.text for event in run.of(TextDelta)).strip() == "It is 6."
    assert len(run.of(ExecutionStarted)) == 1


def test_an_answer_that_is_nothing_but_a_made_up_result_is_none(ask):
    assert ask(["Execution result:\n7"]).ending == ("gave_up", "no_answer")
    assert ask([block("print(6)"), "Execution result:\n7"]).ending == ("done", "same_code")


def test_a_sentence_with_a_number_that_no_result_shows_is_asked_for_again_then_left_out(ask):
    run = ask([block("print(430)"), "North has 430. South has 77."])
    assert run.ending == ("done", "unfounded")
    assert "77" not in "".join(event.text for event in run.of(TextDelta))
    assert len(run.of(ReplyFinished)) == 3


@pytest.mark.parametrize(
    ("second", "said"),
    [
        ("It is 12345.", "It is 12345."),
        ("It is 12345. It is odd.", "It is 12345. \n\nIt is odd."),
        ("The result is 12345.", "It is 12345. \n\nThe result is 12345."),
    ],
)
def test_what_stood_before_a_sentence_that_was_left_out_is_not_said_twice(shared_kernel, second, said):
    class AskedAgain(ScriptedModel):
        def generate(self, messages, *rest):
            again = "No result shows 77" in messages[-1].content
            return (ScriptedModel([second]) if again else super()).generate(messages, *rest)

    model = AskedAgain([block("print(12345)"), "It is 12345. That is 77 percent."])
    run = drive(Agent(model, shared_kernel, AgentConfig(mode="auto"), {}), Request("do it"))
    assert run.ending == ("done", "answered")
    assert "".join(event.text for event in run.of(TextDelta)).strip() == said


def test_a_name_of_the_data_that_nothing_showed_is_asked_for_again_then_left_out(ask, shared_kernel):
    for _ in shared_kernel.execute(
        "a", "import pandas as pd\nouts = pd.DataFrame({'kind': ['Office', 'Food'], 'paid': ['5', '96 USD']})"
    ):
        pass
    run = ask([block("print('96 USD')"), "It is 96. Office has it."], request=Request("Which kind has most paid?"))
    assert run.ending == ("done", "unfounded")
    assert "Office" not in "".join(event.text for event in run.of(TextDelta))
    assert len(run.of(ReplyFinished)) == 3


def test_numbers_of_the_request_and_the_code_may_be_named(ask):
    replies = [block("print(sum(range(101)))"), "Of the numbers below 101 the sum is 5050, not 4999."]
    assert ask(replies, request=Request("Is it 4999?")).ending == ("done", "answered")


def test_the_users_data_is_not_written_out_anew_without_asking(ask):
    ask([block("prices = [10, 20, 30]"), "Set."])
    run = ask([block("prices = [1, 2]\nprint(prices)")], decide=lambda asked: Decision("skip", asked.source))
    assert run.ending == ("done", "declined")
    assert len(run.of(ReplyFinished)) == 2
    assert any("your variable prices" in reason for reason in run.of(ApprovalRequested)[0].reasons)


def test_the_model_is_told_of_values_that_were_dropped(ask):
    run = ask([block("pair = [1, 2]\nlen(pair)\nsum(pair)"), "The sum is 3."])
    assert "`len(pair)`" in run.of(FeedbackGiven)[0].text


def test_an_output_that_is_written_once_more_as_code_ends_the_run_without_a_cell(ask):
    run = ask([block("print('   id  x\\n0   2  6')"), block("   id  x\n0   2  6")])
    assert run.ending == ("done", "same_code")
    assert len(run.of(CellOpened)) == 1


def test_silent_code_is_asked_to_show_what_the_request_asks_to_see(ask):
    asked = ask([block("silent = 2"), "Set."], request=Request("How much is it?"))
    told = ask([block("silent = 3"), "Set."], request=Request("Set it to three."))
    assert "The user sees nothing yet" in asked.of(FeedbackGiven)[0].text
    assert "The user sees nothing yet" not in told.of(FeedbackGiven)[0].text


@pytest.mark.parametrize("moment", [RoundStarted, TextDelta, SourceDelta, ExecutionStarted, FeedbackGiven])
def test_stop_at_any_moment_ends_the_run_as_stopped(ask, moment):
    run = ask([block("print(1)", "First this."), "One."], stop_at=lambda event: isinstance(event, moment))
    assert run.ending == ("stopped", "stopped")
    assert run.end.rounds == 1


def test_stop_while_waiting_for_an_approval(ask):
    run = ask([block("print(1)")], mode="ask", stop_at=lambda event: isinstance(event, ApprovalRequested))
    assert run.ending == ("stopped", "stopped")


def test_stop_interrupts_the_running_code_and_leaves_the_kernel_usable(ask):
    run = ask(
        [block("import time\nprint('on', flush=True)\ntime.sleep(60)")],
        stop_at=lambda event: isinstance(event, KernelOutput) and event.message["msg_type"] == "stream",
    )
    assert run.ending == ("stopped", "stopped")
    assert run.of(ExecutionFinished)[0].status == "interrupted"
    assert ask([block("print('alive')"), "Yes."]).ending == ("done", "answered")


def test_closing_the_run_ends_it_without_another_event(shared_kernel):
    steps = Agent(ScriptedModel(["hello"]), shared_kernel, AgentConfig()).run(Request("x"))
    next(steps)
    steps.close()
    assert list(steps) == []


def test_a_dead_model_fails_the_run_with_its_own_words(ask):
    run = ask([WorkerDied("The model process ended: ask again.")])
    assert run.ending == ("failed", "worker_died")
    assert run.end.message == "The model process ended: ask again."


def test_nothing_runs_after_exit(kernel):
    # exit() is a reason to ask, also in auto; the user agrees.
    model = ScriptedModel([block("exit()"), block("print('in an empty kernel')"), "Done."])
    agent = Agent(model, kernel, AgentConfig(mode="auto"))
    run = drive(agent, Request("x"), decide=lambda request: Decision("run", request.source))
    assert run.end.status == "failed"
    assert run.end.reason in ("kernel_died", "kernel_restarted")
    assert not any("empty kernel" in str(event) for event in run.of(KernelOutput))


def test_a_kernel_that_dies_fails_the_run(kernel):
    model = ScriptedModel([block("import os\nos._exit(1)"), block("print(1)")])
    agent = Agent(model, kernel, AgentConfig(mode="auto"))
    run = drive(agent, Request("x"), decide=lambda request: Decision("run", request.source))
    assert run.end.status == "failed"
    assert run.end.message


def test_a_request_beyond_the_window_fails_with_advice(ask):
    run = ask(["x"], request=Request("word " * 4000), window=2048)
    assert run.ending == ("failed", "context_overflow")
    assert "larger window" in run.end.message


def test_a_kernel_of_another_language_is_refused(ask):
    run = ask([block("print(1)")], request=Request("x", language="R"))
    assert run.ending == ("failed", "language")
    assert "speaks R" in run.end.message


def test_many_rounds_with_long_feedback_stay_within_the_window(ask):
    replies = [block(f"print('word {n} ' * 2000)") for n in range(6)]
    run = ask([*replies, "Done."], window=2048, request=Request("x", cells=(Cell("a", "code", "x = 1\n" * 50),)))
    assert run.ending == ("done", "answered")


def test_what_the_page_is_told_can_be_written_as_json(ask):
    import json

    from jupyter_oci.events import from_json, to_json

    run = ask([block("1 / 0"), block("1"), "Done."])
    assert [from_json(json.loads(json.dumps(to_json(event)))) for event in run.events] == run.events


def test_a_board_that_is_written_out_is_no_endless_reply(ask):
    board = "board = [\n" + "    [0, 0, 0, 0, 0, 0, 0, 0, 0, 0],\n" * 12 + "]\nlen(board)"
    run = ask([block(board), "It has 12 rows."])
    assert run.ending == ("done", "answered")
    assert [event.source for event in run.of(ExecutionStarted)] == [board]


def test_a_board_without_end_is_endless(ask):
    assert ask([block("board = [\n" + "    [0, 0, 0, 0, 0, 0, 0, 0, 0, 0],\n" * 80 + "]")]).ending == ("gave_up", "endless")
