"""Text that was calculated with like numbers: sums glue it together, products repeat it, orders go by letters, and none fails."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence

from ..kernel.base import Variable
from .cure_amounts import multiplied, taken
from .cure_columns import without_text
from .cure_scene import APART, Scene, applied
from .cures import Cure
from .source_map import SourceMap
from .variable_text import texts_in

_TIMES = 4  # that a text stands in a row where it was added up
_ADDED = "Text was added up like numbers: the columns of text are left out."
_TAKEN = "Text was added up or compared, letter by letter: numbers are made of it first."
_MULTIPLIED = "Text was multiplied like a number: numbers are made of it first."


def unglued(source: str, shown: str, variables: Sequence[Variable]) -> Cure | None:
    """Give the source that makes numbers of the text that it multiplies or orders, or whose sums leave text out.

    None where what was `shown` has no such text glued together, and there is no text in the order of its letters.
    """
    mapped = SourceMap.of(source)
    if mapped is None:
        return None
    scene = Scene(mapped, list(ast.walk(mapped.tree)), variables)
    outside = Scene(mapped, list(_outside_functions(mapped.tree)), variables)
    for edits, told in ((multiplied(outside, shown), _MULTIPLIED), (taken(outside), _TAKEN)):
        cured = applied(source, list(edits))
        if cured != source:
            return Cure(cured, told)
    cured = applied(source, list(without_text(scene, "sum|prod"))) if _has_glued(shown, source, variables) else source
    return Cure(cured, _ADDED) if cured != source else None


def _has_glued(shown: str, source: str, variables: Sequence[Variable]) -> bool:
    """Whether a text of a table's is shown several times in a row, and not by what the source says itself."""
    texts = {text for variable in variables for texts in texts_in(variable).values() for text in texts}
    rows = (text * _TIMES for text in texts if len(text) > 1 and text[0].isalpha() and text == text.strip())
    return any(row in shown and row not in source for row in rows)


def _outside_functions(tree: ast.AST) -> Iterator[ast.AST]:
    """Give the nodes whose names are the cell's own, and not a function's."""
    for node in ast.iter_child_nodes(tree):
        if not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, *APART)):
            yield node
            yield from _outside_functions(node)
