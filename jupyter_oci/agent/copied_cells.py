"""What a revision copies of the user's own cells: a small model, asked for code that works, begins with how the data was made.

Run again, it would throw away what was done to that data since, and it corrects nothing.
"""

from __future__ import annotations

import ast
from collections.abc import Generator, Mapping, Sequence
from dataclasses import replace

from ..events import RunEvent, SourceFinished
from ..request import Cell
from .cell_facts import goes_into
from .prompt import echoes
from .python_text import is_same, tree_of
from .reply import CellSlot, Reply, sha256

_IMPORTS = (ast.Import, ast.ImportFrom)


def new_part(
    reply: Reply, slot: CellSlot | None, failed: str, cells: Sequence[Cell], types: Mapping[str, str]
) -> Generator[RunEvent | None, None, Reply]:
    """Leave out of a revision what it copies, in its cell too; where nothing else is in it, it repeats what `failed`.

    A copy of the prompt is nothing else either, nor is another comment or layout.
    """
    code = without_copies(reply.code or "", failed, cells, types)
    is_less = code != reply.code
    repeats = reply.repeats or echoes(code) or (is_less and _is_nothing(code)) or is_same(code, failed)
    if reply.code is None or not (is_less or repeats > reply.repeats):
        return reply
    if slot and reply.opened:
        source = failed if repeats else code
        yield SourceFinished(slot.cell_id, source, sha256(source))
    return replace(reply, code=code, repeats=repeats)


def without_copies(code: str, failed: str, cells: Sequence[Cell], types: Mapping[str, str]) -> str:
    """Give the code without the statements of a cell that ran which makes data from nothing, of the names whose `types` are held.

    What the code that `failed` had too stays. Code that copies no such statement is given as it is.
    """
    tree, before = tree_of(code), _statements(failed)
    body = tree.body if tree else []
    left_out: list[ast.stmt] = []
    for cell in cells:
        if cell.cell_type == "code" and cell.execution_count is not None:
            there = _statements(cell.source) - before
            copied = [line for line in body if ast.dump(line) in there]
            left_out += copied if any(_makes_data(line, types) for line in copied) else []
    return _without(code, body, left_out)


def _statements(source: str) -> set[str]:
    tree = tree_of(source)
    return {ast.dump(line) for line in tree.body} if tree else set()


def _makes_data(line: ast.stmt, types: Mapping[str, str]) -> bool:
    """Whether a statement calls something for the value of one of the names, and no other data goes into it."""
    if not isinstance(line, ast.Assign) or not any(isinstance(node, ast.Call) for node in ast.walk(line.value)):
        return False
    return not goes_into(line.value, types) and any(isinstance(each, ast.Name) and each.id in types for each in line.targets)


def _without(code: str, body: Sequence[ast.stmt], left_out: Sequence[ast.stmt]) -> str:
    """Take statements out with their lines; one that shares a line with another stays."""
    lines = code.split("\n")
    for line in reversed(body):
        first, last = line.lineno, line.end_lineno or line.lineno
        shared = any(other is not line and other.lineno <= last and (other.end_lineno or 0) >= first for other in body)
        if line in left_out and not shared:
            del lines[first - 1 : last]
    return "\n".join(lines).strip("\n") if left_out else code


def _is_nothing(code: str) -> bool:
    tree = tree_of(code)
    return tree is not None and all(isinstance(line, _IMPORTS) for line in tree.body)
