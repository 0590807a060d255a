"""Text that was added up like numbers: `sum` of a table glues its columns of text together, raises nothing and means nothing."""

from __future__ import annotations

import ast
import re

from .cure_columns import numbers_only
from .cure_scene import Scene, applied
from .cures import Cure
from .source_map import SourceMap

_GLUED = re.compile(r"([A-Za-z][\w .-]{1,30}?)\1{3}")
_SUMMARY = "Text was added up like numbers: the columns of text are left out."


def unglued(source: str, shown: str) -> Cure | None:
    """Give the source whose sums leave text out, where what was `shown` has text glued together; None where there is none."""
    glued = _GLUED.search(shown)
    if glued is None or glued[0] in source:
        return None
    try:
        mapped = SourceMap(source)
    except (SyntaxError, ValueError, RecursionError):
        return None
    of_tables = [node for node in ast.walk(mapped.tree) if _is_of_table(node)]
    cured = applied(source, list(numbers_only(Scene(mapped, of_tables, ()), glued)))
    return Cure(cured, _SUMMARY) if cured != source else None


def _is_of_table(node: ast.AST) -> bool:
    """Whether it may call a method of a table, not of one column."""
    called = node.func if isinstance(node, ast.Call) else None
    table = called.value if isinstance(called, ast.Attribute) else None
    return isinstance(table, (ast.Name, ast.Call)) or (
        isinstance(table, ast.Subscript) and not isinstance(table.slice, ast.Constant)
    )
