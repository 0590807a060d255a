"""Run a check in the user's kernel without a trace in the notebook, and tell what fails in it."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import closing
from functools import partial

from ..errors import Stopped
from ..events import ExecutionFinished, ExecutionStarted, KernelOutput, RunEvent, StatusChanged
from ..kernel.base import ExecutionResult, Executor
from .checks import Check
from .plain_text import cut_middle, plain

CHECKING = "Checking the result"
_CHARACTERS = 1200
Execution = Generator["RunEvent | None", None, ExecutionResult]
_OF_A_CELL = (ExecutionStarted, KernelOutput, ExecutionFinished)


def run_check(executor: Executor, cell_id: str, check: Check) -> Generator[RunEvent | None, None, str]:
    """Return what fails, with expected and actual values; empty when all holds, or there is nothing to check."""
    if not check.code:
        return ""
    result = yield from run_silently(executor, cell_id, check.runnable, CHECKING)
    if result.status == "ok" and not result.ename:
        return ""
    return cut_middle(plain(result.evalue) or f"the check does not end: {result.status}", _CHARACTERS)


def run_silently(executor: Executor, cell_id: str, source: str, status: str) -> Execution:
    """Run source of ours for a cell and give its result; only the status is seen.

    Raises:
        Stopped: the user interrupted the kernel meanwhile, which can only have been meant for the run.
    """
    yield StatusChanged("running", status)
    with closing(executor.execute(cell_id, source, store_history=False)) as execution:
        result = yield from _without_trace(execution)
    if result.status == "interrupted":
        raise Stopped
    return result


def _without_trace(execution: Execution) -> Execution:
    """Pass on what is not of a cell's own; a stop goes on into the execution."""
    step = partial(next, execution)
    while True:
        try:
            event = step()
        except StopIteration as end:
            result: ExecutionResult = end.value
            return result
        step = partial(next, execution)
        try:
            yield None if isinstance(event, _OF_A_CELL) else event
        except Stopped as stopped:
            step = partial(execution.throw, stopped)
