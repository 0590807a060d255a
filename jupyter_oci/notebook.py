"""A notebook as context for a request, and as the place where a run's events are written down."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Protocol

from nbformat import NotebookNode, from_dict, v4

from .errors import ConfigError
from .events import CellOpened, ExecutionFinished, ExecutionStarted, KernelOutput, RunEvent, RunFinished, SourceFinished
from .request import Request, cell_from_json


class OutputFold(Protocol):
    """Folds the IOPub messages of one execution into nbformat outputs, as a frontend does."""

    def add(self, message: Mapping[str, Any]) -> None:
        """Take one message `{msg_type, content, metadata}`."""
        ...

    def outputs(self) -> tuple[dict[str, Any], ...]:
        """Give the outputs so far, in nbformat's form."""
        ...


def with_cell_ids(notebook: NotebookNode) -> NotebookNode:
    """Give the notebook in format 4.5, whose cells have the ids that a run speaks of."""
    minor = notebook.get("nbformat_minor", 0)
    upgraded: NotebookNode = notebook if minor >= 5 else v4.upgrade(notebook, from_version=4, from_minor=minor)
    return upgraded


def request_from(notebook: NotebookNode, prompt: str, active_cell_id: str | None = None) -> Request:
    """Ask `prompt` of the whole notebook; new cells go below `active_cell_id` (None: at the end).

    Raises:
        ConfigError: there is no cell of that id.
    """
    cells = tuple(cell_from_json(cell) for cell in notebook.cells)
    known = [cell.cell_id for cell in cells]
    if active_cell_id is not None and active_cell_id not in known:
        raise ConfigError(f"The notebook has no cell {active_cell_id!r}; its cells are {', '.join(known) or 'none'}.")
    active = active_cell_id or (known[-1] if known else None)
    return Request(prompt, cells, active, language=language_of(notebook))


def language_of(notebook: NotebookNode) -> str:
    """Give the language that the notebook's code is in, "python" where it does not say."""
    metadata = notebook.metadata
    name = metadata.get("language_info", {}).get("name") or metadata.get("kernelspec", {}).get("language")
    return str(name or "python").lower()


class NotebookProjection:
    """Applies events to a notebook. `make_fold` gives a fresh fold for each execution."""

    def __init__(self, notebook: NotebookNode, make_fold: Callable[[], OutputFold]) -> None:
        self._notebook = notebook
        self._make_fold = make_fold
        self._running: tuple[str, OutputFold] | None = None

    def apply(self, event: RunEvent) -> None:
        """Bring the notebook to where the event says it is; events that are not of cells are passed over."""
        match event:
            case CellOpened():
                self._open(event)
            case SourceFinished():
                self._cell(event.cell_id).source = event.source
            case ExecutionStarted():
                self._start(event)
            case KernelOutput():
                self._add(event)
            case ExecutionFinished():
                self._settle()
                self._cell(event.cell_id).execution_count = event.execution_count
            case RunFinished():
                self._settle()
            case _:
                pass

    def _open(self, event: CellOpened) -> None:
        """Insert the cell once: a revised cell is there already."""
        ids = [cell.id for cell in self._notebook.cells]
        if event.cell_id in ids:
            return
        below = ids.index(event.after_cell_id) + 1 if event.after_cell_id in ids else len(ids)
        self._notebook.cells.insert(below, v4.new_code_cell(id=event.cell_id))

    def _start(self, event: ExecutionStarted) -> None:
        self._running = (event.cell_id, self._make_fold())
        self._cell(event.cell_id).update(source=event.source, outputs=[], execution_count=None)

    def _add(self, event: KernelOutput) -> None:
        if self._running is not None:
            self._running[1].add(event.message)

    def _settle(self) -> None:
        """Write the outputs down once, at the end of the execution or (if the kernel died in it) of the run."""
        if self._running is not None:
            cell_id, fold = self._running
            self._cell(cell_id).outputs = [from_dict(output) for output in fold.outputs()]
            self._running = None

    def _cell(self, cell_id: str) -> NotebookNode:
        found: NotebookNode = next(cell for cell in self._notebook.cells if cell.id == cell_id)
        return found
