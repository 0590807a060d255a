"""The program in a notebook's cells: imports, and the definitions that the function to write needs.

A cell may also hold trials, prints and asserts, right or wrong; a function is judged by what it does and not by those.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence

from ...agent.python_text import tree_of, without_magics

_DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)


def program_of(cells: Sequence[str], entry_point: str) -> str:
    """Give the program; cells that are not Python are left out. Of several definitions of a name the last one counts, as run."""
    written = [(node, text) for text in map(without_magics, cells) for node in _body(text)]
    kept = _needed([node for node, _ in written], entry_point)
    return "\n\n".join(_source(*each) for place, each in enumerate(written) if place in kept or _is_import(each[0]))


def _needed(nodes: Sequence[ast.stmt], entry_point: str) -> set[int]:
    """Find the places of what defines the entry point, and of what that uses, on and on."""
    kept: set[int] = set()
    wanted = [entry_point]
    seen = set(wanted)
    while wanted:
        name = wanted.pop()
        for place in [place for place, node in enumerate(nodes) if name in _defined(node)]:
            kept.add(place)
            new = set(_used(nodes[place])) - seen
            seen |= new
            wanted += sorted(new)
    return kept


def _body(text: str) -> list[ast.stmt]:
    tree = tree_of(text)
    return tree.body if tree is not None else []


def _source(node: ast.stmt, text: str) -> str:
    """Give a statement as it is written in the text, its decorators above it."""
    decorators = node.decorator_list if isinstance(node, _DEFINITIONS) else []
    parts = [ast.get_source_segment(text, part) or "" for part in (*decorators, node)]
    return "\n".join([*(f"@({part})" for part in parts[:-1]), parts[-1]])


def _is_import(node: ast.stmt) -> bool:
    return isinstance(node, (ast.Import, ast.ImportFrom))


def _defined(node: ast.stmt) -> Iterator[str]:
    if isinstance(node, _DEFINITIONS):
        yield node.name
    elif isinstance(node, (ast.Assign, ast.AnnAssign, ast.AugAssign)):
        yield from (name.id for name in ast.walk(node) if isinstance(name, ast.Name) and isinstance(name.ctx, ast.Store))


def _used(node: ast.stmt) -> Iterator[str]:
    yield from (name.id for name in ast.walk(node) if isinstance(name, ast.Name) and isinstance(name.ctx, ast.Load))
