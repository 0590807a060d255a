"""Loops at the top level of a cell whose variable is one of the user's: in a notebook it would be gone afterwards."""

from __future__ import annotations

import ast
import re
from collections.abc import Collection, Iterator

from .cure_scene import Edit, applied
from .source_map import SourceMap

_LOOPS = (ast.For, ast.AsyncFor)
_OWN_NAMES = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda)


def with_own_names(source: str, users: Collection[str]) -> str:
    """Give loops names of their own where they would take the user's; as it is where one cannot be told from the other."""
    try:
        mapped = SourceMap(source)
    except (SyntaxError, ValueError, RecursionError):
        return source
    taken = {node.id for node in ast.walk(mapped.tree) if isinstance(node, ast.Name)} | set(users)
    edits: list[Edit] = []
    for loop in _loops(mapped.tree):
        for name in sorted(_bound(loop) & set(users)):
            own = next(new for new in (f"{name}{'_' * count}" for count in range(1, len(taken) + 2)) if new not in taken)
            edits += _renamed(mapped, loop, name, own) or ()
    return applied(source, list(dict.fromkeys(edits)))


def _loops(node: ast.AST) -> Iterator[ast.For | ast.AsyncFor]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, _LOOPS):
            yield child
        elif not isinstance(child, _OWN_NAMES):
            yield from _loops(child)


def _bound(loop: ast.For | ast.AsyncFor) -> set[str]:
    return {node.id for node in ast.walk(loop.target) if isinstance(node, ast.Name)}


def _renamed(mapped: SourceMap, loop: ast.For | ast.AsyncFor, name: str, own: str) -> list[Edit] | None:
    """Give the edits of the loop's target and body; None where the name stands in an f-string in a way that is not seen."""
    edits: list[Edit] = []
    waiting: list[ast.AST] = [loop.target, *loop.body, *loop.orelse]
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.JoinedStr):
            within = _in_text(mapped, node, name, own)
            if within is None:
                return None
            edits += within
        elif isinstance(node, ast.Name) and node.id == name:
            edits.append((*mapped.span(node), own))
        else:
            waiting += ast.iter_child_nodes(node)
    return edits


def _in_text(mapped: SourceMap, node: ast.JoinedStr, name: str, own: str) -> list[Edit] | None:
    """Give the edits in an f-string, whose parts have no place of their own before Python 3.12."""
    start, _ = mapped.span(node)
    places = [match.start(1) for match in re.finditer(rf"\{{\s*({re.escape(name)})\b", mapped.text(node))]
    named = [inner for inner in ast.walk(node) if isinstance(inner, ast.Name) and inner.id == name]
    return [(start + at, start + at + len(name), own) for at in places] if len(places) == len(named) else None
