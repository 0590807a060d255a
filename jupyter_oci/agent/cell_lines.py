"""The lines of a cell, sorted into code and what stands beside it: comments, blank lines, magics, docstrings, asserts."""

from __future__ import annotations

import ast
import io
import re
import tokenize
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import takewhile

from .plain_text import plain
from .python_text import magics, parses, tree_of

_BESIDE = re.compile(r"\s*(?:#.*)?$")
_NO_CODE = (tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT, tokenize.ENDMARKER)
_STRING_PREFIX = re.compile(r"""(?s)([rbfuRBFU]*)(["'])([^"'\\]*)\2""")

Key = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Line:
    """A line. `key` is its code without comment, spacing and kind of quotes (indentation counts); None: it is beside the code.

    `gap` is the number of blank lines that follow.
    """

    text: str
    key: Key | None
    comment: str = ""
    gap: int = 0


def read_lines(source: str, *, keep_docs: bool, keep_magics: bool = True) -> list[Line]:
    """Sort the lines; with `keep_docs`, docstrings and asserts stand beside the code too, with `keep_magics`, magics.

    Where it parses, what nobody sees is in texts alone and no part of a key: a model is shown the lines without it.
    """
    shown = plain if parses(source) else str
    texts = source.splitlines()
    beside = _docs_and_asserts(source) if keep_docs else set()
    beside |= {i for i, text in enumerate(texts) if _BESIDE.match(text)} | set(magics(source) if keep_magics else ())
    lines = [Line(text, None) if i in beside else replace(_code_line(shown(text)), text=text) for i, text in enumerate(texts)]
    return [replace(line, gap=sum(1 for _ in takewhile(_is_blank, texts[i + 1 :]))) for i, line in enumerate(lines)]


def _is_blank(text: str) -> bool:
    return not text.strip()


def _code_line(text: str) -> Line:
    indent = " " * (len(text) - len(text.lstrip()))
    try:
        tokens = list(tokenize.generate_tokens(io.StringIO(text.strip() + "\n").readline))
    except (tokenize.TokenError, SyntaxError):  # part of a longer statement, or of a string
        return Line(text, (indent, text.strip()))
    comment = next((token.string for token in tokens if token.type == tokenize.COMMENT), "")
    code = [_STRING_PREFIX.sub(r"\1'\3'", token.string) for token in tokens if token.type not in _NO_CODE]
    return Line(text, (indent, *code), comment)


def _docs_and_asserts(source: str) -> set[int]:
    tree = tree_of(source)
    nodes = [] if tree is None else [inner for node in ast.walk(tree) for inner in _of_user(node)]
    return {line - 1 for node in nodes for line in range(node.lineno, (node.end_lineno or node.lineno) + 1)}


def _of_user(node: ast.AST) -> Iterator[ast.stmt]:
    """Give what a fix has no business to change: a check, or the words that say what is meant."""
    if isinstance(node, ast.Assert):
        yield node
    elif isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)) and ast.get_docstring(node, clean=False):
        yield node.body[0]
