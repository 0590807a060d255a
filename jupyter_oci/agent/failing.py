"""The statement of a cell that failed."""

from __future__ import annotations

import ast

from .traceback_text import Failure


def failing_nodes(tree: ast.Module | None, source: str, failure: Failure) -> list[ast.AST]:
    """Give what the statement consists of that the failing line is of, or several on that line."""
    frame, lines = failure.failing, source.splitlines()
    if tree is None or frame is None or frame.line is None or not 0 < frame.line <= len(lines):
        return []
    if lines[frame.line - 1].strip() != frame.code:
        return []  # of another cell
    around = [node for node in ast.walk(tree) if isinstance(node, ast.stmt) and _covers(node, frame.line)]
    innermost = max((node.lineno for node in around), default=0)
    return [inner for node in around if node.lineno == innermost for inner in ast.walk(node)]


def _covers(node: ast.stmt, line: int) -> bool:
    return node.lineno <= line <= (node.end_lineno or node.lineno)
