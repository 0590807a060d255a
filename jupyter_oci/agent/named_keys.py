"""Tables that are grouped by one of the columns that the request names: small models leave the others out, also when told."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Sequence

from ..kernel.base import Variable
from .cure_scene import applied
from .derived import TABLES
from .overlooked import LEFT_OUT, side_by_side
from .source_map import SourceMap
from .variable_text import labels_of

_BY = re.compile(
    r"\b(?:by|per|(?:for|of|in|from) each|combinations? of|nach|pro|je|par|por)\s+(?:(?:the|each|both)\s+)*", re.IGNORECASE
)
_SORTED = re.compile(r"\b(?:sort|order|rank|arrang|sortier|ordn|tri|orden)\w*\W+(?:\w+\W+){0,3}$", re.IGNORECASE)


def with_named_keys(source: str, request: str, held: Sequence[Variable]) -> str:
    """Give the source that groups by all columns that stand side by side behind a *by* in the request, where it does by some.

    That is the one grouping of a table of the user's; the columns that are left out stand nowhere in the code.
    """
    tables = {variable.name: variable for variable in held if variable.type in TABLES}
    mapped = SourceMap.of(source) if "groupby" in source else None
    nodes = ast.walk(mapped.tree) if mapped else ()
    calls = [node for node in nodes if isinstance(node, ast.Call) and getattr(node.func, "attr", "") == "groupby"]
    if mapped is None or len(calls) != 1:
        return source
    keys = _keys(calls[0])
    table = tables.get(ast.unparse(getattr(calls[0].func, "value", calls[0])))
    if not keys or table is None:
        return source
    for labels in _named_keys(request, labels_of(table)):
        others = [label for label in labels if label not in keys]
        if others and set(keys) < set(labels) and not any(label in source for label in others):
            return applied(source, [(*mapped.span(_argument(calls[0])), repr(labels))])
    return source


def _named_keys(request: str, labels: Sequence[str]) -> Iterator[list[str]]:
    """Give the labels that stand side by side behind a *by*, where that is not what is sorted by."""
    for match in _BY.finditer(request):
        before = request[: match.start()]
        if not _SORTED.search(before) and not LEFT_OUT.search(before):
            yield from (named for named, between in side_by_side(request[match.end() :], labels) if not between)


def _argument(call: ast.Call) -> ast.expr:
    """Give what a table is grouped by; the call itself, where that is not said."""
    named = next((keyword.value for keyword in call.keywords if keyword.arg == "by"), call)
    return call.args[0] if call.args else named


def _keys(call: ast.Call) -> list[str]:
    """Give the columns that are written out as keys; none where another thing is among them."""
    argument = _argument(call)
    items = argument.elts if isinstance(argument, (ast.List, ast.Tuple)) else [argument]
    keys = [item.value for item in items if isinstance(item, ast.Constant) and isinstance(item.value, str)]
    return keys if len(keys) == len(items) else []
