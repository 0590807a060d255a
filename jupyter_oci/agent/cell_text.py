"""A notebook cell, as the model gets to read it, and which cells are worth reading."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..request import Cell
from .feedback import failure_text
from .output_text import output_text
from .plain_text import cut_middle, fenced, plain
from .traceback_text import Failure, read_traceback


@dataclass(frozen=True, slots=True)
class CellText:
    """A cell's text; `cut` says whether something of it was left out."""

    text: str
    cut: bool


def nearest(cells: Sequence[Cell], active_cell_id: str | None) -> Iterator[int]:
    """Give the positions of cells with content, the active one first (None: the last), then by distance, those above first."""
    active = next((i for i, cell in enumerate(cells) if cell.cell_id == active_cell_id), len(cells) - 1)
    for distance in range(len(cells)):
        for position in dict.fromkeys((active - distance, active + distance)):
            if 0 <= position < len(cells) and cells[position].source.strip():
                yield position


def cell_text(cell: Cell, name: str, source_limit: int, output_limit: int) -> CellText:
    """Give source and outputs under a heading, each within its limit of characters."""
    source = plain(cell.source).strip()
    outputs = "" if cell.cell_type != "code" else _outputs(cell.outputs, output_limit)
    parts = [f"## {name}", fenced(cut_middle(source, source_limit), "python" if cell.cell_type == "code" else "")]
    if outputs:
        parts += ["Output:", fenced(cut_middle(outputs, output_limit))]
    return CellText("\n".join(parts), len(source) > source_limit or len(outputs) > output_limit)


def _outputs(outputs: Sequence[Mapping[str, Any]], limit: int) -> str:
    errors = [failure_text(failure, limit) for failure in failures(outputs)]
    return "\n".join(text for text in (output_text(outputs), *errors) if text)


def failures(outputs: Sequence[Mapping[str, Any]]) -> list[Failure]:
    """Read the errors among nbformat outputs."""
    return [_failure(output) for output in outputs if output.get("output_type") == "error"]


def _failure(output: Mapping[str, Any]) -> Failure:
    rows = [str(row) for row in output.get("traceback") or ()]
    return read_traceback(str(output.get("ename", "")), str(output.get("evalue", "")), rows)
