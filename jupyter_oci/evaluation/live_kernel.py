"""A live kernel for code that a model wrote and nobody approves: in a folder of its own, bounded in time and memory."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from ..config import KernelConfig
from ..errors import KernelNotFound, ModelError
from ..events import ApprovalRequested, Decision, RunFinished
from ..kernel.base import ExecutionResult, Executor
from ..kernel.launch import launch_kernel
from ..kernel.session import KernelSession
from ..request import Cell

SECONDS = 10.0
MEMORY = 4 << 30
_DOUBTED = ("asks_input", "declined", "uncomputed", "unfounded")
"""Runs that are over as wanted and whose last sentence says that nothing ran, that it may be a guess, or that it did not fit."""
_BOUND = "(lambda r: r.setrlimit(r.RLIMIT_AS, ({0}, r.getrlimit(r.RLIMIT_AS)[1])))(__import__('resource'))"
_VERSIONS = """
import platform
from importlib.metadata import distributions
wanted = {"numpy": "NumPy", "pandas": "pandas"}
found = {each.metadata["Name"].lower(): each.version for each in distributions()}
print(f"Python {platform.python_version()}", *(f"{wanted[name]} {found[name]}" for name in wanted if name in found), sep=", ")
"""


@contextmanager
def live_kernel() -> Iterator[KernelSession]:
    """Start a fresh kernel; a cell may take `SECONDS`, and the kernel `MEMORY` bytes where the system can bound it.

    Raises:
        KernelNotFound: it cannot be started.
    """
    with (
        tempfile.TemporaryDirectory(prefix="oci-evaluation-", ignore_cleanup_errors=True) as folder,
        launch_kernel(KernelConfig(execution_timeout=SECONDS), Path(folder)) as kernel,
    ):
        bound(kernel)
        yield kernel


def bound(executor: Executor) -> None:
    """Give the kernel `MEMORY` bytes at most, where the system can bound it."""
    execute(executor, "bound", _BOUND.format(MEMORY), store_history=False)


def execute(executor: Executor, cell_id: str, source: str, *, store_history: bool = True) -> ExecutionResult:
    """Run code to its end and give its result."""
    steps = executor.execute(cell_id, source, store_history=store_history)
    while True:
        try:
            next(steps)
        except StopIteration as end:
            result: ExecutionResult = end.value
            return result


def versions(kernel_name: str) -> str:
    """Ask a kernel for the versions on which verdicts in it depend.

    Raises:
        KernelNotFound: it cannot be started, or does not tell.
    """
    with launch_kernel(kernel_name=kernel_name) as kernel:
        result = execute(kernel, "versions", _VERSIONS)
    if result.status != "ok":
        raise KernelNotFound(f"The kernel {kernel_name!r} does not tell its versions ({result.ename}: {result.evalue}).")
    return "".join(output["text"] for output in result.outputs if output["output_type"] == "stream").strip()


def run_cells(executor: Executor, cells: Sequence[Cell]) -> list[Cell]:
    """Run the cells one after the other, as a user does who goes on after an error; give them with their outputs."""
    results = [execute(executor, cell.cell_id, cell.source) for cell in cells]
    return [
        replace(cell, outputs=result.outputs, execution_count=result.execution_count)
        for cell, result in zip(cells, results, strict=True)
    ]


def skip_unasked(request: ApprovalRequested) -> Decision:
    """Skip what a user would be asked about: there is nobody to ask."""
    return Decision("skip", request.source)


def said_done(end: RunFinished) -> bool:
    """Tell whether the user is told that the request is done, without a doubt of the product's own."""
    return end.status == "done" and end.reason not in _DOUBTED


def raise_if_ours(end: RunFinished) -> None:
    """Raise again what ended a run and says nothing of the model's answer.

    A kernel that died or does not react any more was brought there by the code that ran in it.

    Raises:
        ModelError, KernelError: model or kernel could not be had.
    """
    if end.reason == "kernel_not_found":
        raise KernelNotFound(end.message)
    if end.reason in ("worker_died", "model_load_error", "model_error"):
        raise ModelError(end.message)
