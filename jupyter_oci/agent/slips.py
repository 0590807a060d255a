"""Slips of the pen: a column, key, name or module that is there, but for its case, its spacing or a letter."""

from __future__ import annotations

import ast
import difflib
import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass

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
_ALIKE = 0.85


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
    known: tuple[tuple[re.Pattern[str], Iterable[str], type[ast.expr]], ...] = (
        (_NO_KEY, labels, ast.Constant),
        (_NO_COLUMN, filter(str.isidentifier, labels), ast.Attribute),
        (_NO_NAME, held, ast.Name),
    )
    for error, there, kind in known:
        match = error.match(failure.error)
        right = _only_one_like(match[1], there) if match and not _is_deeper(match[1], variables, used) else None
        places = set(_places(failing, kind, match[1])) if match and right else set()
        if match and right and places:
            return Slip(match[1], escaped(right), _replaced(source, places, match[1], escaped(right)))
    return _module_slip(source, failing, missing_module(failure.error) or "")


def _module_slip(source: str, failing: Sequence[ast.AST], wrong: str) -> Slip | None:
    """Find the slip in the module that a failing import is of; a name that has two letters more is another module's."""
    imports = {node.lineno for node in failing if isinstance(node, (ast.Import, ast.ImportFrom))}
    beside = modules_beside(wrong) if wrong and imports and distribution_of(wrong) is None else ()
    package, dot, last = wrong.rpartition(".")
    like = _only_one_like(last, [name for name in beside if abs(len(name) - len(last)) <= 1])
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
    """Give what differs in case, spacing or the unseen alone, else in a letter or two; a digit tells things apart."""
    candidates = sorted({name for name in there if name != wrong and _digits(name) == _digits(wrong)})
    same = [name for name in candidates if _bare(name) == _bare(wrong)]
    close = same or difflib.get_close_matches(wrong, candidates, n=2, cutoff=_ALIKE)
    return close[0] if len(close) == 1 else None


def _bare(name: str) -> str:
    return re.sub(r"[\s_-]", "", INVISIBLE.sub("", name)).casefold()


def _digits(name: str) -> list[str]:
    return re.findall(r"\d", name)


def _places(nodes: Iterable[ast.AST], kind: type[ast.expr], wrong: str) -> Iterator[tuple[int, int]]:
    """Give the line and the byte in it up to which each mention goes."""
    for node in nodes:
        named = getattr(node, {ast.Constant: "value", ast.Attribute: "attr"}.get(kind, "id"), None)
        if isinstance(node, kind) and named == wrong and node.end_lineno and node.end_col_offset:
            yield node.end_lineno, node.end_col_offset


def _replaced(source: str, places: Iterable[tuple[int, int]], wrong: str, right: str) -> str:
    """Put `right` for the last `wrong` before each place."""
    lines = source.split("\n")
    for line, end in sorted(places, reverse=True):
        text = lines[line - 1].encode()
        head, _, quote = text[:end].rpartition(wrong.encode())
        lines[line - 1] = (head + right.encode() + quote + text[end:]).decode()
    return "\n".join(lines)
