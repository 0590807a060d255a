"""The published protocol: one reply, then one second try for what fails the hidden tests, told what failed."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from ...config import AgentConfig, SamplingParams
from ...errors import ContextOverflow
from ...model.base import ChatModel, Message, Usage
from ..hidden import HiddenTests, Score
from ..record import Record, Round, Table
from ..recorded import RecordedModel
from ..sanitize import sanitize
from ..suites.problem import Problem
from . import prompts
from .feedback import feedback
from .kinds import EXECUTION, FIRST, HUMAN, ORACLE
from .summary import paper_table

_VERSIONS = ("base", "plus")
_GREEDY = SamplingParams(max_tokens=1024, temperature=0.0)


@dataclass(frozen=True, slots=True)
class _Answer:
    """A reply, the program cut out of it, and what became of that."""

    reply: str
    code: str
    score: Score
    usage: Usage

    def round(self, name: str, told: str, versions: Sequence[str]) -> Round:
        """Write it down for the columns of these versions."""
        verdicts = {version: self.score.passed[version] for version in versions}
        usage = self.usage
        return Round(self.reply, self.code, told, verdicts, usage.prompt_tokens, usage.completion_tokens, usage.seconds, name)


class Paper:
    """A suite as the published table has it. It puts prompts to the model itself: no agent, no system prompt, no kernel.

    `guide` is the second model that plays the human; without one there is execution feedback alone. `own` tells that the problems
    are others than the published ones.
    """

    def __init__(self, suite: str, problems: Sequence[Problem], guide: ChatModel | None = None, *, own: bool = False) -> None:
        self.name = f"{suite}-paper" if guide is None else f"{suite}-paper-guided"
        self._suite = suite
        self._problems = {problem.id: problem for problem in problems}
        self._guide = guide
        self._own = own

    def problems(self) -> Sequence[str]:
        """List the problems' ids."""
        return list(self._problems)

    def solve(self, problem: str, model: ChatModel, config: AgentConfig) -> Record:
        """Have the problem answered, and answered again with each kind of feedback, where `max_rounds` is more than one.

        A try whose prompt, or the guide's, does not fit the window counts as failed. The failure is that of the first reply, and
        there is none where any try passes all tests.
        """
        began = time.monotonic()
        asked = self._problems[problem]
        tests = HiddenTests(asked)

        def answer(text: str) -> _Answer:
            reply, usage = _written(model, (Message("user", text),))
            code = sanitize(reply, asked.entry_point)
            return _Answer(reply, code, tests.score(code), usage)

        prompt = prompts.FIRST[self._suite](asked.prompt)
        try:
            first = answer(prompt)
        except ContextOverflow:
            rounds, ended, failure = [_unasked(FIRST, _VERSIONS)], "context_overflow", "prompt_overflow"
        else:
            again = self._again(asked, prompt, first, answer) if config.max_rounds > 1 else ()
            rounds, ended, failure = [first.round(FIRST, "", _VERSIONS), *again], first.usage.stop_reason, first.score.failure
        return Record(
            problem=problem,
            rounds=tuple(rounds),
            ended=ended,
            said_done=False,
            failure="" if any(each.verdicts.get("plus", False) for each in rounds) else failure,
            seconds=time.monotonic() - began,
        )

    def summary(self, records: Sequence[Record]) -> Table:
        """Print the records in the published layout, above the published rows."""
        return paper_table(self._suite, records, len(self._problems), own=self._own)

    def _again(self, asked: Problem, prompt: str, first: _Answer, answer: Callable[[str], _Answer]) -> Iterator[Round]:
        """Have what fails answered again, once with each kind of feedback."""
        for name, tell in self._kinds().items():
            for failed, versions in _failing(asked, first).items():
                try:
                    told = tell(asked, first.code, failed)
                    yield answer(prompts.again(prompt, first.reply, told)).round(name, told, versions)
                except ContextOverflow:
                    yield _unasked(name, versions)

    def _kinds(self) -> Mapping[str, Callable[[Problem, str, str], str]]:
        """Give what makes each kind's message out of problem, code and execution feedback."""
        kinds: dict[str, Callable[[Problem, str, str], str]] = {EXECUTION: lambda _, __, failed: prompts.executed(failed)}
        guide = self._guide
        if guide is not None:
            kinds[HUMAN] = lambda problem, code, failed: _guidance(guide, prompts.to_guide(problem.prompt, code, failed))
            kinds[ORACLE] = lambda problem, code, failed: _guidance(
                guide, prompts.to_guide(problem.prompt, code, failed, problem.canonical)
            )
        return kinds


def _failing(problem: Problem, first: _Answer) -> dict[str, list[str]]:
    """Give the versions whose tests fail, by what was published to be told of it: those told the same are one second try."""
    by_feedback: dict[str, list[str]] = {}
    for version, passed in first.score.passed.items():
        if not passed:
            by_feedback.setdefault(feedback(problem, first.code, first.score, version), []).append(version)
    return by_feedback


def _unasked(name: str, versions: Sequence[str]) -> Round:
    """Write down a try whose prompt did not fit the window."""
    return Round("", "", "", dict.fromkeys(versions, False), 0, 0, 0.0, name)


def _guidance(guide: ChatModel, messages: Sequence[Message]) -> str:
    return _written(guide, messages)[0]


def _written(model: ChatModel, messages: Sequence[Message]) -> tuple[str, Usage]:
    """Give a whole reply."""
    recorded = RecordedModel(model)
    for _ in recorded.generate(messages, _GREEDY):
        pass
    (exchange,) = recorded.take()
    return exchange.reply, exchange.usage
