"""A request that only gives a variable another name needs no model: small ones forget a place, or the rest of the cell."""

from __future__ import annotations

import ast
import re
from collections.abc import Collection

from .cell_names import names_set
from .python_text import parses
from .source_map import SourceMap

_ASKED = re.compile(r"\W*(?:please )?rename (?:the )?(?:variable )?`?(\w+)`? (?:to|into|as) `?(\w+)`?\W*", re.IGNORECASE)


def renamed(source: str, prompt: str, held: Collection[str]) -> str | None:
    """Give the source with a variable called otherwise in every place; one that is made elsewhere gets its new name first.

    None where the prompt asks for anything else, where the new name is there or `held` already, or the old one is also that of
    an argument, a function or the like.
    """
    asked, mapped = _ASKED.fullmatch(prompt), SourceMap.of(source)
    if asked is None or mapped is None:
        return None
    old, new = asked.groups()
    nodes = list(ast.walk(mapped.tree))
    names = [node for node in nodes if isinstance(node, ast.Name)]
    places = [mapped.span(node) for node in names if node.id == old]
    is_more = any(re.search(rf"\b{old}\b", _otherwise(node)) for node in nodes) or f"@{old}" in source
    if not places or is_more or new in {*held, *(node.id for node in names)} or not parses(f"{new} = {old}"):
        return None
    for start, end in sorted(places, reverse=True):
        source = source[:start] + new + source[end:]
    return f"{new} = {old}\n{source}" if old in held and _is_needed(mapped.tree, old) else source


def _is_needed(tree: ast.Module, name: str) -> bool:
    """Whether a statement reads a variable before, or as, one sets it."""
    for node in tree.body:
        if any(isinstance(inner, ast.Name) and inner.id == name and isinstance(inner.ctx, ast.Load) for inner in ast.walk(node)):
            return True
        if isinstance(node, ast.AugAssign) or name in names_set(ast.unparse(node)):
            return isinstance(node, ast.AugAssign)
    return False


def _otherwise(node: ast.AST) -> str:
    """Give what is named by a node that is no variable; of an f-string all of it, since places in it are not known."""
    if isinstance(node, ast.JoinedStr):
        return ast.unparse(node)
    if isinstance(node, (ast.Global, ast.Nonlocal)):
        return " ".join(node.names)
    if isinstance(node, ast.arg):
        return node.arg
    return str(getattr(node, "asname", None) or getattr(node, "name", None) or "")
