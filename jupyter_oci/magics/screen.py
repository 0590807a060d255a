"""Screen: where a magic shows what the model says, in a display that is updated in place or on a terminal."""

from __future__ import annotations

import sys
import time
from typing import Any, Protocol

from IPython.display import DisplayHandle, display

_INTERVAL = 0.1


class Screen(Protocol):
    """Shows one reply."""

    def status(self, text: str, *, slow: bool = False) -> None:
        """Say what goes on, for as long as there is nothing else to be seen; `slow` is what the user must wait for."""
        ...

    def write(self, text: str) -> None:
        """Append to the prose."""
        ...

    def end(self, note: str = "") -> None:
        """Show the rest, and a closing line below the prose."""
        ...


class NotebookScreen:
    """One display, updated in place a few times a second.

    It is plain text, for a model's markdown could make the page load an image from anywhere, which tells that place things.
    """

    def __init__(self) -> None:
        self._handle: DisplayHandle | None = None
        self._prose = ""
        self._shown = ""
        self._shown_at = 0.0

    def status(self, text: str, *, slow: bool = False) -> None:  # noqa: ARG002 - what is not slow is gone soon
        """Show it in place of the prose to come."""
        if not self._prose.strip():
            self._show(text)

    def write(self, text: str) -> None:
        """Append, and show it unless that was done just now."""
        self._prose += text
        if self._prose.strip() and time.monotonic() - self._shown_at > _INTERVAL:
            self._show(self._prose.strip())

    def end(self, note: str = "") -> None:
        """Show all of it."""
        text = "\n\n".join(part for part in (self._prose.strip(), note) if part)
        if text or self._handle is not None:
            self._show(text)
        self._handle, self._prose = None, ""

    def _show(self, text: str) -> None:
        if text == self._shown and self._handle is not None:
            return
        self._shown, self._shown_at = text, time.monotonic()
        data = {"text/plain": text}
        if self._handle is None:
            self._handle = display(data, raw=True, display_id=True)
        else:
            self._handle.update(data, raw=True)


class TerminalScreen:
    """Prose as it comes. Of what goes on only what is slow is said, once: it stays on the terminal."""

    def __init__(self) -> None:
        self._last = ""
        self._began = False
        self._line_ended = True

    def status(self, text: str, *, slow: bool = False) -> None:
        """Print it without its progress."""
        phase = text.partition(":")[0]
        if slow and not self._began and phase != self._last:
            self._last = phase
            self._print(f"{phase} ...\n")

    def write(self, text: str) -> None:
        """Print it at once."""
        text = text if self._began else text.lstrip()
        self._began = self._began or bool(text)
        self._print(text)

    def end(self, note: str = "") -> None:
        """End the line."""
        if self._began and not self._line_ended:
            self._print("\n")
        if note:
            self._print(f"{note}\n")
        self._began, self._last = False, ""

    def _print(self, text: str) -> None:
        self._line_ended = text.endswith("\n") if text else self._line_ended
        sys.stdout.write(text)
        sys.stdout.flush()


def screen_of(shell: Any) -> Screen:
    """Choose what the shell can show."""
    return NotebookScreen() if hasattr(shell, "kernel") else TerminalScreen()
