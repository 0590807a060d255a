"""A table as Markdown."""

from __future__ import annotations

from collections.abc import Sequence

from ..record import Table


def to_markdown(table: Table, head: str = "") -> str:
    """Write the table with its title and a `head` above and its notes below."""
    rule = ["---", *("---:" for _ in table.columns[1:])]
    title = [f"## {_plain(table.title)}", "", *([_plain(head), ""] if head else [])]
    lines = [*title, _row(table.columns), _row(rule), *map(_row, table.rows)]
    notes = [f"- {_plain(note)}" for note in table.notes]
    return "\n".join([*lines, *(["", *notes] if notes else []), ""])


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(map(_plain, cells))} |"


def _plain(text: str) -> str:
    """Keep a text in its cell."""
    return " ".join(text.split()).replace("|", "\\|")
