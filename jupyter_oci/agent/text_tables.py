"""Tables drawn in text, by `|` between the columns: Markdown's, and those of databases with `+---+` around them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

_RULE = re.compile(r"[\s|+:=-]+")
_FENCE = "```"


@dataclass(frozen=True, slots=True)
class TextTable:
    """The cells of a table, as text; `before` are the lines above it, as far as the table before."""

    before: tuple[str, ...]
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


def text_tables(text: str) -> Iterator[TextTable]:
    """Give the tables with a head in which every row has as many cells as it."""
    before: list[str] = []
    drawn: list[str] = []
    for line in (*map(str.strip, text.splitlines()), ""):
        if line.startswith(("|", "+-", "+=")):
            drawn.append(line)
            continue
        if drawn:
            if table := _table(before, drawn):
                yield table
            before, drawn = [], []
        if line and not line.startswith(_FENCE):
            before.append(line)


def _table(before: list[str], drawn: list[str]) -> TextTable | None:
    rows = [_cells(line) for line in drawn if not _RULE.fullmatch(line)]
    if not rows or len({len(row) for row in rows}) != 1 or len(rows) == len(drawn):
        return None
    return TextTable(tuple(before), rows[0], tuple(rows[1:]))


def _cells(line: str) -> tuple[str, ...]:
    return tuple(cell.strip(" `*") for cell in line.strip("|").split("|"))
