"""What a user asks for, with the cells around it: plain values, read from JSON with clear errors."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from .errors import ProtocolError
from .events import Intent

CellType = Literal["code", "markdown", "raw"]


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell as context. `outputs` are nbformat outputs (rich data may have been left out by the sender).

    `cell_id` is empty where the notebook's id is not known: what nobody finds in the notebook is not run there.
    `is_cut`: the middle of a long `source` was left out, so it must not run. `is_locked`: it may run, and must not be changed.
    """

    cell_id: str
    cell_type: CellType
    source: str
    execution_count: int | None = None
    outputs: tuple[dict[str, Any], ...] = ()
    is_cut: bool = False
    is_locked: bool = False


@dataclass(frozen=True, slots=True)
class Turn:
    """An earlier request in this notebook's chat, and what came of it in a few words."""

    prompt: str
    answer: str


@dataclass(frozen=True, slots=True)
class Request:
    """One request: the prompt, the notebook's cells in order, where the user is, and what was said before.

    New cells go below `active_cell_id` (None: at the end). `selection` is the text selected in the active cell.
    `target_cell_id` is the cell to edit as the prompt says, or to fix, to explain or to give a hint for: there the prompt may be
    empty, and for a fix is what the user says of it ("it should ignore missing values"). `instructions` are what the user wants
    of every request; a fix, which is the smallest edit, knows nothing of them.
    """

    prompt: str
    cells: tuple[Cell, ...] = ()
    active_cell_id: str | None = None
    selection: str = ""
    history: tuple[Turn, ...] = ()
    language: str = "python"
    intent: Intent = "ask"
    target_cell_id: str | None = None
    instructions: str = ""

    @property
    def said(self) -> str:
        """Give all that the user says: the instructions and the prompt."""
        return "\n".join(text for text in (self.instructions, self.prompt) if text)


def cell_from_json(value: Any) -> Cell:
    """Read one cell, in nbformat's form (`id` or `cell_id`; source as a string or a list of lines; locked by `editable: false`).

    Raises:
        ProtocolError: it is not a cell.
    """
    try:
        source = value["source"]
        return Cell(
            cell_id=str(value.get("cell_id") or value["id"]),
            cell_type=value["cell_type"],
            source=source if isinstance(source, str) else "".join(source),
            execution_count=value.get("execution_count"),
            outputs=tuple(dict(output) for output in value.get("outputs") or ()),
            is_cut=bool(value.get("is_cut")),
            is_locked=dict(value.get("metadata") or {}).get("editable") is False,
        )
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise ProtocolError(f"Not a notebook cell: {error!r}.") from error
