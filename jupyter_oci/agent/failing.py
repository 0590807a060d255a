"""The statement of a cell that failed: of a compound one its head, since a line of its body is a statement of its own."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from .traceback_text import Failure

_BODIES = ("body", "cases", "finalbody", "handlers", "orelse")


def failing_nodes(tree: ast.Module | None, source: str, failure: Failure) -> list[ast.AST]:
    """Give what the statement consists of that the failing line is of, or several on that line."""
    frame, lines = failure.failing, source.splitlines()
    if tree and failure.error.startswith(SystemExit.__name__):
        return [*ast.walk(tree)]  # IPython does not say where
    if tree is None or frame is None or frame.line is None or not 0 < frame.line <= len(lines):
        return []
    if lines[frame.line - 1].strip() != frame.code:
        return []  # of another cell
    around = [node for node in ast.walk(tree) if isinstance(node, ast.stmt) and _covers(node, frame.line)]
    innermost = max((node.lineno for node in around), default=0)
    return [inner for node in around if node.lineno == innermost for inner in _walk(node)]


def _walk(statement: ast.stmt) -> Iterator[ast.AST]:
    yield statement
    for field, value in ast.iter_fields(statement):
        for child in value if isinstance(value, list) and field not in _BODIES else [value]:
            if isinstance(child, ast.AST):
                yield from ast.walk(child)


def _covers(node: ast.stmt, line: int) -> bool:
    return node.lineno <= line <= (node.end_lineno or node.lineno)
