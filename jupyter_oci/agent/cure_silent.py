"""Cures of what raises nothing where text stands for numbers: a product repeats it, and its order is that of letters."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence

from .cure_columns import kind_of, read_as, taking_off
from .cure_scene import Edit, Scene, column_label, keyword

Edits = Iterator[Edit]


def multiplied(scene: Scene, shown: str) -> Edits:
    """Make numbers of a column of text that is multiplied by whole numbers, which repeats it and raises nothing.

    What was `shown` must have one of its texts twice in a row, and not of digits alone: those may be meant.
    """
    for node in scene.all(ast.BinOp):
        for column, factor in ((node.left, node.right), (node.right, node.left)) if isinstance(node.op, ast.Mult) else ():
            texts = scene.texts(column)
            kind, whole = kind_of(texts), scene.dtype(factor).startswith(("int", "uint"))
            repeated = any(2 * text in shown for text in texts if not text.isdecimal())
            if kind in ("plain", "number") and whole and repeated and not _is_set(scene, (column, factor)):
                yield from read_as(scene, column, kind)


def ranked(scene: Scene) -> Edits:
    """Make numbers of a column of text of which the greatest or the least is taken, or by which something is put in order."""
    for call in scene.calls("max|min|idxmax|idxmin"):
        column = call.func.value if isinstance(call.func, ast.Attribute) else call
        kind = kind_of(scene.texts(column))
        if kind in ("plain", "number") and not _is_set(scene, (column,)):
            yield from read_as(scene, column, kind)
    for call in scene.calls("sort_values"):
        column = _ordered_by(call)
        texts = scene.texts(column)
        kind = kind_of(texts)
        if kind in ("plain", "number") and not keyword(call, "key") and not _is_set(scene, (column,)):
            read = f"column{taking_off(texts) if kind == 'number' else ''}.astype(float)"
            yield scene.argument(call, f"key=lambda column: {read}")


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
