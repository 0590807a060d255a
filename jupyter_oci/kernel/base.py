"""ExecutionResult, Variable, Executor: all that the agent knows of a kernel; KernelControl: what its owner lends us."""

from __future__ import annotations

from collections.abc import Generator, Hashable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from ..events import ExecutionStatus, RunEvent


@dataclass(frozen=True, slots=True)
class ExecutionResult:
    """What one execution gave: data, not feedback.

    `outputs` are nbformat outputs as the cell shows them, cut to the executor's byte limit; `dropped_bytes` is how much was
    cut. `ename`, `evalue` and `traceback` (ANSI codes kept) are those of the error reply, empty when there was none;
    a program that ends itself by `sys.exit(0)` has the status "ok" and the `ename` "SystemExit".
    """

    status: ExecutionStatus
    execution_id: str
    execution_count: int | None
    outputs: tuple[dict[str, Any], ...]
    seconds: float
    ename: str = ""
    evalue: str = ""
    traceback: tuple[str, ...] = ()
    dropped_bytes: int = 0


@dataclass(frozen=True, slots=True)
class Variable:
    """A name that the kernel holds. `summary` says shape, dtype, length, columns with sample values, or signature."""

    name: str
    type: str
    summary: str = ""


@dataclass(frozen=True, slots=True)
class DataFile:
    """A file in the kernel's working folder, or in a folder in it.

    `first_line` is that of a table, with its columns. `contents` are the first lines of a text that was asked about, or the
    source of a module.
    """

    path: str
    first_line: str = ""
    contents: str = ""


class Executor(Protocol):
    """Runs code where the user works. Its generators yield at least every 50 ms (None: nothing new)."""

    def execute(
        self, cell_id: str, source: str, *, store_history: bool = True
    ) -> Generator[RunEvent | None, None, ExecutionResult]:
        """Run `source` for the cell; yield ExecutionStarted, KernelOutput ..., ExecutionFinished; return the result.

        Without `store_history` it leaves `In`, `Out` and the execution count as they are.

        `Stopped` thrown in interrupts the kernel if (and only if) this very execution is running, lets the last outputs be
        yielded, and passes.

        Raises:
            KernelDied, KernelRestarted: nothing further may be executed in this run.
            KernelUnresponsive: the code goes on after an interrupt (of a stop or a timeout).
        """
        ...

    def until_free(self) -> Generator[RunEvent | None, None, None]:
        """Wait until nothing of anybody else's runs in the kernel; `execute` waits too, when the source is settled.

        Raises:
            KernelNotFound, KernelDied, KernelRestarted: nothing can be executed.
        """
        ...

    def check_alive(self) -> None:
        """Look whether the kernel is still the one that this run began with.

        Raises:
            KernelDied, KernelRestarted: it is not.
        """
        ...

    def variables(self, about: str = "") -> Sequence[Variable] | None:
        """List all names that the kernel holds, newest first, without calling user code; None: that is not known.

        Summaries are bounded, in time too: those of names that the text `about` mentions come first.
        """
        ...

    def files(self, about: str = "") -> Sequence[DataFile]:
        """List the files of data in the kernel's working folder, newest first, in the same way; empty if unknown.

        Texts and modules that `about` names are there with their contents.
        """
        ...


class KernelControl(Protocol):
    """What only the owner of the kernel's process can do. Both may be called from any thread and return quickly."""

    def interrupt(self) -> None:
        """Interrupt what the kernel runs now."""
        ...

    def incarnation(self) -> Hashable | None:
        """Give a value that changes at each restart; None: the process is dead."""
        ...
