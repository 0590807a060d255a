"""Follow a run of the agent inside the cell that asked for it, and show it there."""

from __future__ import annotations

import sys
from collections.abc import Callable, Generator
from contextlib import closing, suppress
from typing import Any

from IPython.display import publish_display_data

from ..agent.approval import RUN_IT, typed
from ..errors import OCIError, Stopped
from ..events import (
    ApprovalRequested,
    Decision,
    ExecutionFinished,
    FixProposed,
    KernelOutput,
    RunEvent,
    RunFinished,
    SourceDelta,
    SourceFinished,
    StatusChanged,
    TextDelta,
)
from .explain import show_status
from .screen import Screen

Run = Generator[RunEvent | None, Decision | None, None]
Ask = Callable[[str], str]

# Here the code stands in an output, not in a cell of its own.
_CLOSING = {
    **dict.fromkeys(("answered", "inserted", "same_code", "explained", "rejected"), ""),
    "declined": "The code was skipped and has not been run.",
}


class GaveUp(OCIError):  # noqa: N818 - not a fault: the agent did what it could
    """The agent did not get there; the message says why."""


class Follower:
    """Shows events as they come. `source` is the newest code."""

    def __init__(self, screen: Screen, *, shows_code: bool) -> None:
        self.source: str | None = None
        self._screen = screen
        self._shows_code = shows_code
        self._lines = 0

    def follow(self, run: Run, decide: Callable[[ApprovalRequested], Decision]) -> None:
        """Step the run to its end. An interrupt closes it, which stops model and code.

        Raises:
            GaveUp: it did not end well.
            Stopped: the code that ran was interrupted.
        """
        answer: Decision | None = None
        with closing(run), suppress(StopIteration):
            while True:
                event = run.send(answer)
                if event is not None:
                    self._show(event)
                answer = decide(event) if isinstance(event, ApprovalRequested) else None

    def _show(self, event: RunEvent) -> None:
        match event:
            case StatusChanged():
                show_status(event, self._screen)
            case TextDelta(text=text) | FixProposed(summary=text):
                self._screen.write(text)
            case SourceDelta():
                self._lines += event.text.count("\n")
                self._screen.status(f"Writing code: {self._lines + 1} lines")
            case SourceFinished():
                self._take_source(event.source)
            case KernelOutput():
                self._screen.end()  # what is said from now on is said of it, and stands below it
                show_output(event.message)
            case ExecutionFinished(status="error" | "timeout"):
                print(f"{event.ename}: {event.evalue}")  # noqa: T201 - into the cell's output
            case RunFinished():
                self._finish(event)
            case _:
                pass

    def _take_source(self, source: str) -> None:
        self.source, self._lines = source, 0
        if self._shows_code:
            self._screen.end(framed(source))

    def _finish(self, event: RunFinished) -> None:
        if event.status == "done":
            self._screen.end(_CLOSING.get(event.reason, event.message))
            return
        self._screen.end()
        raise Stopped(event.message) if event.status == "stopped" else GaveUp(event.message)


def framed(source: str) -> str:
    """Show code between other text."""
    return "\n".join(f"│ {line}" for line in source.split("\n"))


def show_output(message: dict[str, Any]) -> None:
    """Show one output as if the cell had made it."""
    content = message["content"]
    if message["msg_type"] == "stream":
        stream = sys.stderr if content["name"] == "stderr" else sys.stdout
        stream.write(content["text"])
        stream.flush()
    else:
        publish_display_data(content["data"], content["metadata"])


def ask_user(ask: Ask) -> Callable[[ApprovalRequested], Decision]:
    """Make a decider that asks in the cell; without a stdin (`nbconvert --execute`) the code is skipped."""

    def decide(event: ApprovalRequested) -> Decision:
        print("\n".join(event.reasons))  # noqa: T201 - into the cell's output
        try:
            answer = ask(RUN_IT)
        except (EOFError, NotImplementedError, RuntimeError):
            answer = ""
        return typed(event, answer)

    return decide
