"""What a person, or a program, reads of a run on the terminal."""

from __future__ import annotations

import difflib
import json
import sys
import time
from typing import Any, Protocol

from rich.console import Console
from rich.panel import Panel
from rich.syntax import Syntax
from rich.text import Text

from ..agent.approval import RUN_IT, typed
from ..events import (
    ApprovalRequested,
    CellOpened,
    Decision,
    ExecutionFinished,
    FixProposed,
    KernelOutput,
    RoundStarted,
    RunEvent,
    RunFinished,
    RunStarted,
    SourceFinished,
    StatusChanged,
    TextDelta,
    VariablesChanged,
    to_json,
)


class Printer(Protocol):
    """Shows events as they come."""

    def show(self, event: RunEvent) -> None:
        """Show one event."""
        ...


class JsonLines:
    """Every event as a JSON line with its `type`, `seq` (from 1) and `time` (seconds since the epoch)."""

    def __init__(self) -> None:
        self._seq = 0

    def show(self, event: RunEvent) -> None:
        """Print the event's line at once, for a reader at the other end of a pipe."""
        self._seq += 1
        print(json.dumps({"seq": self._seq, "time": time.time(), **to_json(event)}), flush=True)


class TerminalText:
    """Prose as it comes, each cell whole, its outputs, and the difference that a revision made."""

    def __init__(self, console: Console | None = None) -> None:
        self._console = console or Console(highlight=False)
        self._sources: dict[str, str] = {}
        self._users: set[str] = set()
        self._revises = False
        self._said: tuple[str, str] = ("", "")
        self._in_prose = False

    def show(self, event: RunEvent) -> None:
        """Print what the event means to a reader; most events mean nothing."""
        if self._in_prose and not isinstance(event, TextDelta):
            self._in_prose = False
            self._console.print()
        method = _SHOWN.get(type(event))
        if method is not None:
            method(self, event)

    def _started(self, event: RunStarted) -> None:
        self._said = ("loading", event.model)
        self._console.print(Text(f"▸ {event.prompt}", style="bold"), Text(f"  {event.model}, {event.mode} mode", style="dim"))

    def _status(self, event: StatusChanged) -> None:
        """Say each phase once: a loading bar that moves a hundred times would fill the terminal."""
        said = (event.phase, event.detail)
        if said != self._said and event.phase in ("queued", "loading", "kernel_busy"):
            self._console.print(Text(event.detail or event.phase, style="dim"))
        self._said = said

    def _round(self, event: RoundStarted) -> None:
        if event.revises:
            said = f"Revising, try {event.attempt}" if event.attempt > 1 else "Writing it anew"
            self._console.print(Text(said, style="yellow"))

    def _text(self, event: TextDelta) -> None:
        self._in_prose = True
        self._console.print(Text(event.text), end="", soft_wrap=True)

    def _proposed(self, event: FixProposed) -> None:
        self._users.add(event.cell_id)
        self._console.print(Text(event.summary))

    def _opened(self, event: CellOpened) -> None:
        self._revises = event.revises

    def _source(self, event: SourceFinished) -> None:
        before = self._sources.get(event.cell_id)
        self._sources[event.cell_id] = event.source
        if before is not None:
            title = "revised cell" if self._revises else "as it runs"
            self._console.print(_panel("\n".join(difference(before, event.source)), "diff", title))
        else:
            self._console.print(_panel(event.source, "python", "your cell" if event.cell_id in self._users else "new cell"))

    def _output(self, event: KernelOutput) -> None:
        text = _as_text(event.message)
        if text:
            self._console.print(Text.from_ansi(text.rstrip("\n")))

    def _executed(self, event: ExecutionFinished) -> None:
        style = "green" if event.status == "ok" else "red"
        self._console.print(Text(f"[{event.execution_count}] {event.status} in {event.seconds:.1f} s", style=style))

    def _variables(self, event: VariablesChanged) -> None:
        told = [*event.changed, *(f"{name}: deleted" for name in event.gone), *event.new]
        self._console.print(Text("\n".join(["Variables since the request:", *(f"  {line}" for line in told)]), style="dim"))

    def _finished(self, event: RunFinished) -> None:
        style = "bold green" if event.status == "done" else "bold red"
        rounds = "1 round" if event.rounds == 1 else f"{event.rounds} rounds"
        self._console.print(Text(f"{event.status} after {rounds}. ", style=style), Text(event.message), sep="")


_SHOWN: dict[type, Any] = {
    RunStarted: TerminalText._started,
    StatusChanged: TerminalText._status,
    RoundStarted: TerminalText._round,
    TextDelta: TerminalText._text,
    FixProposed: TerminalText._proposed,
    CellOpened: TerminalText._opened,
    SourceFinished: TerminalText._source,
    KernelOutput: TerminalText._output,
    ExecutionFinished: TerminalText._executed,
    VariablesChanged: TerminalText._variables,
    RunFinished: TerminalText._finished,
}


def difference(before: str, after: str) -> list[str]:
    """Give the lines that changed and three around each, without the file names of a patch."""
    return list(difflib.unified_diff(before.splitlines(), after.splitlines(), lineterm=""))[2:] or ["(the same code)"]


def _panel(source: str, language: str, title: str) -> Panel:
    return Panel(Syntax(source, language, theme="ansi_dark", word_wrap=True), title=title, title_align="left", border_style="dim")


def _as_text(message: dict[str, Any]) -> str:
    """Give an output's plain form; pictures are named by their type."""
    content = message["content"]
    if message["msg_type"] == "stream":
        return str(content["text"])
    if message["msg_type"] == "error":
        return _short_traceback(content["traceback"])
    data = content.get("data", {})
    pictures = [kind for kind in data if kind.startswith("image/")]
    return f"[{pictures[0]}]" if pictures else str(data.get("text/plain", ""))


def _short_traceback(frames: list[str]) -> str:
    """Keep the frames in the notebook's own cells and the error itself; the frames of libraries fill a screen."""
    own = [frame for frame in frames[:-1] if "Cell In[" in Text.from_ansi(frame).plain]
    return "\n".join([*own, *frames[-1:]])


def skip_unasked(request: ApprovalRequested) -> Decision:
    """Skip, for there is nobody to ask."""
    print(f"Not run, as there is no terminal to ask on: {' '.join(request.reasons)}", file=sys.stderr)
    return Decision("skip", request.source)


def ask_on_terminal(request: ApprovalRequested) -> Decision:
    """Ask on the terminal whether the cell just shown may run, or what is to be changed in it."""
    console = Console(stderr=True)
    console.print(_panel(request.source, "python", "may this run?"))
    for reason in request.reasons:
        console.print(Text(f"• {reason}"))
    try:
        answer = console.input(Text(RUN_IT))
    except EOFError:
        answer = ""
    return typed(request, answer)
