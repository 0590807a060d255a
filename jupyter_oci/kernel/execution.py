"""One execution as its messages tell it: has it started, what did it print, is it over."""

from __future__ import annotations

import time
from collections import deque
from typing import Any

from ..errors import KernelError
from ..events import ExecutionFinished, ExecutionStarted, ExecutionStatus, KernelOutput, RunEvent, StatusChanged
from .base import ExecutionResult
from .budget import TOO_LARGE, UPDATES, OutputBudget, shorten_error
from .connection import Connection, Incoming
from .outputs import HANDLED, OutputFold
from .wire import clean, stream_ends

REPLY_AFTER_IDLE = 0.25
"""Seconds to wait for the reply of an idle kernel: an interrupt that comes early swallows it."""
IDLE_AFTER_REPLY = 1.0
"""Seconds of silence to wait for idle after the reply: IOPub drops messages for a client that is slow in a flood."""

CLEAN_EXITS = ("", "0", "None", "False")
"""What `sys.exit` is given by a program that has done all that it was to do."""
EXIT_WARNING = "To exit: use 'exit'"

HOLDING = "The cell prints very much: the end of it is shown when it is done."


class Execution:
    """What is known of one execute_request. Times are `time.monotonic`."""

    def __init__(self, connection: Connection, request: ExecutionStarted, limit: int, rich_limit: int) -> None:
        self.events: deque[RunEvent | None] = deque()
        self.aborted = False
        self.started: float | None = None
        self.reply: dict[str, Any] = {}
        self._request = request
        self._connection = connection
        self._limit = limit
        self._rich_limit = rich_limit
        self._budget = OutputBudget(limit, rich_limit)
        self._fold = OutputFold()
        self._error: dict[str, Any] = {}
        self._execution_count: int | None = None
        self._idle = False
        self._quiet_since: float | None = None

    @property
    def over(self) -> bool:
        """Both the reply and idle have come, or one of them and the other is not coming."""
        if self.aborted or (self._idle and self.reply):
            return True
        patience = REPLY_AFTER_IDLE if self._idle else IDLE_AFTER_REPLY
        return self._quiet_since is not None and time.monotonic() - self._quiet_since > patience

    def take(self, incoming: Incoming) -> None:
        """Take one message; those of other parents are passed over."""
        if incoming.parent_id != self._request.execution_id:
            return
        if incoming.channel == "shell" and incoming.msg_type == "execute_reply":
            self._take_reply(self._connection.unpack(incoming))
        elif incoming.channel == "iopub" and incoming.msg_type in HANDLED:
            self._start()
            self._take_output(incoming)
        elif incoming.msg_type == "execute_input":
            self._start()
            self._execution_count = self._connection.unpack(incoming).get("execution_count")
        elif incoming.msg_type == "status" and self._connection.unpack(incoming).get("execution_state") == "idle":
            self._idle = True
            self._quiet_since = time.monotonic()

    @property
    def running(self) -> bool:
        """It has started and is not over: only now may the kernel be interrupted."""
        return self.started is not None and not self.over

    def finish(self, status: ExecutionStatus | None, failure: KernelError | None = None) -> ExecutionResult:
        """Release the held output and say how it ended; `status` and `failure` are given when it did not end by itself."""
        for output in self._budget.finish():
            self._emit(output)
        result = self._result(status, failure)
        if self.started is not None:
            self.events.append(self._finished(result))
        return result

    def _result(self, status: ExecutionStatus | None, failure: KernelError | None) -> ExecutionResult:
        error = self._error or (self.reply if self.reply.get("status") == "error" else {})
        if failure is not None:
            error = {"ename": type(failure).__name__, "evalue": str(failure)}
        raised: ExecutionStatus = "interrupted" if error.get("ename") == KeyboardInterrupt.__name__ else "error"
        ended = status or (raised if error and not _is_clean_exit(error) else "ok")
        return ExecutionResult(
            status=ended,
            execution_id=self._request.execution_id,
            execution_count=self.reply.get("execution_count", self._execution_count),
            outputs=self._fold.outputs(),
            seconds=time.monotonic() - self.started if self.started is not None else 0.0,
            ename=error.get("ename", ""),
            evalue=error.get("evalue", ""),
            traceback=tuple(error.get("traceback", ())),
            dropped_bytes=self._budget.dropped_bytes,
        )

    def _finished(self, result: ExecutionResult) -> ExecutionFinished:
        return ExecutionFinished(
            cell_id=self._request.cell_id,
            execution_id=self._request.execution_id,
            status=result.status,
            execution_count=result.execution_count,
            seconds=result.seconds,
            ename=result.ename,
            evalue=result.evalue,
            payload=self.payload,
        )

    @property
    def payload(self) -> tuple[dict[str, Any], ...]:
        """The reply's payload."""
        return tuple(self.reply.get("payload") or ())

    @property
    def asks_exit(self) -> bool:
        """`exit()` and `quit()` reply "ok", and the kernel is gone a moment later."""
        return any(item.get("source") == "ask_exit" and not item.get("keepkernel") for item in self.payload)

    def _start(self) -> None:
        if self.started is None:
            self.started = time.monotonic()
            self.events.append(self._request)

    def _take_reply(self, reply: dict[str, Any]) -> None:
        if reply.get("status") in ("aborted", "abort") and self.started is None:
            self.aborted = True
            return
        self._start()
        self.reply = shorten_error(reply, self._limit // 8) if reply.get("status") == "error" else reply
        self._quiet_since = time.monotonic()

    def _take_output(self, incoming: Incoming) -> None:
        if self._quiet_since is not None:
            self._quiet_since = time.monotonic()
        output = self._output(incoming)
        if output is None or self._tells_of_clean_exit(output):
            return
        if output["msg_type"] == "error":
            self._error = shorten_error(output["content"], self._limit // 8)
        held_before = self._budget.holding
        shown = self._budget.admit(output)
        if shown is not None:
            self._emit(shown)
        elif not held_before:
            self.events.append(StatusChanged("running", HOLDING))

    def _tells_of_clean_exit(self, output: dict[str, Any]) -> bool:
        """Whether it is what IPython makes of a program's ordinary end: an error, and a warning after it."""
        content = output["content"]
        if output["msg_type"] == "error" and _is_clean_exit(content):
            self._error = content
            return True
        return _is_clean_exit(self._error) and EXIT_WARNING in content.get("text", "")

    def _output(self, incoming: Incoming) -> dict[str, Any] | None:
        """Unpack, unless it is so large that doing so would stall everybody."""
        metadata = dict(incoming.metadata)
        size, kind = len(incoming.content), incoming.msg_type
        most = self._rich_limit if kind in UPDATES else 4 * self._limit
        if size <= most or kind == "error":
            content = clean(self._connection.unpack(incoming), incoming.content)
            return {"msg_type": kind, "content": content, "metadata": metadata}
        if kind in UPDATES:
            told = {"text/plain": f"[an output of {size:,} bytes {TOO_LARGE}]"}
            return {"msg_type": "display_data", "content": {"data": told, "metadata": {}}, "metadata": {}}
        ends = stream_ends(incoming.content, self._limit // 16) if kind == "stream" else None
        self._budget.count_dropped(size - (len(ends["text"]) if ends else 0))
        return {"msg_type": "stream", "content": ends, "metadata": metadata} if ends else None

    def _emit(self, output: dict[str, Any]) -> None:
        """Append an output; a stream joins the one before it that is not yet yielded."""
        self._fold.add(output)
        last = self.events[-1] if self.events else None
        if isinstance(last, KernelOutput) and _same_stream(last.message, output):
            text = last.message["content"]["text"] + output["content"]["text"]
            output = {**output, "content": {**output["content"], "text": text}}
            self.events.pop()
        self.events.append(KernelOutput(self._request.cell_id, self._request.execution_id, output))


def _is_clean_exit(error: dict[str, Any]) -> bool:
    return error.get("ename") == SystemExit.__name__ and error.get("evalue") in CLEAN_EXITS


def _same_stream(first: dict[str, Any], second: dict[str, Any]) -> bool:
    both_streams = first["msg_type"] == second["msg_type"] == "stream"
    return both_streams and bool(first["content"]["name"] == second["content"]["name"])
