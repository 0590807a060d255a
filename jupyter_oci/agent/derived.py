"""Which tables of the notebook were made of which others: a small model takes the newest for the one that is asked about."""

from __future__ import annotations

import ast
import re
from collections.abc import Collection, Sequence

from ..request import Cell
from .python_text import tree_of

TABLES = ("DataFrame", "Series")


def made_of(cells: Sequence[Cell], tables: Collection[str]) -> dict[str, str]:
    """Map tables to the one that a cell made them of, as the last of the cells did that ran."""
    made: dict[str, str] = {}
    sets = re.compile(rf"^(?:{'|'.join(map(re.escape, tables))}) *=", re.MULTILINE)
    code = [cell for cell in cells if tables and cell.cell_type == "code" and cell.execution_count and sets.search(cell.source)]
    for cell in sorted(code, key=lambda cell: cell.execution_count or 0):
        tree = tree_of(cell.source)
        for node in tree.body if tree else []:
            target = node.targets[0] if isinstance(node, ast.Assign) else None
            if not isinstance(node, ast.Assign) or not isinstance(target, ast.Name) or target.id not in tables:
                continue
            used = {inner.id for inner in ast.walk(node.value) if isinstance(inner, ast.Name)}
            of = used.intersection(tables)
            if target.id not in of:
                made.pop(target.id, None)
                if len(of) == 1:
                    made[target.id] = of.pop()
    return made
