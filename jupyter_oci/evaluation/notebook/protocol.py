"""The notebook protocol: a function asked for in the sidebar, judged by hidden tests after each round."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import replace

from ...config import AgentConfig
from ...model.base import ChatModel
from ..ablation import WHOLE, Ablation
from ..data import HUMANEVAL_FIX
from ..hidden import HiddenTests, Score
from ..live_kernel import live_kernel
from ..record import Record, Round, Table
from ..recorder import Recorder
from ..suites.problem import Problem
from .asked import Asked
from .course import Course
from .summary import notebook_table


class Notebook:
    """A suite of functions to write, with what a user asks for each."""

    def __init__(self, suite: str, problems: Sequence[Problem], asked: Mapping[str, Asked], ablation: Ablation = WHOLE) -> None:
        self.name = "-".join(filter(None, (suite, "notebook", str(ablation))))
        self._ablation = ablation
        self._suite = suite
        self._problems = {problem.id: problem for problem in problems}
        self._asked = asked

    def problems(self) -> Sequence[str]:
        """List the problems' ids."""
        return list(self._problems)

    def left_out(self) -> list[str]:
        """Say what to do where no request has examples, so that none is run and none fails."""
        if any(each.examples for each in self._asked.values()):
            return []
        return [
            "No request has examples, so that nothing is run below the function and Fix is never asked for. To have it done, "
            f"give the problems an example_test, or put {HUMANEVAL_FIX.name}, which has those of HumanEval, beside them."
        ]

    def solve(self, problem: str, model: ChatModel, config: AgentConfig) -> Record:
        """Have the function written in a fresh kernel, then judge what stood in the notebook after each round."""
        began = time.monotonic()
        asked, wanted = self._asked[problem], self._problems[problem]
        course = Course(asked, wanted.entry_point, replace(config, mode="auto"), Recorder(model), self._ablation)
        with live_kernel() as kernel:
            course.take(kernel)
        rounds, failure = _judged(course.rounds(), HiddenTests(wanted))
        return Record(
            problem=problem,
            rounds=rounds,
            ended=course.ended,
            said_done=course.said_done,
            failure=failure,
            seconds=time.monotonic() - began,
            measures={"examples": bool(asked.examples)},
        )

    def summary(self, records: Sequence[Record]) -> Table:
        """Sum up what passes after each round, and what the agent claims of it."""
        table = notebook_table(self._suite, records, len(self._problems))
        return replace(table, title=f"{table.title}{self._ablation.told}")


def _judged(rounds: Sequence[tuple[Round, str]], tests: HiddenTests) -> tuple[tuple[Round, ...], str]:
    """Score the program after each round; name the failure of the last one."""
    scores: dict[str, Score] = {}
    judged = []
    failure = "no_code"
    for each, program in rounds:
        if program and program not in scores:
            scores[program] = tests.score(program)
        verdicts = scores[program].passed if program else {"base": False, "plus": False}
        judged.append(replace(each, verdicts=verdicts, program="" if program == each.code else program))
        failure = scores[program].failure if program else "no_code"
    return tuple(judged), failure
