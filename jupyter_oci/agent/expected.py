"""What the request says must hold of the code that runs, and whether it was seen to."""

from __future__ import annotations

from collections.abc import Generator

from ..events import RunEvent
from ..kernel.base import Executor
from .request_check import check_in, corrected, is_about
from .run_check import run_check
from .traceback_text import Failure


class Expected:
    """The `check` that a request has in it. `holds` says whether it held when it was last run."""

    def __init__(self, executor: Executor, prompt: str) -> None:
        self.check = check_in(prompt)
        self.holds = False
        self._executor = executor

    def correct(self, comment: str) -> None:
        """Add what the user says must hold, which was not run yet."""
        self.check, self.holds = corrected(self.check, comment), False

    def unmet_by(self, cell_id: str, source: str) -> Generator[RunEvent | None, None, Failure | None]:
        """Say what does not hold after code ran well; None: all does, or the code is not about it."""
        held = [variable.name for variable in self._executor.variables() or ()] if self.check.code else []
        if not is_about(self.check, source, held):
            return None
        told = yield from run_check(self._executor, cell_id, self.check)
        self.holds = not told
        return Failure((), told, 0) if told else None
