"""What the request says must hold of the code that runs, and whether it was seen to."""

from __future__ import annotations

from collections.abc import Generator

from ..events import RunEvent
from ..kernel.base import Executor
from .cell_names import names_set
from .request_check import check_in, corrected, is_about
from .run_check import run_check
from .table_kinds import asks_for_kind, of_other_kind
from .traceback_text import Failure


class Expected:
    """The `check` that a request has in it. `holds` and `fails` say how it was when it was last run for code that is about it."""

    def __init__(self, executor: Executor, prompt: str) -> None:
        self.check = check_in(prompt)
        self.holds = self.fails = False
        self._prompt = prompt
        self._executor = executor

    def correct(self, comment: str) -> None:
        """Add what the user says must hold, which was not run yet."""
        self.check, self.holds = corrected(self.check, comment), False
        self._prompt = f"{self._prompt}\n\n{comment}"

    def unmet_by(self, cell_id: str, source: str) -> Generator[RunEvent | None, None, Failure | None]:
        """Say what does not hold after code ran well, or is no table of the kind asked for; None: nothing, as far as is known."""
        self.fails = False
        if not self.check.code and not asks_for_kind(self._prompt):
            return None
        variables = self._executor.variables() or ()
        if is_about(self.check, source, [variable.name for variable in variables]):
            told = yield from run_check(self._executor, cell_id, self.check)
            self.holds, self.fails = not told, bool(told)
            if told:
                return Failure((), told, 0)
        other = of_other_kind(self._prompt, [variable for variable in variables if variable.name in names_set(source)])
        return Failure((), other, 0) if other else None
