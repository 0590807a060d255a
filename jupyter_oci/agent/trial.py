"""Try a cell apart from the notebook, before it is proposed: what fails its check then is not worth a proposal."""

from __future__ import annotations

import inspect
import json
from collections.abc import Collection, Generator, Sequence
from dataclasses import dataclass
from types import ModuleType

from ..config import AgentConfig
from ..events import RunEvent
from ..kernel.base import Executor
from . import check_runner, trial_program, trial_runner
from .cell_names import names_set, names_used
from .checks import Check, examples_in, without_doctests
from .effects import effects
from .elsewhere import Proposal
from .mutations import Mutation, mutations
from .only_computes import only_computes
from .problem import Problem
from .run_check import run_check, run_silently
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

    Nothing is tried in Suggest mode, nor what may do more than compute or needs what only the kernel holds.
    """

    def __init__(self, executor: Executor, config: AgentConfig, seconds: float = SECONDS) -> None:
        self._executor = executor
        self._mode = config.mode
        self._seconds = seconds

    def is_possible(self, problem: Problem) -> bool:
        """Whether the user expects something of the cell, which can be tried apart."""
        return bool(problem.check.code) and self._may_try(problem)

    def of(self, problem: Problem, proposal: Proposal) -> Told:
        """Say what fails with the proposal in its place; empty: it runs and its check holds; None: it cannot be tried."""
        return (yield from self._apart(problem, proposal.place, proposal.source))

    def as_it_is(self, problem: Problem) -> Told:
        """Say which value the user's check has for the cell as it is; empty if it holds, None if it must not run now.

        In the kernel itself it runs in Auto mode alone: else nothing does before it is accepted.
        """
        if problem.failure is not None or not problem.check.code or self._mode == "suggest":
            return None
        told = yield from self._apart(problem, problem.place, problem.cell.source)
        has_run = self._mode == "auto" and problem.cell.execution_count is not None
        if told is None and has_run and not effects(problem.check.code):
            told = yield from run_check(self._executor, problem.cell.cell_id, problem.check)
        return told

    def mutations(self, problem: Problem) -> Generator[RunEvent | None, None, list[Holding]]:
        """Give the small changes of the cell with which its check holds; none where nothing may be tried.

        Of those that answer alike to calls with other values than the check's, the smallest stands for all. What most answer is
        the likeliest to be meant, as in Chen et al., "CodeT: Code Generation with Generated Tests", ICLR 2023: it comes first.
        """
        if not self.is_possible(problem) or not only_computes(problem.cell.source):
            return []
        changes = mutations(problem.cell.source)
        places, cells = _cells(problem, problem.place, problem.cell.source)
        spans = [(*change.span, change.new) for change in changes]
        arguments = f"{cells!r}, {places.index(problem.place)}, {spans!r}, {problem.check.code!r}, run_check"
        limits = f"calls={_calls(problem)!r}, seconds={SEARCH_SECONDS}, most={_MOST_HOLDING}"
        call = f"json.dumps(search({arguments}, {limits}))"
        told = yield from self._told(problem, call, cells, SEARCHING)
        try:
            holding = json.loads(told or "")
        except ValueError:
            return []  # it did not end
        return _one_of_each([Holding(changes[number].tidied(problem.cell.source), answers) for number, answers in holding])

    def answers(self, problem: Problem, proposal: Proposal) -> Generator[RunEvent | None, None, list[str]]:
        """Say what the calls that changes are compared by come to with a proposal; none where it cannot be tried."""
        _, cells = _cells(problem, proposal.place, proposal.source)
        if not self._may_try(problem) or not only_computes(proposal.source):
            return []
        call = f"json.dumps(answers([{cells!r}], {_calls(problem)!r}, time.monotonic() + {SEARCH_SECONDS}))"
        told = yield from self._told(problem, call, cells, TRYING)
        try:
            [found] = json.loads(told or "")
        except ValueError:
            return []
        return [str(each) for each in found]

    def _apart(self, problem: Problem, changed: int, source: str) -> Told:
        _, cells = _cells(problem, changed, source)
        if not self._may_try(problem) or not only_computes(source):
            return None
        return (yield from self._told(problem, f"what_fails({cells!r}, {problem.check.code!r}, run_check)", cells, TRYING))

    def _told(self, problem: Problem, call: str, cells: Sequence[str], status: str) -> Told:
        """Have a process of its own evaluate the call of `trial_program`, and give the text that comes of it."""
        needs = _needs((*cells, *_parts(cells, problem.check)))
        result = yield from run_silently(self._executor, problem.cell.cell_id, _runnable(call, self._seconds, needs), status)
        if result.status != "ok" and result.ename != trial_runner.TrialTold.__name__:
            return None
        return result.evalue

    def _may_try(self, problem: Problem) -> bool:
        cells = [problem.cells[place].source for place in (*problem.related, problem.place)]
        return self._mode != "suggest" and _stands_alone(cells, problem.check)


def _one_of_each(holding: Sequence[Holding]) -> list[Holding]:
    """Give the smallest of those with the same answers, the answers of most first; without answers each is for itself."""
    alike: dict[object, list[Holding]] = {}
    for number, each in enumerate(holding):
        alike.setdefault(tuple(each.answers) or number, []).append(each)
    groups = sorted(alike.values(), key=len, reverse=True)
    return [min(group, key=lambda each: each.change.size) for group in groups]


def _cells(problem: Problem, changed: int, source: str) -> tuple[list[int], list[str]]:
    """Give the places of the cells that run in a trial, in order, and their sources with the changed one's."""
    places = sorted({*problem.related, problem.place, changed})
    return places, [source if place == changed else problem.cells[place].source for place in places]


def _calls(problem: Problem) -> list[str]:
    """Give the calls that changes of the cell are compared by."""
    cells = [problem.cells[place].source for place in (*problem.related, problem.place)]
    return variations(_parts(cells, problem.check), names_set(problem.cell.source))


def _stands_alone(cells: Sequence[str], check: Check) -> bool:
    """Whether cells and check need nothing that the kernel holds, and only compute."""
    parts = (*cells, *_parts(cells, check))
    return not _needs(parts) and all(map(only_computes, parts))


def _parts(cells: Sequence[str], check: Check) -> tuple[str, ...]:
    """Give what a check runs: its own code, and the examples in the docstrings."""
    return (*(example.source for example in examples_in(cells)), without_doctests(check.code))


def _needs(parts: Sequence[str]) -> frozenset[str]:
    """Give the names that none of the parts sets."""
    set_here = {name for part in parts for name in names_set(part)}
    return frozenset(name for part in parts for name in names_used(part) if name not in set_here)


def _runnable(call: str, seconds: float, needs: Collection[str]) -> str:
    """Give what the kernel executes; it leaves no name behind."""
    modules = "".join(map(_body, (check_runner, trial_program)))
    program = f"{modules}import json\nprint('\\n' + json.dumps({{'told': {call}}}))"
    arguments = f"{program!r}, {seconds!r}, {sorted(needs)!r}, held"
    run = f"exec({inspect.getsource(trial_runner)!r}, space), space['try_out']({arguments})"
    return f"(lambda space, held: ({run}))({{'__name__': 'trial'}}, frozenset(globals()))[1]"


def _body(module: ModuleType) -> str:
    """Give the source of a module without what must stand ahead of all else."""
    return inspect.getsource(module).replace("from __future__ import annotations\n", "")
