"""Other replies are drawn and tried apart where the first one fails what the request says, before the model is told of it."""

from __future__ import annotations

from collections.abc import Generator, Sequence

import pytest

from jupyter_oci.agent.agreement import Agreement
from jupyter_oci.agent.elsewhere import Proposal
from jupyter_oci.agent.loop import Agent
from jupyter_oci.agent.redraw import tempered
from jupyter_oci.config import AgentConfig, SamplingParams
from jupyter_oci.events import ApprovalRequested, CellOpened, Decision, ExecutionStarted, FeedbackGiven, StatusChanged, TextDelta
from jupyter_oci.model.base import Message, Usage
from jupyter_oci.model.scripted import ScriptedModel
from jupyter_oci.request import Cell, Request

from .driving import Run, drive
from .test_example_tables import BEST, BOXED
from .test_loop import block

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


@pytest.fixture
def draw(shared_kernel):
    def run(replies, drawn, request=REQUEST, decide=None, **settings) -> tuple[Run, Drawing]:
        model = Drawing(replies, drawn)
        agent = Agent(model, shared_kernel, AgentConfig(**{"mode": "auto", **settings}))
        return drive(agent, request, decide), model

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


def test_the_user_is_told_which_of_the_others_is_written(draw):
    run, _ = draw([block(WRONG), "The third."], [block(OTHER), block(RIGHT)])
    details = dict.fromkeys(event.detail for event in run.of(StatusChanged) if event.phase == "writing")
    assert list(details) == ["", *(f"Writing another one, {number} of 4" for number in (1, 2, 3))]


CHANCE = "def third(xs):\n    return xs[-1] if len(xs) == 3 else xs[-2]"
ALIKE = f"{RIGHT}  # the third"


def test_of_those_that_meet_the_check_two_that_answer_alike_are_believed(draw):
    run, model = draw([block(WRONG), "The third."], [block(CHANCE), block(RIGHT), block(ALIKE), block(CHANCE)])
    assert [event.source for event in run.of(ExecutionStarted)] == [WRONG, RIGHT]
    assert len(model.samplings) == 3


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
