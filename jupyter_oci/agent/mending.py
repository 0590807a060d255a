"""What is mended in code that the model wrote without asking the model again: an import that it lacks, one slip."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import replace

from ..config import AgentConfig
from ..events import RunEvent
from ..kernel.base import Executor
from ..request import Cell, Request
from .cell_names import names_set
from .checks import Check
from .elsewhere import Proposal
from .problem import VARIABLES_LISTED, problem_of
from .small_changes import SmallChanges
from .trial import Trial
from .usual_imports import with_imports


class Mending:
    """Mends the cells of one run."""

    def __init__(self, executor: Executor, config: AgentConfig, request: Request) -> None:
        self._executor = executor
        self._request = request
        self._changes = SmallChanges(Trial(executor, config))

    def imported(self, source: str) -> str:
        """Give the source with the imports that it lacks; as it is where the kernel does not say all that it holds."""
        variables = self._executor.variables()
        code = [cell for cell in self._request.cells if cell.cell_type == "code"]
        if len(variables) >= VARIABLES_LISTED or (not variables and any(cell.execution_count for cell in code)):
            return source
        set_in_cells = {name for cell in code for name in names_set(cell.source)}
        return with_imports(source, set_in_cells | {variable.name for variable in variables})

    def slip(self, cell_id: str, source: str, check: Check) -> Generator[RunEvent | None, None, Proposal | None]:
        """Give the one small change of a cell with which the check holds that it fails; None where there is none or more."""
        cells = (*self._request.cells, Cell(cell_id, "code", source))
        problem = replace(problem_of(cells, len(cells) - 1, "", self._executor.variables()), check=check)
        yield from self._changes.search(problem)
        return self._changes.likeliest() if self._changes.is_sure(problem) else None
