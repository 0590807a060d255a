"""Where the nodes of a syntax tree stand in their source, and what there is beside them in the same function."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from asttokens import ASTTokens
from asttokens.util import Token

Span = tuple[int, int]
_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
_ANNOTATIONS = ("annotation", "returns", "decorator_list")


class SourceMap:
    """Maps the nodes of a source to spans: pairs of character offsets, the second exclusive.

    Raises:
        SyntaxError: the source is no plain Python.
    """

    def __init__(self, source: str) -> None:
        self.source = source
        self.tree = ast.parse(source)
        self._tokens = ASTTokens(source, tree=self.tree)

    @classmethod
    def of(cls, source: str) -> SourceMap | None:
        """Map a source; None where it is no plain Python, or too deep to be read."""
        try:
            return cls(source)
        except (SyntaxError, ValueError, RecursionError):
            return None

    def span(self, node: ast.AST) -> Span:
        """Give the span of a node, the parentheses around it left out."""
        return self._tokens.get_text_range(node)

    def text(self, node: ast.AST) -> str:
        """Give what stands there."""
        start, end = self.span(node)
        return self.source[start:end]

    def lines(self, node: ast.AST) -> Span:
        """Give the span of all the lines that it stands on, their ends with them."""
        start, end = self.span(node)
        after = self.source.find("\n", end) + 1
        return self.source.rfind("\n", 0, start) + 1, after or len(self.source)

    def between(self, first: ast.AST, second: ast.AST) -> Iterator[Token]:
        """Give the tokens between two nodes, comments and line ends left out."""
        end = self.span(second)[0]
        token = self._tokens.get_token_from_offset(max(0, self.span(first)[1] - 1))
        while (token := self._tokens.next_token(token)).startpos < end:
            yield token

    def functions(self) -> Iterator[list[ast.AST]]:
        """Give the nodes of each function at the top level or in a class, and of what is outside of all."""
        outside: list[ast.AST] = []
        waiting: list[ast.AST] = [self.tree]
        while waiting:
            node = waiting.pop(0)
            if isinstance(node, _FUNCTIONS):
                yield [node, *_within(node)]
            else:
                outside.append(node)
                waiting = [*_children(node), *waiting]
        yield outside


def _within(node: ast.AST) -> Iterator[ast.AST]:
    for child in _children(node):
        yield child
        yield from _within(child)


def _children(node: ast.AST) -> Iterator[ast.AST]:
    """Give what is run, in the order of the source, but for what the user says must hold: annotations, docstrings, asserts.

    What stands within an f-string has no place of its own before Python 3.12, and is left out.
    """
    for field, child in [] if isinstance(node, ast.JoinedStr) else _fields(node):
        if field not in _ANNOTATIONS and not isinstance(child, ast.Assert) and not is_text(child):
            yield child


def _fields(node: ast.AST) -> Iterator[tuple[str, ast.AST]]:
    for field, value in ast.iter_fields(node):
        yield from ((field, child) for child in (value if isinstance(value, list) else [value]) if isinstance(child, ast.AST))


def is_text(node: ast.AST) -> bool:
    """Whether a statement is a docstring, or another text that does nothing."""
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
