"""Run a notebook's own code cells first, so that the agent finds what they made."""

from __future__ import annotations

import sys

from nbformat import NotebookNode

from ..errors import ConfigError, KernelDied, KernelRestarted, Stopped
from ..kernel.base import ExecutionResult, Executor
from ..notebook import NotebookProjection
from .follow import StopRequest


def replay(notebook: NotebookNode, executor: Executor, projection: NotebookProjection, stop: StopRequest) -> None:
    """Run the code cells in order. One that fails is reported and the next one runs all the same.

    Outputs that the file already holds stay as they are; cells without any get theirs.

    Raises:
        Stopped: the user asked for it.
        ConfigError: a cell ended the kernel.
    """
    for number, cell in enumerate(notebook.cells, start=1):
        if cell.cell_type != "code" or not cell.source.strip():
            continue
        try:
            result = _execute(cell, executor, projection, stop)
        except (KernelDied, KernelRestarted) as error:
            raise ConfigError(f"Cell {number} of the notebook ended the kernel. Take it out, or give --no-replay.") from error
        if result.status != "ok":
            print(f"Cell {number} of the notebook failed: {result.ename or result.status}: {result.evalue}", file=sys.stderr)


def _execute(cell: NotebookNode, executor: Executor, projection: NotebookProjection, stop: StopRequest) -> ExecutionResult:
    is_new = not cell.outputs
    execution = executor.execute(cell.id, cell.source)
    try:
        while True:
            event = execution.throw(Stopped()) if stop.is_set else next(execution)
            if event is not None and is_new:
                projection.apply(event)
    except StopIteration as end:
        result: ExecutionResult = end.value
        return result
