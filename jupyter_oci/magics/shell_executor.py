"""ShellExecutor: runs the agent's code right here, in the namespace of the shell that asks."""

from __future__ import annotations

import json
import time
import uuid
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from IPython.utils.capture import capture_output

from ..events import ExecutionFinished, ExecutionStarted, ExecutionStatus, KernelOutput, RunEvent
from ..kernel import folder, probe
from ..kernel.base import DataFile, ExecutionResult, Variable
from ..kernel.outputs import fold

_MAX_CHARACTERS = 200_000
_BUDGET = 0.25


class ShellExecutor:
    """An Executor within the cell that asks. Nothing can be yielded while code runs: what it prints comes when it has ended.

    `redacted` is blotted out of what it prints. An interrupt ends the code as it ends any cell.
    """

    def __init__(self, shell: Any, redacted: str = "") -> None:
        self._shell = shell
        self._redacted = redacted

    def execute(
        self,
        cell_id: str,
        source: str,
        *,
        store_history: bool = True,  # noqa: ARG002 - the history belongs to the cell that asks, which still runs
    ) -> Generator[RunEvent | None, None, ExecutionResult]:
        """Run it; see `Executor.execute`. Nothing is stored in the history."""
        execution_id = uuid.uuid4().hex
        yield ExecutionStarted(cell_id, execution_id, source)
        began = time.monotonic()
        with _tracebacks(self._shell, self._clean) as traceback, capture_output() as captured:
            ran = self._shell.run_cell(source, store_history=False)
        messages = [*self._messages(captured)]
        for message in messages:
            yield KernelOutput(cell_id, execution_id, message)
        error = ran.error_before_exec or ran.error_in_exec
        result = ExecutionResult(
            status=_status(error),
            execution_id=execution_id,
            execution_count=None,
            outputs=fold(messages),
            seconds=time.monotonic() - began,
            ename=type(error).__name__ if error is not None else "",
            evalue=self._clean(str(error)) if error is not None else "",
            traceback=tuple(traceback),
        )
        yield ExecutionFinished(cell_id, execution_id, result.status, None, result.seconds, result.ename, result.evalue)
        return result

    def until_free(self) -> Generator[RunEvent | None, None, None]:
        """Wait for nothing: the cell that asks is the one that runs."""
        yield from ()

    def check_alive(self) -> None:
        """Pass: the shell is where we are."""

    def variables(self, about: str = "") -> Sequence[Variable]:
        """List what the shell holds, with the probe that is used from outside too; see `Executor.variables`."""
        return tuple(Variable(*item) for item in json.loads(probe.answer(_BUDGET, about)))

    def files(self, about: str = "") -> Sequence[DataFile]:
        """List the files of data in the working folder, and what is in those that `about` names; see `Executor.files`."""
        return tuple(DataFile(*item) for item in json.loads(folder.answer(_BUDGET, about)))

    def _messages(self, captured: Any) -> Iterator[dict[str, Any]]:
        """Give what was printed and displayed as IOPub messages."""
        for name, text in (("stdout", captured.stdout), ("stderr", captured.stderr)):
            if text:
                yield {"msg_type": "stream", "content": {"name": name, "text": self._clean(text)}, "metadata": {}}
        for output in captured.outputs:
            content = {"data": dict(output.data), "metadata": dict(output.metadata), "transient": dict(output.transient)}
            if isinstance(plain := content["data"].get("text/plain"), str):
                content["data"]["text/plain"] = self._clean(plain)
            yield {"msg_type": "display_data", "content": content, "metadata": {}}

    def _clean(self, text: str) -> str:
        text = text.replace(self._redacted, "***") if self._redacted else text
        if len(text) <= _MAX_CHARACTERS:
            return text
        half = _MAX_CHARACTERS // 2
        return f"{text[:half]}\n[... {len(text) - 2 * half:,} characters ...]\n{text[-half:]}"


@contextmanager
def _tracebacks(shell: Any, clean: Callable[[str], str]) -> Iterator[list[str]]:
    """Keep tracebacks from being shown meanwhile, and give the last one: the agent's failures are told by the agent."""
    lines: list[str] = []

    def keep(_kind: type, _value: BaseException, traceback: Sequence[str]) -> None:
        lines[:] = [clean(line) for line in traceback]

    before = vars(shell).get("_showtraceback")
    shell._showtraceback = keep
    try:
        yield lines
    finally:
        if before is None:
            del shell._showtraceback
        else:  # another extension's
            shell._showtraceback = before


def _status(error: BaseException | None) -> ExecutionStatus:
    if error is None:
        return "ok"
    return "interrupted" if isinstance(error, KeyboardInterrupt) else "error"
