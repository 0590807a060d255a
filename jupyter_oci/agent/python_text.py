"""Tell Python from prose, and a whole piece of Python from one that is still being written."""

from __future__ import annotations

import ast
import codeop
import re
import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager

# IPython's line magics and shell escapes are not Python: for parsing they stand for a statement that does nothing.
# A line that goes on with `% (a, b)` or `!= b` is none.
_MAGIC_LINE = re.compile(r"^([ \t]*)(?:%(?=[%\w])|!(?!=)).*$", re.MULTILINE)
_PYTHON_BELOW = re.compile(r"%%(?:capture|memit|prun|time|timeit)\b")
_KEYWORDS = (
    "import|from|def|class|for|while|if|elif|else|with|try|except|finally|return|async|await|del|assert|raise|global|nonlocal|"
    "lambda|not|yield|match|case|type"
)
_OPERATORS = "in|is|and|or|if|not|for|else|async|as"
# Two words in a row, or an apostrophe within a word: no Python line begins so.
_PROSE_START = re.compile(
    rf"\s*(?!(?:{_KEYWORDS})\b)(?:[A-Za-z_]\w* +(?!(?:{_OPERATORS})\b)[A-Za-z]\w*[ ,.:;]|(?![rbfuRBFU]{{1,2}}')[A-Za-z]+'[a-z])"
)
_UNSPOKEN = (ast.Pass, ast.Break, ast.Continue)
_ACTS = (ast.Call, ast.Subscript, ast.Await, ast.NamedExpr, ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)
_NOT_PYTHON = (SyntaxError, ValueError, OverflowError, RecursionError, MemoryError)
_warnings_lock = threading.RLock()


def parses(code: str) -> bool:
    """Say whether it is whole, valid Python, with IPython's magics allowed."""
    return tree_of(code) is not None


def is_cell(code: str) -> bool:
    """Say whether IPython takes it: what parses, and `files = !ls`, `x?` or a `%%` cell in another language."""
    if parses(code):
        return True
    with quiet():
        try:
            plain = as_python(code)
        except _NOT_PYTHON:
            return False
    return parses(plain)


def as_python(cell: str) -> str:
    """Write out IPython's own syntax as the calls that it stands for.

    Raises:
        SyntaxError: not even IPython can read it.
    """
    # IPython is heavy, and the server that imports this module must start quickly.
    from IPython.core.inputtransformer2 import TransformerManager  # noqa: PLC0415

    plain: str = TransformerManager().transform_cell(cell)
    return plain


def foreign_magic(cell: str) -> str:
    """Give the first line of a `%%` cell whose body is not known to be Python; empty for other cells."""
    first = cell.strip().partition("\n")[0]
    return first if first.startswith("%%") and not _PYTHON_BELOW.match(first) else ""


def is_runnable(text: str) -> bool:
    """Say whether text without a mark of its language is code to be run: it parses, and does more than name a value.

    `Thanks`, `42`, `(120, 4)` and `Answer: 42` are Python too, and prose all the same.
    """
    if text.lstrip().startswith("%%"):
        return True
    tree = tree_of(text)
    return tree is not None and any(_acts(statement) for statement in tree.body)


def reads_as_prose(text: str) -> bool:
    """Say whether the text begins as no Python does. Cheap: for looking at each token."""
    return _PROSE_START.match(text) is not None


def may_become_python(lines: str) -> bool:
    """Say whether more lines could make these whole lines a Python program."""
    if reads_as_prose(lines):
        return False
    with quiet():
        try:
            codeop.compile_command(without_magics(lines), symbol="exec")
        except _NOT_PYTHON:
            return False
    return True


def ends_inside_string(code: str) -> bool:
    """Say whether the next line would still belong to a string: then a fence in it is part of the code."""
    if code.rstrip("\n").endswith("\\"):
        return True
    return "unterminated triple-quoted" in _fault(code)


def is_within_data(code: str) -> bool:
    """Say whether the code ends, or its last whole line does, within brackets or a text of several lines: data repeats itself."""
    return any("was never closed" in _fault(part) or ends_inside_string(part) for part in (code, code[: code.rfind("\n") + 1]))


def tree_of(code: str) -> ast.Module | None:
    """Parse it, with IPython's magics as statements that do nothing; None when it is not Python."""
    tree = _parsed(code)
    return _parsed(_MAGIC_LINE.sub(r"\1pass", code)) if tree is None and _MAGIC_LINE.search(code) else tree


def without_magics(code: str) -> str:
    """Put `pass` in the place of each of IPython's line magics and shell escapes, of which plain Python has none."""
    is_plain = _MAGIC_LINE.search(code) is None or _parsed(code) is not None
    return code if is_plain else _MAGIC_LINE.sub(r"\1pass", code)


def magics(code: str) -> list[int]:
    """Give the numbers, from 0 on, of the lines that are magics or go to the shell."""
    lines = code.splitlines() if without_magics(code) != code else ()
    return [number for number, line in enumerate(lines) if _MAGIC_LINE.match(line)]


def _parsed(code: str) -> ast.Module | None:
    with quiet():
        try:
            return ast.parse(code)
        except _NOT_PYTHON:
            return None


def _fault(code: str) -> str:
    """Say why it does not parse; empty where it does, or where that is no matter of syntax."""
    with quiet():
        try:
            ast.parse(without_magics(code))
        except SyntaxError as error:
            return str(error)
        except _NOT_PYTHON:
            pass
    return ""


def _acts(statement: ast.stmt) -> bool:
    if isinstance(statement, ast.Expr):
        return any(isinstance(node, _ACTS) for node in ast.walk(statement))
    if isinstance(statement, ast.AnnAssign):
        return statement.value is not None
    return not isinstance(statement, _UNSPOKEN)


@contextmanager
def quiet() -> Iterator[None]:
    """Keep the parser's warnings about the model's code to ourselves. Warning filters are shared: one at a time."""
    with _warnings_lock, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def is_same(code: str, other: str) -> bool:
    """Whether both do the same, statement for statement and magic for magic."""
    one, two = tree_of(code), tree_of(other)
    is_alike = one is not None and two is not None and ast.dump(one) == ast.dump(two)
    return code.strip() == other.strip() or (is_alike and _magic_lines(code) == _magic_lines(other))


def _magic_lines(code: str) -> list[str]:
    lines = code.splitlines()
    return [lines[number].strip() for number in magics(code)]
