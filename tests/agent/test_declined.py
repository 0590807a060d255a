"""Code that waits for an approval, and that the user wants otherwise: by a word of correction, or in any other way."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import pytest

from jupyter_oci.agent.approval import typed
from jupyter_oci.agent.declined import NO_OTHER
from jupyter_oci.agent.loop import Agent
from jupyter_oci.config import AgentConfig, SamplingParams
from jupyter_oci.events import (
    ApprovalRequested,
    ApprovalResolved,
    CellOpened,
    Decision,
    ExecutionStarted,
    FeedbackGiven,
    RoundStarted,
    SourceDelta,
    SourceFinished,
)
from jupyter_oci.model.base import Message
from jupyter_oci.model.scripted import ScriptedModel
from jupyter_oci.request import Cell, Request

from .driving import block, drive

MEAN, MEDIAN = "import statistics\nprint(statistics.mean([1, 2, 9]))", "import statistics\nprint(statistics.median([1, 2, 9]))"


class Heard(ScriptedModel):
    """Keeps what it was asked, and with which settings."""

    def __init__(self, replies: Mapping[str, Sequence[str]]) -> None:
        super().__init__(replies)
        self.asked: list[tuple[Sequence[Message], SamplingParams]] = []

    def generate(self, messages, sampling, drafts=()):
        self.asked.append((messages, sampling))
        return super().generate(messages, sampling, drafts)


def answers(*given: str | Decision) -> Callable[[ApprovalRequested], Decision]:
    """Say these one after the other: "run" and "skip" are meant so, anything else is a word of correction."""
    left = iter(given)

    def decide(asked: ApprovalRequested) -> Decision:
        answer = next(left)
        if isinstance(answer, Decision):
            return answer
        return Decision(answer, asked.source) if answer in ("run", "skip") else Decision("another", asked.source, answer)

    return decide


def ran(run) -> list[str]:
    return [event.source for event in run.of(ExecutionStarted)]


def asked(run) -> list[str]:
    return [event.source for event in run.of(ApprovalRequested)]


def test_the_waiting_cell_is_written_anew_as_the_user_says_and_asked_about_again(ask):
    replies = {"use the median": [block(MEDIAN), "It is 2."], "": [block(MEAN)]}
    run = ask(replies, mode="ask", decide=answers("use the median instead", "run"))
    assert asked(run) == [MEAN, MEDIAN]
    assert ran(run) == [MEDIAN]
    assert run.ending == ("done", "answered")
    [first, again] = run.of(CellOpened)
    assert (again.cell_id, again.revises) == (first.cell_id, True)
    assert run.of(ApprovalResolved)[0].comment == "use the median instead"
    told = run.of(FeedbackGiven)[0].text
    assert told.endswith("use the median instead")
    assert "not run" in told
    assert "edited" not in told


def test_the_answer_is_asked_to_be_about_what_the_user_said_last(ask):
    replies = {"the\nmode": [block("print(3)"), "It is 3."], "the median": [block(MEDIAN)], "": [block(MEAN)]}
    run = ask(replies, mode="ask", decide=answers("the median", "the\nmode", "run"))
    *_, told = run.of(FeedbackGiven)
    assert "\nThe user had said before it ran: the mode Speak of what ran" in told.text
    plain = ask([block(MEAN), "It is 4."], mode="ask", decide=answers("run"))
    assert "had said" not in plain.of(FeedbackGiven)[0].text


def test_corrections_are_no_tries(ask):
    replies = {f"say {number}": [block(f"print({number})"), "Said."] for number in range(6)}
    replies["say 5"] = [block("1 / 0"), block("print(5)"), "Said."]
    run = ask({**replies, "": [block("print()")]}, mode="ask", decide=answers(*(f"say {n}" for n in range(6)), "run", "run"))
    assert [event.attempt for event in run.of(RoundStarted)] == [1] * 7 + [2, 1]
    assert ran(run) == ["1 / 0", "print(5)"]
    assert run.ending == ("done", "answered")


def test_what_the_user_made_of_the_cell_is_what_the_model_goes_on_from(shared_kernel):
    mine = f"# mine\n{MEAN}"
    replies = {"use the median": [block(f"# mine\n{MEDIAN}"), "It is 2."], "": [block(MEAN)]}
    model = Heard(replies)
    agent = Agent(model, shared_kernel, AgentConfig(mode="ask"))
    run = drive(agent, Request("do it"), answers(Decision("another", mine, "use the median"), "run"))
    messages, _ = model.asked[1]
    assert [message.content for message in messages if message.role == "assistant"][-1] == f"```python\n{mine}\n```"
    assert "edited your code" in messages[-1].content
    assert ran(run) == [f"# mine\n{MEDIAN}"]


def test_an_edit_that_the_model_was_told_of_is_not_asked_about_as_one(ask):
    mine, edits = f"# mine\n{MEAN}", {}

    def decide(request: ApprovalRequested) -> Decision:
        if request.source == MEAN:
            edits[request.cell_id] = mine
            return Decision("another", mine, "use the median")
        return Decision("run", request.source)

    run = ask({"use the median": [block(MEDIAN), "It is 2."], "": [block(MEAN)]}, mode="ask", edits=edits, decide=decide)
    assert [len(event.reasons) for event in run.of(ApprovalRequested)] == [1, 1]


def test_another_way_is_drawn_with_chance_and_a_word_is_not(shared_kernel):
    replies = {"in another way": [block(MEDIAN), "It is 2."], "use 1": [block("print(1)")], "": [block(MEAN)]}
    model = Heard(replies)
    agent = Agent(model, shared_kernel, AgentConfig(mode="ask"))
    run = drive(agent, Request("do it"), answers("use 1", Decision("another", "print(1)"), "run"))
    assert asked(run) == [MEAN, "print(1)", MEDIAN]
    assert [sampling.temperature > 0 for _, sampling in model.asked] == [False, False, True, False]
    assert model.asked[2][0][-1].content.endswith("# Request\ndo it\n\nuse 1")


@pytest.mark.parametrize("reply", [block(MEAN), "It is the mean."])
def test_where_the_model_writes_nothing_else_the_user_is_asked_about_what_stands(ask, reply):
    replies = {"use the median": [reply], "": [block(MEAN)]}
    run = ask(replies, mode="ask", decide=answers("use the median", "skip"))
    assert asked(run) == [MEAN, MEAN]
    assert [NO_OTHER in event.reasons for event in run.of(ApprovalRequested)] == [False, True]
    assert [event.source for event in run.of(SourceFinished)] == [MEAN, MEAN]
    assert run.ending == ("done", "declined")


def test_what_was_declined_may_come_again_where_the_user_says_what_is_to_be_changed(ask):
    replies = {"back to the mean": [block(MEAN), "It is 4."], "use the median": [block(MEDIAN)], "": [block(MEAN)]}
    run = ask(replies, mode="ask", decide=answers("use the median", "back to the mean", "run"))
    assert asked(run) == [MEAN, MEDIAN, MEAN]
    assert ran(run) == [MEAN]


def test_another_way_is_none_of_those_before(shared_kernel):
    replies = {"in another way": [block(MEAN)], "": [block(MEAN)]}
    model = Heard(replies)
    agent = Agent(model, shared_kernel, AgentConfig(mode="ask"))
    run = drive(agent, Request("do it"), answers(Decision("another", MEAN), "skip"))
    assert asked(run) == [MEAN, MEAN]
    assert "the code that the user does not want" in model.asked[-1][0][-1].content


def test_what_the_word_says_must_hold_is_checked(ask):
    wrong, right = "def half(x):\n    return x // 2", "def half(x):\n    return x / 2"
    word = "true division: assert half(3) == 1.5".replace(": ", ":\n")
    replies = {"true division": [block(wrong), block(right), "It halves."], "": [block("def half(x):\n    return x")]}
    run = ask(replies, mode="ask", decide=answers(word, "run", "run"))
    assert run.ending == ("done", "checked")


def test_a_word_at_a_cell_that_should_run_first_reaches_the_model(ask, kernel):
    request = Request("add them", (Cell("0", "code", "word_sales = [1]"), Cell("1", "code", "")), "1")
    replies = {"add them": [block("sum(word_sales)"), block("sum([4])"), "The sum is 4."]}

    def decide(request: ApprovalRequested) -> Decision:
        return Decision("another", request.source, "use 4 alone") if request.cell_id == "0" else Decision("run", request.source)

    run = ask(replies, request=request, mode="ask", decide=decide, executor=kernel)
    assert ran(run) == ["sum(word_sales)", "sum([4])"]
    assert run.of(FeedbackGiven)[0].text.endswith("# Request\nuse 4 alone")


def test_what_the_user_had_comes_back_where_a_rewriting_is_stopped(ask):
    mine = f"# mine\n{MEAN}"
    run = ask(
        {"use the median": [block(MEDIAN)], "": [block(MEAN)]},
        mode="ask",
        decide=lambda _: Decision("another", mine, "use the median"),
        stop_at=lambda event: isinstance(event, SourceDelta) and "median" in event.text,
    )
    assert run.ending == ("stopped", "stopped")
    assert run.of(SourceFinished)[-1].source == mine


def test_what_the_user_had_comes_back_where_a_reply_is_cut(ask):
    mine = f"# mine\n{MEAN}"
    long = block("x = 1\n" * 400)
    run = ask(
        {"use the median": [long], "": [block(MEAN)]},
        mode="ask",
        decide=lambda _: Decision("another", mine, "use the median"),
        sampling=SamplingParams(max_tokens=60),
    )
    assert run.end.reason in ("cut", "endless")
    assert run.of(SourceFinished)[-1].source == mine


def test_a_later_assert_takes_the_place_of_an_earlier_one_about_the_same(ask):
    request = Request("Make half(x).\n\nassert half(3) == 1\nassert half(4) == 2")
    right = "def half(x):\n    return x / 2"
    run = ask(
        {"1.5": [block(right), "Done."], "": [block("def half(x):\n    return x // 2")]},
        request=request,
        mode="ask",
        decide=answers("assert half(3) == 1.5", "run"),
    )
    assert run.ending == ("done", "checked")
    assert ran(run) == [right]


@pytest.mark.parametrize(
    ("typed_", "decision"),
    [("y", "run"), ("OK", "run"), ("", "skip"), ("no thanks", "skip"), ("q", "skip"), ("no mean please", "another")],
)
def test_a_yes_and_a_no_that_are_typed_are_no_corrections(typed_, decision):
    assert typed(ApprovalRequested("a", "c", "x", "h"), typed_).decision == decision
