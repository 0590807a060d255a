"""Loops at the top level of a cell whose variable is one of the user's: in a notebook it would be gone afterwards."""

from __future__ import annotations

import ast
import re
from collections.abc import Collection, Iterator

from .cure_scene import Edit, applied
from .python_text import tree_of
from .source_map import SourceMap

_LOOPS = (ast.For, ast.AsyncFor)
_SCOPES = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
# What binds a name otherwise than by writing it, or reads names that are not written.
_HIDDEN = (ast.Lambda, ast.ExceptHandler, ast.alias, ast.Match, ast.Global, ast.Nonlocal, *_SCOPES)
_READS_ALL = ("eval", "exec", "globals", "locals", "query", "vars")


def with_own_names(source: str, users: Collection[str]) -> str:
    """Give loops names of their own where they would take the user's.

    It stays as it is where the name is used outside of the loop, or may be used in a way that is not seen.
    """
    tree = tree_of(source)
    taken = {name for loop in _loops(tree.body) for name in _bound(loop) & set(users)} if tree else set()
    if tree is None or not taken or _is_hidden(tree, taken):
        return source
    mapped = SourceMap.of(source)
    if mapped is None:
        return source
    known = {node.id for node in ast.walk(mapped.tree) if isinstance(node, ast.Name)} | set(users)
    edits: list[Edit] = []
    for loop in _loops(mapped.tree.body):
        for name in sorted(_bound(loop) & taken):
            own = next(new for new in (f"{name}{'_' * count}" for count in range(1, len(known) + 2)) if new not in known)
            renamed = _renamed(mapped, loop, name, own)
            if renamed is None:
                return source
            edits += renamed
    return applied(source, list(dict.fromkeys(edits)))


def _loops(body: list[ast.stmt]) -> Iterator[ast.For | ast.AsyncFor]:
    """Give the loops in a body, and in the bodies of its statements, functions and classes left out."""
    for statement in body:
        if isinstance(statement, _LOOPS):
            yield statement
        for field in ("body", "orelse", "finalbody") if not isinstance(statement, _SCOPES) else ():
            yield from _loops(getattr(statement, field, []))


def _bound(loop: ast.For | ast.AsyncFor) -> set[str]:
    return {node.id for node in ast.walk(loop.target) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}


def _is_hidden(tree: ast.Module, names: Collection[str]) -> bool:
    """Whether one of the names is used outside the loops that take it, or may be where that is not seen."""
    of_loops = {id(node) for loop in _loops(tree.body) if _bound(loop) & set(names) for node in ast.walk(loop)}
    for node in ast.walk(tree):
        reads_all = getattr(node, "attr", getattr(node, "id", "")) in _READS_ALL
        elsewhere = isinstance(node, ast.Name) and node.id in names and id(node) not in of_loops
        if reads_all or elsewhere or isinstance(node, _HIDDEN):
            return True
    return False


def _renamed(mapped: SourceMap, loop: ast.For | ast.AsyncFor, name: str, own: str) -> list[Edit] | None:
    """Give the edits of the loop's target and body; None where an f-string has the name in a way that is not seen."""
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
    """Give the edits in an f-string, whose parts have no place of their own before Python 3.12: after a brace it is seen."""
    start, _ = mapped.span(node)
    text = mapped.text(node)
    places = [match.start(1) for match in re.finditer(rf"\{{\s*({re.escape(name)})\b(?!\s*=)", text)]
    named = [inner for inner in ast.walk(node) if isinstance(inner, ast.Name) and inner.id == name]
    if len(places) != len(named) or (named and "{{" in text):
        return None
    return [(start + at, start + at + len(name), own) for at in places]
