"""Other replies are drawn and tried apart where the first one fails what the request says, before the model is told of it."""

from __future__ import annotations

from collections.abc import Generator, Sequence

import pytest

from jupyter_oci.agent.agreement import Agreement
from jupyter_oci.agent.elsewhere import Proposal
from jupyter_oci.agent.loop import Agent
from jupyter_oci.agent.redraw import tempered
from jupyter_oci.agent.trial import TRYING
from jupyter_oci.config import AgentConfig, SamplingParams
from jupyter_oci.events import (
    ApprovalRequested,
    CellOpened,
    Decision,
    ExecutionStarted,
    FeedbackGiven,
    ReplyFinished,
    RunEvent,
    StatusChanged,
    TextDelta,
)
from jupyter_oci.model.base import CandidateSteps, Message, Usage
from jupyter_oci.model.scripted import ScriptedModel
from jupyter_oci.request import Cell, Request

from .best_day import BEST, BOXED
from .driving import Run, block, drive

REQUEST = Request("Write third.\nassert third([4, 5, 6]) == 6\nassert third('abcd') == 'c'")
WRONG = "def third(xs):\n    found = sorted(xs)\n    return found"
OTHER = "def third(xs):\n    return max(xs)"
RIGHT = "def third(xs):\n    third_of_all = xs[2]\n    return third_of_all"


class Drawing(ScriptedModel):
    """Says what it is told, and where there is chance in it what is drawn, one after the other; the last repeats."""

    def __init__(self, replies: Sequence[str], drawn: Sequence[str]) -> None:
        super().__init__(replies)
        self.samplings: list[tuple[float, bool]] = []
        self.prompts: list[str] = []
        self.longest = 0
        self._drawn = [ScriptedModel([reply]) for reply in drawn]

    def generate(
        self, messages: Sequence[Message], sampling: SamplingParams, drafts: Sequence[str] = ()
    ) -> Generator[object, bool | None, Usage]:
        is_told = "An earlier try was wrong: the check fails: `" in messages[-1].content
        if not sampling.temperature and not is_told:
            return (yield from super().generate(messages, sampling, drafts))
        self.prompts += [message.content for message in messages]
        self.samplings.append((sampling.temperature, is_told))
        self.longest = sampling.max_tokens
        return (yield from (self._drawn.pop(0) if len(self._drawn) > 1 else self._drawn[0]).generate(messages, sampling, drafts))


class AtOnce(Drawing):
    """Writes several replies side by side, a piece of each in turn; `closed` says when nobody wanted the rest."""

    closed = False

    def candidates(self, conversations: Sequence[Sequence[Message]], samplings: Sequence[SamplingParams]) -> CandidateSteps:
        writing = dict(enumerate(map(self.generate, conversations, samplings)))
        enough = set[int]()
        try:
            while writing:
                for place, steps in list(writing.items()):
                    try:
                        said = steps.send(place in enough or None)
                        item = (place, said) if isinstance(said, str) else said
                    except StopIteration as end:
                        item = place, end.value
                        del writing[place]
                    enough.update((yield item) or ())
        except GeneratorExit:
            self.closed = True
            raise


@pytest.fixture
def draw(shared_kernel):
    def run(replies, drawn, request=REQUEST, decide=None, *, model=Drawing, stop_at=None, **settings) -> tuple[Run, Drawing]:
        drawing = model(replies, drawn)
        agent = Agent(drawing, shared_kernel, AgentConfig(**{"mode": "auto", **settings}))
        return drive(agent, request, decide, stop_at or (lambda _: False)), drawing

    return run


def test_the_one_that_meets_the_check_takes_the_cell(draw):
    run, model = draw([block(WRONG), "It is defined."], ["No code.", block(OTHER), "Or so:\n" + block(RIGHT), block("never = 1")])
    assert run.ending == ("done", "checked")
    assert [event.source for event in run.of(ExecutionStarted)] == [WRONG, RIGHT]
    assert [event.revises for event in run.of(CellOpened)] == [False, True]
    said = "".join(event.text for event in run.of(TextDelta)).strip()
    assert said.startswith("The check fails: `third([4, 5, 6])` is [4, 5, 6], expected 6. Written anew: ")
    assert "Or so" not in said
    assert model.samplings == [(0.0, True), (0.8, False), (0.8, True), (1.0, False)]
    assert not any(WRONG in prompt for prompt in model.prompts)
    assert model.longest == 200 + 2 * model.count_tokens([WRONG])[0]
    assert len(run.of(FeedbackGiven)) == 1


def test_the_user_is_told_that_others_are_written_and_tried(draw):
    run, _ = draw([block(WRONG), "The third."], [block(OTHER), block(RIGHT)], model=AtOnce)
    details = [event.detail for event in run.of(StatusChanged)]
    shown = [detail for detail, before in zip(details, ["", *details], strict=False) if detail != before]
    assert [detail for detail in shown if detail in ("Writing 4 others", TRYING)] == ["Writing 4 others", TRYING] * 3


CHANCE = "def third(xs):\n    return xs[-1] if len(xs) == 3 else xs[-2]"
ALIKE = f"{RIGHT}  # the third"


def test_of_those_that_meet_the_check_two_that_answer_alike_are_believed(draw):
    run, model = draw([block(WRONG), "The third."], [block(CHANCE), block(RIGHT), block(ALIKE), block(CHANCE)])
    assert [event.source for event in run.of(ExecutionStarted)] == [WRONG, RIGHT]
    assert len(model.samplings) == 3


LONG = "Let me think.\n" + "".join(f"Step {number}.\n" for number in range(2_000))


@pytest.mark.parametrize(
    "drawn",
    [
        [CHANCE, RIGHT, ALIKE, CHANCE],
        [f"# {'long ' * 40}\n{CHANCE}", RIGHT, ALIKE, OTHER],
        [OTHER, "", f"# {'long ' * 40}\n{RIGHT}", CHANCE],
        [OTHER, WRONG, OTHER, RIGHT],
        [OTHER] * 4,
    ],
)
def test_side_by_side_they_come_to_what_they_come_to_one_after_another(draw, drawn):
    replies = [block(WRONG), "The third."], list(map(block, drawn))
    (one, _), (other, _) = draw(*replies), draw(*replies, model=AtOnce)
    assert [event.source for event in other.of(ExecutionStarted)] == [event.source for event in one.of(ExecutionStarted)]
    assert other.ending == one.ending
    assert "".join(event.text for event in other.of(TextDelta)) == "".join(event.text for event in one.of(TextDelta))


def test_the_first_are_tried_while_the_others_are_written_and_these_end_when_two_agree(draw):
    run, _ = draw([block(WRONG), "The third."], [block(RIGHT), block(ALIKE), LONG, LONG], model=AtOnce)
    assert [event.source for event in run.of(ExecutionStarted)] == [WRONG, RIGHT]
    others = run.of(ReplyFinished)[1:5]
    assert [event.stop_reason for event in others] == ["enough"] * 4
    assert all(0 < event.completion_tokens < 100 for event in others)


def test_what_is_not_begun_is_not_told_of(draw):
    run, model = draw([block(WRONG), "The third."], [block(RIGHT), block(ALIKE), LONG])
    assert len(model.samplings) == 2
    assert len(run.of(ReplyFinished)) == 4


def test_a_stop_ends_all_of_them(draw):
    def is_writing(event: RunEvent) -> bool:
        return isinstance(event, StatusChanged) and (event.phase, event.detail) == ("writing", "Writing 4 others")

    run, model = draw([block(WRONG), "The third."], [LONG], model=AtOnce, stop_at=is_writing)
    assert run.end.status == "stopped"
    assert model.closed


def test_where_all_differ_the_one_is_taken_that_shares_most_answers():
    agreement = Agreement()
    proposals = [Proposal(0, source, "") for source in "abc"]
    assert agreement.likeliest is None
    assert not agreement.add(proposals[0], ["1", "9", "9", "9"])
    assert not agreement.add(proposals[1], ["1", "2", "3", "4"])
    assert not agreement.add(proposals[2], ["1", "2", "3", "0"])
    assert agreement.likeliest == proposals[1]


def test_where_nothing_can_be_compared_the_first_is_enough():
    agreement = Agreement()
    assert agreement.add(Proposal(0, "a", ""), [])
    assert agreement.likeliest == Proposal(0, "a", "")


def test_where_none_does_the_model_is_told_what_fails(draw):
    run, model = draw([block(WRONG), block(RIGHT), "It is defined."], [block(WRONG), block(OTHER), "", block(WRONG)])
    assert run.ending == ("done", "checked")
    assert [event.source for event in run.of(ExecutionStarted)] == [WRONG, RIGHT]
    assert "`third([4, 5, 6])` is [4, 5, 6], expected 6" in run.of(FeedbackGiven)[0].text
    assert len(model.samplings) == 4


def test_what_it_lacks_is_imported_before_it_is_tried(draw):
    run, _ = draw([block(WRONG), "Done."], [block("def third(xs):\n    return operator.itemgetter(2)(xs)")])
    assert run.of(ExecutionStarted)[-1].source.startswith("import operator\ndef third")


def test_one_that_makes_the_users_data_anew_is_not_taken(draw, shared_kernel):
    for _ in shared_kernel.execute("a", "drawn_rows = [1, 2]"):
        pass
    request = Request("assert second(drawn_rows) == 2", (Cell("a", "code", "drawn_rows = [1, 2]", 1),), "a")
    made_up = "drawn_rows = [2, 2]\ndef second(rows):\n    return rows[1]"
    first, right = "def second(rows):\n    return str(rows)", "def second(rows):\n    return rows[1]"
    run, _ = draw([block(first), "Done."], [block(made_up), block(right)], request)
    assert [event.source for event in run.of(ExecutionStarted)] == [first, right]


def test_nothing_is_drawn_where_it_cannot_be_tried(draw):
    wrong = "import pathlib\ndef third(xs):\n    return pathlib.Path()"
    right = "import pathlib\ndef third(xs):\n    return xs[2]"
    run, model = draw([block(wrong), block(right), "Done."], [])
    assert [event.source for event in run.of(ExecutionStarted)] == [wrong, right]
    assert model.samplings == []


def test_it_is_asked_for_as_any_other_code(draw):
    asked = []

    def decide(event: ApprovalRequested) -> Decision:
        asked.append(event.source)
        return Decision("run", event.source)

    draw([block(WRONG), "Done."], [block(RIGHT)], decide=decide, mode="ask")
    assert asked == [WRONG, RIGHT]


def test_each_reply_has_a_seed_of_its_own():
    seeded = SamplingParams(seed=7)
    assert [tempered(seeded, 1.0, number).seed for number in range(3)] == [7, 8, 9]
    assert tempered(SamplingParams(), 1.0, 3).seed is None


def test_what_was_tried_holds_at_the_last_try_too(draw):
    run, _ = draw([block(WRONG), "Done."], [block(RIGHT)], max_rounds=1)
    assert run.ending == ("done", "checked")
    assert [event.source for event in run.of(ExecutionStarted)] == [WRONG, RIGHT]


def test_what_is_as_it_was_is_asked_for_once_more(draw):
    around = block(f"{WRONG}\nprint(third('ab'))")
    run, _ = draw([block(WRONG), around, "Done."], [block(OTHER)] * 4 + [block(RIGHT)], max_rounds=2)
    assert [event.source for event in run.of(ExecutionStarted)] == [WRONG, RIGHT]


def test_one_that_lacks_but_a_shape_is_mended(draw):
    request = Request(BOXED)
    wrong = BEST.strip().replace("idxmax", "idxmin")
    other = BEST.strip().replace("best_day", "day")
    imported = "import pandas as pd\n"
    run, _ = draw([block(imported + wrong), "Done."], [block(imported + other)], request)
    renamed = ".rename(columns={'day': 'best_day'})"
    assert [event.source for event in run.of(ExecutionStarted)] == [imported + wrong, f"{imported}{other}{renamed}"]
    assert "Written anew: " in "".join(event.text for event in run.of(TextDelta))


def test_a_copy_of_the_prompt_is_no_revision(draw):
    copied = block("import math\n\n# Request\nWrite third.")
    run, _ = draw([block("missing"), copied, "Done."], [block("found = 1")], Request("find it"))
    assert [event.source for event in run.of(ExecutionStarted)] == ["missing", "found = 1"]


class Varied(ScriptedModel):
    """Says the same in ever other words."""

    said = 0

    def generate(
        self, messages: Sequence[Message], sampling: SamplingParams, drafts: Sequence[str] = ()
    ) -> Generator[object, bool | None, Usage]:
        self.said += 1
        code = f"def total(xs):\n    added_{self.said} = sum(xs)\n    return added_{self.said}"
        return (yield from ScriptedModel([block(code)]).generate(messages, sampling, drafts))


def test_what_holds_apart_and_fails_in_the_kernel_is_drawn_anew_no_more(kernel):
    drive(Agent(ScriptedModel([block("sum = 0"), "Set."]), kernel, AgentConfig(mode="auto")), Request("Set it."))
    agent = Agent(Varied([]), kernel, AgentConfig(mode="auto", max_rounds=3))
    run = drive(agent, Request("Write total.\nassert total([1, 2]) == 3\nassert total([4]) == 4"))
    assert run.end.status == "gave_up"
    assert 2 <= len(run.of(ExecutionStarted)) <= 4
