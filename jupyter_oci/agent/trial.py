"""Try a cell apart from the notebook, before it is proposed: what fails its check then is not worth a proposal."""

from __future__ import annotations

import inspect
from collections.abc import Collection, Generator, Sequence

from ..config import AgentConfig
from ..events import RunEvent
from ..kernel.base import Executor
from . import check_runner, trial_runner
from .cell_names import names_set, names_used
from .checks import Check, examples_in, without_doctests
from .effects import effects
from .elsewhere import Proposal
from .only_computes import only_computes
from .problem import Problem
from .run_check import run_check, run_silently

SECONDS = 10.0
TRYING = "Trying the change apart from the notebook"
# The end of the program that is tried: run the cells in a namespace of their own, then the check.
_TRY = """
def _try():
    names = {{"__name__": "__main__"}}
    with contextlib.redirect_stdout(io.StringIO()):
        try:
            for cell in {cells!r}:
                exec(compile(cell, "<cell>", "exec"), names)
        except BaseException as error:
            return f"the cell raises {{type(error).__name__}}: {{error}}"
        try:
            run_check({check!r}, names)
        except CheckFailed as failed:
            return str(failed)
    return ""

import json
print("\\n" + json.dumps({{"told": _try()}}))
"""

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

    def _apart(self, problem: Problem, changed: int, source: str) -> Told:
        places = sorted({*problem.related, problem.place, changed})
        cells = [source if place == changed else problem.cells[place].source for place in places]
        if not self._may_try(problem) or not only_computes(source):
            return None
        needs = _needs((*cells, *_parts(cells, problem.check)))
        runnable = _runnable(cells, problem.check, self._seconds, needs)
        result = yield from run_silently(self._executor, problem.cell.cell_id, runnable, TRYING)
        if result.status != "ok" and result.ename != trial_runner.TrialFailed.__name__:
            return None
        return result.evalue

    def _may_try(self, problem: Problem) -> bool:
        cells = [problem.cells[place].source for place in (*problem.related, problem.place)]
        return self._mode != "suggest" and _stands_alone(cells, problem.check)


def _stands_alone(cells: Sequence[str], check: Check) -> bool:
    """Whether cells and check need nothing that the kernel holds, and only compute."""
    parts = (*cells, *_parts(cells, check))
    return not _needs(parts) and all(map(only_computes, parts))


def _parts(cells: Sequence[str], check: Check) -> tuple[str, ...]:
    """Give what a check runs: its own code, and the examples in the docstrings."""
    return (*examples_in(cells), without_doctests(check.code))


def _needs(parts: Sequence[str]) -> frozenset[str]:
    """Give the names that none of the parts sets."""
    set_here = {name for part in parts for name in names_set(part)}
    return frozenset(name for part in parts for name in names_used(part) if name not in set_here)


def _runnable(cells: Sequence[str], check: Check, seconds: float, needs: Collection[str]) -> str:
    """Give what the kernel executes; it leaves no name behind."""
    program = inspect.getsource(check_runner) + _TRY.format(cells=list(cells), check=check.code)
    arguments = f"{program!r}, {seconds!r}, {sorted(needs)!r}, held"
    run = f"exec({inspect.getsource(trial_runner)!r}, space), space['try_out']({arguments})"
    return f"(lambda space, held: ({run}))({{'__name__': 'trial'}}, frozenset(globals()))[1]"
