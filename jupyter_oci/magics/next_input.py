"""NextInput: puts code into the next cell."""

from __future__ import annotations

from typing import Any


class NextInput:
    """A front end inserts one cell an execution: what several magics of one cell wrote goes into it together."""

    def __init__(self, shell: Any) -> None:
        self._shell = shell
        self._execution: object = None
        self._sources: list[str] = []

    def put(self, source: str) -> None:
        """Add code to the next cell."""
        execution = execution_of(self._shell)
        if execution != self._execution:
            self._execution, self._sources = execution, []
        self._sources.append(source)
        self._shell.set_next_input("\n\n".join(self._sources), replace=False)


def execution_of(shell: Any) -> object:
    """Name the execution that goes on."""
    return parent_of(shell).get("header", {}).get("msg_id") or shell.execution_count


def cell_id(shell: Any) -> str | None:
    """Give the notebook's id of the cell that is executed; None where no notebook page executes it."""
    found: str | None = parent_of(shell).get("metadata", {}).get("cellId")
    return found


def parent_of(shell: Any) -> dict[str, Any]:
    """Give the request that is executed; empty in a terminal."""
    get_parent = getattr(shell, "get_parent", None)
    parent: dict[str, Any] = get_parent() if get_parent is not None else {}
    return parent
