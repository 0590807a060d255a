"""MagicError and MagicInterrupted: how a cell fails in which a magic could not do what was asked. One line, no traceback."""

from __future__ import annotations


class MagicError(Exception):
    """The magic cannot do it; the message says why and what to do."""

    def _render_traceback_(self) -> list[str]:
        """Show the message alone: IPython asks for this, and our own frames would help nobody."""
        return [f"\x1b[31moci:\x1b[0m {self}"]


class MagicInterrupted(KeyboardInterrupt):
    """The user interrupted the cell. Not an `Exception`, so that a loop around the magic ends as well."""

    def _render_traceback_(self) -> list[str]:
        return [f"\x1b[31moci:\x1b[0m {self}"]
