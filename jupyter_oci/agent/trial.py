"""Try a cell apart from the notebook, before it is proposed: what fails its check then is not worth a proposal."""

from __future__ import annotations

import inspect
from collections.abc import Generator, Sequence

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
    """Tries what is proposed for a problem. Nothing is tried in Suggest mode, nor what may do more than compute."""

    def __init__(self, executor: Executor, config: AgentConfig) -> None:
        self._executor = executor
        self._mode = config.mode

    def is_possible(self, problem: Problem) -> bool:
        """Whether there is something to hold, and it can be tried apart."""
        cells = [problem.cells[place].source for place in sorted({*problem.related, problem.place})]
        return self._mode != "suggest" and bool(problem.check.code) and _stands_alone(cells, problem.check)

    def of(self, problem: Problem, proposal: Proposal) -> Told:
        """Say what fails with the proposal in its place; empty: it runs and its check holds; None: it cannot be tried."""
        return (yield from self._apart(problem, proposal.place, proposal.source))

    def as_it_is(self, problem: Problem) -> Generator[RunEvent | None, None, str]:
        """Say which value the user's check has for the cell as it is; empty if it holds, or must not run now."""
        if problem.failure is not None or not problem.check.code or self._mode == "suggest":
            return ""
        told = yield from self._apart(problem, problem.place, problem.cell.source)
        if told is None and problem.cell.execution_count is not None and not effects(problem.check.code):
            told = yield from run_check(self._executor, problem.cell.cell_id, problem.check)
        return told or ""

    def _apart(self, problem: Problem, changed: int, source: str) -> Told:
        places = sorted({*problem.related, problem.place, changed})
        cells = [source if place == changed else problem.cells[place].source for place in places]
        if self._mode == "suggest" or not _stands_alone(cells, problem.check):
            return None
        result = yield from run_silently(self._executor, problem.cell.cell_id, _runnable(cells, problem.check), TRYING)
        if result.status != "ok" and result.ename != trial_runner.TrialFailed.__name__:
            return None
        return result.evalue


def _stands_alone(cells: Sequence[str], check: Check) -> bool:
    """Whether cells and check need nothing that the kernel holds, and only compute."""
    parts = (*cells, *examples_in(cells), without_doctests(check.code))
    needed = {name for part in parts for name in names_used(part)} - {name for part in parts for name in names_set(part)}
    return not needed and all(map(only_computes, parts))


def _runnable(cells: Sequence[str], check: Check) -> str:
    """Give what the kernel executes; it leaves no name behind."""
    program = inspect.getsource(check_runner) + _TRY.format(cells=list(cells), check=check.code)
    run = f"exec({inspect.getsource(trial_runner)!r}, space), space['try_out']({program!r})"
    return f"(lambda space: ({run}))({{'__name__': 'trial'}})[1]"
