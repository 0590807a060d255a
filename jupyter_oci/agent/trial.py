"""Try a cell apart from the notebook, before it is proposed: what fails its check then is not worth a proposal."""

from __future__ import annotations

import json
from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass
from typing import Any

from ..events import Mode, RunEvent
from ..kernel.base import Executor
from . import kernel_copy, trial_runner
from .cell_names import names_set
from .effects import effects
from .elsewhere import Proposal
from .mutations import Mutation, mutations
from .problem import Problem
from .run_check import run_check, run_silently
from .stage import Stage, parts, stages
from .variations import variations

SECONDS = 10.0
TRYING = "Trying the change apart from the notebook"
SEARCH_SECONDS = 5.0
SEARCHING = "Trying small changes apart from the notebook"
_MOST_HOLDING = 8


@dataclass(frozen=True, slots=True)
class Holding:
    """A small change with which the check holds, and what calls with other values than the check's come to with it."""

    change: Mutation
    answers: list[str]


Told = Generator["RunEvent | None", None, "str | None"]


class Trial:
    """Tries what is proposed for a problem, for `seconds` at most.

    What only computes is tried in a process of its own; what needs what the kernel holds, in a copy of the kernel, where there
    can be one. Nothing is tried in Suggest mode, nor what may do more; the `mode` is live.
    """

    def __init__(self, executor: Executor, mode: Callable[[], Mode], seconds: float = SECONDS) -> None:
        self._executor = executor
        self._mode = mode
        self._seconds = seconds
        self._copies = True

    def is_possible(self, problem: Problem) -> bool:
        """Whether the user expects something of the cell, which can be tried apart."""
        return bool(problem.check.code) and any(self._stages(problem, problem.place, problem.cell.source))

    def of(self, problem: Problem, proposal: Proposal) -> Told:
        """Say what fails with the proposal in its place; empty: it runs and its check holds; None: it cannot be tried."""
        for stage in self._stages(problem, proposal.place, proposal.source):
            told = yield from self._fails(problem, stage, stage.cells)
            if told is not None:
                return told
        return None

    def as_it_is(self, problem: Problem) -> Told:
        """Say which value the user's check has for the cell as it is; empty if it holds, None if it must not run now.

        In the kernel itself it runs in Auto mode alone: else nothing does before it is accepted.
        """
        if problem.failure is not None or not problem.check.code:
            return None
        has_run = problem.cell.execution_count is not None
        for stage in self._stages(problem, problem.place, problem.cell.source):
            if not stage.in_copy or has_run:
                told = yield from self._fails(problem, stage, () if stage.in_copy else stage.cells)
                if told is not None:
                    return told
        if has_run and self._mode() == "auto" and not effects(problem.check.code):
            return (yield from run_check(self._executor, problem.cell.cell_id, problem.check))
        return None

    def mutations(self, problem: Problem) -> Generator[RunEvent | None, None, list[Holding]]:
        """Give the small changes of the cell with which its check holds; none where nothing may be tried.

        Of those that answer alike to calls with other values than the check's, the smallest stands for all. What most answer is
        the likeliest to be meant, as in Chen et al., "CodeT: Code Generation with Generated Tests", ICLR 2023: it comes first.
        """
        if not problem.check.code:
            return []
        return _one_of_each((yield from self.holding(problem, mutations(problem.cell.source))))

    def holding(self, problem: Problem, changes: Sequence[Mutation]) -> Generator[RunEvent | None, None, list[Holding]]:
        """Give the first of these changes of the cell with which its check holds, in their order."""
        for stage in self._stages(problem, problem.place, problem.cell.source):
            spans = [(*change.span, change.new) for change in changes]
            arguments = f"{list(stage.cells)!r}, {stage.place}, {spans!r}, {problem.check.code!r}"
            calls = [] if stage.in_copy else _calls(problem)
            limits = f"calls={calls!r}, seconds={SEARCH_SECONDS}, most={_MOST_HOLDING}"
            call = f"json.dumps(search(fails, {arguments}, {limits}))"
            found = _list((yield from self._told(problem, stage, call, SEARCHING)))
            if found is not None:
                return [Holding(changes[number].tidied(problem.cell.source), answers) for number, answers in found]
        return []

    def answers(self, problem: Problem, proposal: Proposal) -> Generator[RunEvent | None, None, list[str]]:
        """Say what the calls that changes are compared by come to with a proposal; none where it cannot be tried."""
        for stage in self._stages(problem, proposal.place, proposal.source):
            if not stage.in_copy:
                call = f"json.dumps(answers([{list(stage.cells)!r}], {_calls(problem)!r}, time.monotonic() + {SEARCH_SECONDS}))"
                found = _list((yield from self._told(problem, stage, call, TRYING)))
                return [str(each) for each in found[0]] if found else []
        return []

    def _stages(self, problem: Problem, changed: int, source: str) -> list[Stage]:
        found = [] if self._mode() == "suggest" else list(stages(problem, changed, source))
        return [stage for stage in found if self._copies or not stage.in_copy]

    def _fails(self, problem: Problem, stage: Stage, cells: Sequence[str]) -> Told:
        return (yield from self._told(problem, stage, f"fails({list(cells)!r}, {problem.check.code!r})", TRYING))

    def _told(self, problem: Problem, stage: Stage, call: str, status: str) -> Told:
        """Have the call of `trial_program` evaluated on the stage, and give the text that comes of it."""
        source = stage.runnable(call, self._seconds)
        result = yield from run_silently(self._executor, problem.cell.cell_id, source, status)
        if result.evalue in (kernel_copy.LATE, kernel_copy.IMPOSSIBLE):  # it would be so each time
            self._copies = False
        if result.status != "ok" and result.ename != trial_runner.TrialTold.__name__:
            return None
        return result.evalue


def _list(text: str | None) -> list[Any] | None:
    """Read what was told; None when it did not end."""
    try:
        return list(json.loads(text or ""))
    except (ValueError, TypeError):
        return None


def _one_of_each(holding: Sequence[Holding]) -> list[Holding]:
    """Give the smallest of those with the same answers, the answers of most first; without answers each is for itself."""
    alike: dict[object, list[Holding]] = {}
    for number, each in enumerate(holding):
        alike.setdefault(tuple(each.answers) or number, []).append(each)
    groups = sorted(alike.values(), key=len, reverse=True)
    return [min(group, key=lambda each: each.change.size) for group in groups]


def _calls(problem: Problem) -> list[str]:
    """Give the calls that changes of the cell are compared by."""
    cells = [problem.cells[place].source for place in (*problem.related, problem.place)]
    return variations(parts(cells, problem.check), names_set(problem.cell.source))
