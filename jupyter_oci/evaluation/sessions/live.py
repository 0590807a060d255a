"""LiveSession: one session's notebook with its live kernel, in a folder of its own."""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Callable, Generator, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from nbformat import NotebookNode, v4

from ...config import KernelConfig
from ...errors import KernelDied, KernelError, KernelRestarted, KernelUnresponsive
from ...kernel.base import ExecutionResult
from ...kernel.launch import running_kernel
from ...kernel.outputs import OutputFold
from ...kernel.session import KernelSession
from ...notebook import NotebookProjection
from ..live_kernel import bound
from . import door
from .suite import Cell, Session
from .verdict import Verdict, verdict_of

T = TypeVar("T")

SLACK = 10.0
"""How many times DSEval's limit an answer may take: its limits are for a machine that does nothing else."""
REFERENCE_SECONDS = 120.0

OpenSession = Callable[[KernelConfig], KernelSession]


class ReferenceFailedError(Exception):
    """The session's own code, or the judge, fails in this kernel: what comes after it cannot be judged."""


@dataclass(frozen=True, slots=True)
class Answered:
    """What an answer ran: the execution counts of its cells as they stand in the end, and what they printed."""

    counts: tuple[int, ...]
    stream: str
    timed_out: bool = False


Answer = Callable[[KernelSession, NotebookNode], Answered]
"""Runs an answer's cells in the kernel and writes them below the notebook's."""


class LiveSession:
    """The notebook and the kernel as the reference left them; `place` is that of the next cell.

    The kernel is a process of its own in a process group of its own, bounded in memory. It has no less than the user's rights:
    what runs in it is kept from the folder of the suite and is stopped after its time, and no more. What judges it runs in it
    too, so that code which aims at the judge can deceive it.
    """

    def __init__(self, session: Session, folder: Path, open_session: OpenSession) -> None:
        self.notebook = v4.new_notebook()
        self.place = 0
        self._session = session
        self._folder = folder
        self._open_session = open_session
        self._judge: KernelSession | None = None

    @property
    def cell(self) -> Cell:
        """Give the cell that comes next."""
        return self._session.cells[self.place]

    def advance_to(self, place: int) -> None:
        """Run the reference's cells before `place`.

        Raises:
            ReferenceFailedError: one of them fails.
        """
        while self.place < place:
            result = self._run_reference()
            if result.status != "ok":
                raise ReferenceFailedError(f"{result.ename}: {result.evalue}")

    def attempt(self, answer: Answer) -> Verdict:
        """Have the next cell's problem answered, then run the reference's cell, and compare.

        Raises:
            ReferenceFailedError: what comes after the answer fails, the reference's cell or the judge; see `judged`.
        """
        cell = self.cell
        with tempfile.TemporaryDirectory(prefix="jupyter-oci-") as scratch:
            files = Path(scratch) / "files"
            shutil.copytree(self._folder, files)
            if failed := self._call("begin"):
                raise KernelError(failed)
            try:
                answered = self._answered(answer, cell)
                request = self._request(Path(scratch), cell, answered.counts, answered.stream, SLACK * cell.seconds)
                failed = self._call("take", request)
            except (KernelDied, KernelRestarted, KernelUnresponsive) as error:
                return Verdict("timeout" if isinstance(error, KernelUnresponsive) else "crash", str(error))
            if failed:
                raise ReferenceFailedError(failed)
            try:
                _put_back(self._folder, files)
                verdict = self._compared(Path(scratch), cell)
            except (KernelError, OSError, ValueError) as error:
                raise ReferenceFailedError(str(error)) from error
        if answered.timed_out:
            return Verdict("timeout", f"It takes more than {SLACK * cell.seconds:g} seconds.")
        return verdict if answered.counts else Verdict("no_code", "No cell was run.")

    def _answered(self, answer: Answer, cell: Cell) -> Answered:
        """Let the answer write into a copy of the notebook: the next problem finds the reference's."""
        with self._open_session(KernelConfig(execution_timeout=SLACK * cell.seconds)) as executor:
            return answer(executor, copy_of(self.notebook))

    def _compared(self, scratch: Path, cell: Cell) -> Verdict:
        self._run_reference()
        written = self.notebook.cells[-1]
        ran = (written.execution_count,), printed(written), REFERENCE_SECONDS
        request = self._request(scratch, cell, *ran, validators=cell.validators)
        if failed := self._call("judge", request, str(scratch / "verdict.json")):
            raise ReferenceFailedError(failed)
        verdict = json.loads((scratch / "verdict.json").read_text(encoding="utf-8"))
        if verdict["reference_error"]:
            raise ReferenceFailedError(verdict["reference_error"])
        return verdict_of(verdict["findings"])

    def _request(self, scratch: Path, cell: Cell, counts: tuple[int, ...], stream: str, seconds: float, **more: Any) -> str:
        request = scratch / "request.json"
        asked = {"counts": counts, "stream": stream, "tests": cell.tests, "seconds": seconds, **more}
        request.write_text(json.dumps(asked), encoding="utf-8")
        return str(request)

    def _run_reference(self) -> ExecutionResult:
        """Run the next cell of the session and write it into the notebook."""
        written = v4.new_code_cell(self.cell.code)
        self.notebook.cells.append(written)
        self.place += 1
        projection = NotebookProjection(self.notebook, OutputFold)
        return result_of(self._judge_session.execute(written.id, written.source), projection.apply)

    def _call(self, function: str, *arguments: str) -> str:
        """Call the judge in the kernel; return how it failed, empty if it did not.

        Raises:
            KernelUnresponsive: it had to be interrupted.
        """
        result = result_of(self._judge_session.execute("", door.call(function, *arguments), store_history=False))
        if result.status == "timeout":
            raise KernelUnresponsive(f"The judge took more than {REFERENCE_SECONDS:g} seconds in the kernel.")
        failed = f"The judge failed in the kernel: {result.ename or result.status}: {result.evalue}"
        return "" if result.status == "ok" else failed

    @property
    def _judge_session(self) -> KernelSession:
        """A session on the kernel that is made when it has been started."""
        if self._judge is None:
            self._judge = self._open_session(KernelConfig(execution_timeout=REFERENCE_SECONDS))
            bound(self._judge)
        return self._judge

    def close(self) -> None:
        """Let go of the kernel; twice is a no-op."""
        if self._judge is not None:
            self._judge.close()


@contextmanager
def live_session(session: Session, inputs: Path, kernel_name: str = "python3") -> Iterator[LiveSession]:
    """Start the session's kernel in a new folder, with a copy of the folder `inputs` there, if there is one.

    Raises:
        KernelNotFound: the kernel cannot be started.
    """
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="jupyter-oci-", ignore_cleanup_errors=True)))
        if inputs.is_dir():
            shutil.copytree(inputs, folder / "inputs")
        live = LiveSession(session, folder, stack.enter_context(running_kernel(folder, kernel_name)))
        stack.callback(live.close)
        yield live


def judged(open_session: Callable[[], AbstractContextManager[LiveSession]], place: int, answer: Answer) -> Verdict:
    """Judge an answer to the problem at `place` in a session of its own.

    Where what comes after the answer fails, a second session without it tells whether that is the answer's doing.

    Raises:
        ReferenceFailedError: the session's own code fails in this kernel.
    """
    with open_session() as live:
        live.advance_to(place)
        try:
            return live.attempt(answer)
        except ReferenceFailedError as error:
            broken = Verdict("crash", f"What comes after the answer does not run any more: {error}")
    with open_session() as live:
        live.advance_to(place)
        live.attempt(lambda *_: Answered((), ""))
    return broken


def result_of(steps: Generator[Any, None, T], take: Callable[[Any], None] | None = None) -> T:
    """Run steps to their end and give what they return; each event goes to `take`."""
    try:
        while True:
            event = next(steps)
            if event is not None and take is not None:
                take(event)
    except StopIteration as end:
        result: T = end.value
        return result


def copy_of(notebook: NotebookNode) -> NotebookNode:
    """Copy the notebook, so that what is written into the copy stays there."""
    copy: NotebookNode = v4.new_notebook(cells=list(notebook.cells))
    return copy


def printed(cell: NotebookNode) -> str:
    """Give what the cell printed."""
    return "".join(output.text for output in cell.outputs if output.output_type == "stream")


def _put_back(folder: Path, files: Path) -> None:
    """Have the folder hold the files as they were; it is a running kernel's, so it stays the same folder."""
    for entry in folder.iterdir():
        if entry.is_dir() and not entry.is_symlink():
            shutil.rmtree(entry)
        else:
            entry.unlink()
    shutil.copytree(files, folder, dirs_exist_ok=True)
