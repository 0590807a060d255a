"""Slips of the pen: a column, key, name or module that is there, but for its case, its spacing or a letter."""

from __future__ import annotations

import ast
import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import takewhile

from ..kernel.base import Variable
from .failing import failing_nodes
from .packages import distribution_of, missing_module, modules_beside
from .plain_text import INVISIBLE, escaped
from .python_text import tree_of
from .traceback_text import Failure
from .variable_text import labels_of, ways_to

_NO_KEY = re.compile(r"KeyError: '(?:Column not found: )?([^']+)'$")
_NO_COLUMN = re.compile(r"AttributeError: 'DataFrame' object has no attribute '(\w+)'")
_NO_NAME = re.compile(r"NameError: name '(\w+)' is not defined")
_LEAST = 4  # letters of a word that has a slip: `x_train` and `y_train`, `max` and `min` are two things


@dataclass(frozen=True, slots=True)
class Slip:
    """What is written and not there, what is meant, and the cell's source with that in the failing statement."""

    wrong: str
    right: str
    source: str


def slip_in(source: str, failure: Failure, variables: Sequence[Variable], held: Iterable[str]) -> Slip | None:
    """Find the slip that the failing line of the source has; None where nothing, or more than one thing, is like it.

    `variables` are those that the source uses, `held` all names that the kernel holds.
    """
    failing = failing_nodes(tree_of(source), source, failure)
    used = {node.id for node in failing if isinstance(node, ast.Name)}
    labels = [label for variable in variables if variable.name in used for label in labels_of(variable)]
    written = {name for node in failing if isinstance(name := _name(node), str)}
    known: tuple[tuple[re.Pattern[str], Iterable[str], type[ast.expr]], ...] = (
        (_NO_KEY, labels, ast.Constant),
        (_NO_COLUMN, filter(str.isidentifier, labels), ast.Attribute),
        (_NO_NAME, held, ast.Name),
    )
    for error, there, kind in known:
        wrong = match[1] if (match := error.match(failure.error)) else ""
        others = written | ({f"{wrong}s", wrong.removesuffix("s")} if kind is ast.Name else set())  # `item` is one of `items`
        right = _only_one_like(wrong, set(there) - others) if wrong and not _is_deeper(wrong, variables, used) else None
        places = set(_places(failing, kind, wrong)) if right else set()
        if right and places:
            return Slip(wrong, escaped(right), _replaced(source, places, wrong, escaped(right)))
    return _module_slip(source, failing, missing_module(failure.error) or "")


def _module_slip(source: str, failing: Sequence[ast.AST], wrong: str) -> Slip | None:
    """Find the slip in the module that a failing import is of."""
    imports = {node.lineno for node in failing if isinstance(node, (ast.Import, ast.ImportFrom))}
    beside = modules_beside(wrong) if wrong and imports and distribution_of(wrong) is None else ()
    package, dot, last = wrong.rpartition(".")
    like = _only_one_like(last, beside)
    right = f"{package}{dot}{like}" if like else ""
    lines = source.split("\n")
    for line in imports if right else ():
        lines[line - 1] = re.sub(rf"(?<![\w.]){re.escape(wrong)}(?!\w)", right, lines[line - 1], count=1)
    mended = "\n".join(lines)
    return Slip(wrong, right, mended) if right and mended != source else None


def _is_deeper(key: str, variables: Sequence[Variable], used: Collection[str]) -> bool:
    """Whether it is a key, as it is written, of a dict inside one that is used."""
    return any(ways_to(variable, key) for variable in variables if variable.name in used)


def _only_one_like(wrong: str, there: Iterable[str]) -> str | None:
    """Give what differs in case, spacing or the unseen alone, else in a slip in one word; a digit tells things apart."""
    candidates = sorted({name for name in there if name != wrong and _digits(name) == _digits(wrong)})
    same = [name for name in candidates if _bare(name) == _bare(wrong)]
    close = same or [name for name in candidates if _one_word_differs(_words(name), _words(wrong))]
    return close[0] if len(close) == 1 else None


def _one_word_differs(words: Sequence[str], others: Sequence[str]) -> bool:
    different = [pair for pair in zip(words, others, strict=False) if pair[0] != pair[1]]
    return len(words) == len(others) and len(different) == 1 and _is_slip(*different[0])


def _is_slip(word: str, other: str) -> bool:
    """Whether they differ, behind the first letter, in one letter or in two that are swapped."""
    same = len(list(takewhile(lambda pair: pair[0] == pair[1], zip(word, other, strict=False))))
    rest, other_rest = word[same:], other[same:]
    swapped = rest[:2] == other_rest[1::-1] and rest[2:] == other_rest[2:]
    one = rest[1:] == other_rest[1:] or rest[1:] == other_rest or rest == other_rest[1:]
    return same > 0 and min(len(word), len(other)) >= _LEAST and (one or swapped)


def _words(name: str) -> list[str]:
    return re.split(r"[\s_-]+", INVISIBLE.sub("", name).casefold())


def _bare(name: str) -> str:
    return "".join(_words(name))


def _digits(name: str) -> list[str]:
    return re.findall(r"\d", name)


def _places(nodes: Iterable[ast.AST], kind: type[ast.expr], wrong: str) -> Iterator[tuple[int, int]]:
    """Give the line and the byte in it up to which each mention goes by which something is read."""
    for node in _labels_in(nodes) if kind is ast.Constant else nodes:
        is_read = isinstance(getattr(node, "ctx", ast.Load()), ast.Load)
        if isinstance(node, kind) and is_read and _name(node) == wrong and node.end_lineno and node.end_col_offset:
            yield node.end_lineno, node.end_col_offset


def _labels_in(nodes: Iterable[ast.AST]) -> Iterator[ast.AST]:
    """Give what columns are read by: in brackets, and what methods are given, also in lists; not what is compared or made."""
    for node in nodes:
        given: list[ast.expr] = []
        if isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Load):
            given = [node.slice]
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            given = [*node.args, *(each.value for each in node.keywords)]
        while given:
            each = given.pop()
            given += each.elts if isinstance(each, (ast.List, ast.Tuple)) else []
            yield each


def _name(node: ast.AST) -> object:
    """Give the name that is written there, or the value."""
    return next((getattr(node, field) for field in ("id", "attr", "value") if hasattr(node, field)), None)


def _replaced(source: str, places: Iterable[tuple[int, int]], wrong: str, right: str) -> str:
    """Put `right` for the last `wrong` before each place."""
    lines = source.split("\n")
    for line, end in sorted(places, reverse=True):
        text = lines[line - 1].encode()
        head, _, quote = text[:end].rpartition(wrong.encode())
        lines[line - 1] = (head + right.encode() + quote + text[end:]).decode()
    return "\n".join(lines)
