"""Cures of amounts that are held as text: sums glue it, products repeat it, its order is that of letters, often in silence."""

from __future__ import annotations

import ast
import re
from collections.abc import Collection, Iterator, Sequence
from keyword import iskeyword

from .cure_columns import AGGREGATED
from .cure_scene import Edit, Scene, column_label, keyword
from .text_numbers import as_numbers, kind_of, read_as
from .variable_text import texts_in

Edits = Iterator[Edit]
_COMPARED = "max|min|idxmax|idxmin"
_TAKEN = f"sum|cumsum|{_COMPARED}"
_LONG = re.compile(r"\d{4,}")
_NEED_NUMBERS = rf"{_TAKEN}|{AGGREGATED}|nlargest|nsmallest|plot|area|bar|barh|box|hist|line|pie|scatter"


def multiplied(scene: Scene, shown: str) -> Edits:
    """Make numbers of a column of text that is multiplied by whole numbers, which repeats it and raises nothing.

    What was `shown` must have one of its texts twice in a row, and not of digits alone: those may be meant.
    """
    for node in scene.all(ast.BinOp):
        for column, factor in ((node.left, node.right), (node.right, node.left)) if isinstance(node.op, ast.Mult) else ():
            texts = scene.texts(column)
            kind, whole = _amounts(texts), scene.dtype(factor).startswith(("int", "uint"))
            repeated = any(2 * text in shown for text in texts if not text.isdecimal())
            if kind and whole and repeated and not _is_set(scene, (column, factor)):
                yield from read_as(scene, column, kind)


def taken(scene: Scene) -> Edits:
    """Make numbers of a column of text of which the sum, the greatest or the least is taken, or by which rows are ordered."""
    for call in scene.calls(_TAKEN):
        if isinstance(call.func, ast.Attribute) and not _is_set(scene, (call.func.value,)):
            yield from _as_numbers(scene, call.func.value, compared=re.fullmatch(_COMPARED, call.func.attr) is not None)
    for call in scene.calls("sort_values"):
        column = _ordered_by(call)
        if _amounts(texts := scene.texts(column), compared=True) and not keyword(call, "key") and not _is_set(scene, (column,)):
            yield scene.argument(call, f"key=lambda column: {as_numbers('column', texts)}")


def needed(scene: Scene, _: re.Match[str]) -> Edits:
    """Make numbers of the columns of text that a cell draws, averages or ranks, in the tables that it does that with."""
    nodes = list(ast.walk(scene.mapped.tree))
    cell = Scene(scene.mapped, nodes, scene.variables)
    named = {node.value for node in cell.all(ast.Constant)} | {node.attr for node in cell.all(ast.Attribute)}
    for call in cell.calls(_NEED_NUMBERS):
        owner = call.func.value if isinstance(call.func, ast.Attribute) else call
        if isinstance(owner, ast.Attribute) and owner.attr == "plot":
            owner = owner.value
        yield from _as_numbers(cell, owner)
        if isinstance(owner, ast.Name):
            yield from _with_numbers(cell, owner, named)


def _as_numbers(scene: Scene, column: ast.expr, *, compared: bool = False) -> Edits:
    """Make numbers of a column of text, or of a group's, in the table that is grouped."""
    if kind := _amounts(scene.texts(column), compared=compared):
        yield from read_as(scene, column, kind)
    grouped = column.value if isinstance(column, (ast.Subscript, ast.Attribute)) else column
    called = grouped.func if isinstance(grouped, ast.Call) else None
    if isinstance(called, ast.Attribute) and called.attr == "groupby" and isinstance(called.value, ast.Name):
        yield from _with_numbers(scene, called.value, {column_label(column)}, compared=compared)


def _with_numbers(scene: Scene, table: ast.Name, labels: Collection[object], *, compared: bool = False) -> Edits:
    """Put a copy of a table in its place, whose columns of these labels that are text are numbers."""
    columns = (column for each in scene.variables if each.name == table.id for column in texts_in(each).items())
    held = {label: texts for label, texts in columns if label in labels and _amounts(texts, compared=compared)}
    made = {label: as_numbers(f"{table.id}[{label!r}]", texts) for label, texts in held.items()}
    if made:
        named = [f"{label}={read}" for label, read in made.items() if label.isidentifier() and not iskeyword(label)]
        others = [f"{label!r}: {read}" for label, read in made.items() if not label.isidentifier() or iskeyword(label)]
        arguments = [*named, f"**{{{', '.join(others)}}}"] if others else named
        yield scene.put(table, f"{table.id}.assign({', '.join(arguments)})")


def _amounts(texts: Sequence[str], *, compared: bool = False) -> str:
    """Say what form of numbers these texts are; empty: none, or such as years and codes that are only `compared`.

    Those are whole numbers of one length: the order of their letters is that of the numbers.
    """
    is_in_order = all(map(_LONG.fullmatch, texts)) and len(set(map(len, texts))) == 1
    kind = "" if compared and is_in_order else kind_of(texts)
    return kind if kind in ("plain", "number") else ""


def _ordered_by(call: ast.Call) -> ast.expr:
    """Give the column of `column.sort_values()`, and of `table.sort_values("column")`."""
    owner = call.func.value if isinstance(call.func, ast.Attribute) else call
    named = keyword(call, "by")
    by = named.value if named else call.args[0] if call.args else None
    if isinstance(by, ast.List) and len(by.elts) == 1:
        by = by.elts[0]
    is_label = isinstance(by, ast.Constant) and isinstance(owner, ast.Name)
    return ast.copy_location(ast.Subscript(owner, by), by) if by and is_label else owner


def _is_set(scene: Scene, columns: Sequence[ast.expr]) -> bool:
    """Whether columns, or the tables that they are of, are set by the code: then they are others than they were."""
    targets = [node for node in scene.nodes if isinstance(getattr(node, "ctx", None), ast.Store)]
    tables = [column.value for column in columns if isinstance(column, (ast.Attribute, ast.Subscript))]
    texts, labels = {scene.text(node) for node in (*columns, *tables)}, set(map(column_label, columns))
    return any(scene.text(node) in texts or column_label(node) in labels - {None} for node in targets)
