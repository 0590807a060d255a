"""Which small changes are tried at a node of the syntax tree: the slips that people make, the likeliest kinds first.

Mutation operators, read backwards: what breaks a program in mutation testing repairs one that is broken in that way
(Debroy and Wong, "Using Mutation to Automatically Suggest Fixes for Faulty Programs", ICST 2010).
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, NamedTuple

from .source_map import SourceMap, Span, is_text


class Change(NamedTuple):
    """Put `text` in the place of what stands at `span`. `rank`: of the kind, 0 is the likeliest."""

    rank: int
    span: Span
    text: str


@dataclass(frozen=True, slots=True)
class Here:
    """Where a rule looks: the source, and the names and strings of the function that the node is in."""

    map: SourceMap
    names: tuple[str, ...]
    strings: tuple[str, ...]

    def put(self, rank: int, node: ast.AST, text: str) -> Change:
        """Put a text in the place of a node."""
        return Change(rank, self.map.span(node), text)

    def text(self, node: ast.AST) -> str:
        """Give what stands there, so that it stays one operand wherever it is put."""
        text = self.map.text(node)
        return text if isinstance(node, _PRIMARY) else f"({text})"


Changes = Iterator[Change]

_SIMPLE = (ast.Assign, ast.AugAssign, ast.Expr, ast.Return)
_PRIMARY = (ast.Name, ast.Constant, ast.Call, ast.Subscript, ast.Attribute, ast.List, ast.ListComp, ast.Dict, ast.Set)
_OPERATORS = (
    ("<", "<=", ">", ">=", "==", "!="),
    ("in", "not in"),
    ("is", "is not"),
    ("+", "-", "*", "/", "//", "%", "**"),
    ("+=", "-=", "*=", "/=", "//=", "%=", "="),
    ("&", "|", "^"),
    ("<<", ">>"),
    ("and", "or"),
)
_NAMES = (
    ("min", "max"),
    ("any", "all"),
    ("sorted", "reversed"),
    ("set", "list"),
    ("int", "round"),
    ("ceil", "floor"),
    ("upper", "lower"),
    ("isupper", "islower"),
    ("startswith", "endswith"),
    ("append", "extend"),
    ("lstrip", "rstrip"),
    ("find", "rfind"),
)
# What is computed of columns and rows, and how: as methods, and as the strings that `agg` and `merge` take.
_OF_TABLES = (
    ("sum", "mean", "median", "min", "max", "count", "size", "nunique", "std", "var", "first", "last"),
    *((name, f"nan{name}") for name in ("sum", "mean", "median", "min", "max", "std", "var")),
    ("head", "tail"),
    ("nlargest", "nsmallest"),
    ("idxmax", "idxmin"),
    ("argmax", "argmin"),
    ("loc", "iloc"),
    ("isna", "notna"),
    ("ffill", "bfill"),
    ("floor", "ceil", "round"),
    ("year", "month", "day", "hour"),
    ("inner", "left", "right", "outer"),
)
_OPTIONS = {
    **dict.fromkeys(("sort_values", "sort_index", "rank"), ("ascending=False",)),
    **dict.fromkeys(("merge", "join"), ("how='left'", "how='outer'", "how='right'")),
    **dict.fromkeys(("sum", "mean", "median", "min", "max", "any", "all", "idxmin", "idxmax", "apply", "concat"), ("axis=1",)),
    **dict.fromkeys(("std", "var"), ("ddof=0", "ddof=1")),
    "value_counts": ("normalize=True", "dropna=False"),
    "groupby": ("dropna=False", "as_index=False"),
    "drop_duplicates": ("keep='last'",),
    "reset_index": ("drop=True",),
}
_WRAPPED = (
    *("abs({})", "len({})", "sorted({})", "set({})", "str({})", "int({})", "list({})", "round({})"),
    *("{}.lower()", "{}.upper()", "{}[::-1]", "(not {})", "(-{})", "({} + 1)", "({} - 1)"),
)
_BOUNDS = ("", "1", "-1")
_RETURNED = ("True", "False", "None", "[]")


def _others(word: str, groups: tuple[tuple[str, ...], ...]) -> Iterator[str]:
    return (other for group in groups if word in group for other in group if other != word)


def _operator(before: ast.AST, after: ast.AST, here: Here) -> tuple[Span, str]:
    """Give the place of the operator between two nodes, and the operator: one token, or two as in `not in`."""
    tokens = [token for token in here.map.between(before, after) if token.string not in "()"]
    return (tokens[0].startpos, tokens[-1].endpos), " ".join(token.string for token in tokens)


def _operator_exchanged(before: ast.AST, after: ast.AST, here: Here) -> Changes:
    span, operator = _operator(before, after, here)
    yield from (Change(0, span, other) for other in _others(operator, _OPERATORS))


def compared(node: ast.Compare, here: Here) -> Changes:
    """Put `<` for `<=`; the opposite."""
    for left, right in pairwise([node.left, *node.comparators]):
        yield from _operator_exchanged(left, right, here)
    yield here.put(2, node, f"(not ({here.map.text(node)}))")


def computed(node: ast.BinOp, here: Here) -> Changes:
    """Put `-` for `+`; operands exchanged; one of them alone."""
    yield from _operator_exchanged(node.left, node.right, here)
    left, right = here.text(node.left), here.text(node.right)
    _, operator = _operator(node.left, node.right, here)
    yield here.put(1, node, f"({right} {operator} {left})")
    yield from (here.put(1, node, side) for side in (left, right))


def combined(node: ast.BoolOp, here: Here) -> Changes:
    """Put `and` for `or`; an operand less."""
    for left, right in pairwise(node.values):
        yield from _operator_exchanged(left, right, here)
    word = " and " if isinstance(node.op, ast.And) else " or "
    for dropped in node.values:
        kept = word.join(here.text(value) for value in node.values if value is not dropped)
        yield here.put(1, node, kept if len(node.values) == 2 else f"({kept})")


def signed(node: ast.UnaryOp, here: Here) -> Changes:
    """Leave out `not` or `-`."""
    yield here.put(0, node, here.text(node.operand))


def augmented(node: ast.AugAssign, here: Here) -> Changes:
    """Put `-=` or `=` for `+=`; into another variable."""
    yield from _operator_exchanged(node.target, node.value, here)
    yield from (here.put(1, node.target, name) for name in here.names if name != here.map.text(node.target))


def constant(node: ast.Constant, here: Here) -> Changes:
    """Put one more, one less, zero; the other truth value; another string of the function."""
    value = node.value
    if isinstance(value, bool):
        yield here.put(0, node, str(not value))
    elif isinstance(value, int):
        others = dict.fromkeys((value + 1, value - 1, 0, 1, 2, -value, value * 10, value + 2))
        yield from (here.put(0, node, repr(other) if other >= 0 else f"({other})") for other in others if other != value)
    elif isinstance(value, str):
        quote = here.map.text(node)[-1:]
        yield from (here.put(0, node, _quoted(other, quote)) for other in _others(value, _OF_TABLES))
        texts = dict.fromkeys((*here.strings, "", " "))
        yield from (here.put(1, node, _quoted(text, quote)) for text in texts if text != value)


def _quoted(value: str, quote: str) -> str:
    """Write a string with the user's kind of quote where it can be."""
    written = repr(value)
    return f"{quote}{written[1:-1]}{quote}" if not set("\"'\\") & set(written[1:-1]) else written


def name(node: ast.Name, here: Here) -> Changes:
    """Put `max` for `min`; another variable of the function."""
    yield from (here.put(0, node, other) for other in _others(node.id, _NAMES))
    if isinstance(node.ctx, ast.Load) and node.id in here.names:
        yield from (here.put(1, node, other) for other in here.names if other != node.id)


def attribute(node: ast.Attribute, here: Here) -> Changes:
    """Put `.lower` for `.upper`, `.mean` for `.sum`."""
    end = here.map.span(node)[1]
    span = end - len(node.attr), end
    yield from (Change(0, span, other) for other in _others(node.attr, (*_NAMES, *_OF_TABLES)))


def conditional(node: ast.IfExp, here: Here) -> Changes:
    """Exchange the two branches."""
    first, second = here.text(node.body), here.text(node.orelse)
    yield here.put(0, node, f"({second} if {here.map.text(node.test)} else {first})")


def called(node: ast.Call, here: Here) -> Changes:
    """Exchange arguments; leave one out; put the argument itself; give an option of tables."""
    for left, right in pairwise(node.args):
        span = here.map.span(left)[0], here.map.span(right)[1]
        yield Change(1, span, f"{here.map.text(right)}, {here.map.text(left)}")
    written = [here.map.text(argument) for argument in (*node.args, *node.keywords)]
    for place, only in enumerate(written):
        rest = ", ".join(text for other, text in enumerate(written) if other != place)
        yield here.put(1, node, f"{here.map.text(node.func)}({rest})")
        if place < len(node.args):
            yield here.put(1, node, f"({only})")
    for option in _OPTIONS.get(getattr(node.func, "attr", ""), ()):
        if all(keyword.arg != option.partition("=")[0] for keyword in node.keywords):
            yield here.put(1, node, f"{here.map.text(node.func)}({', '.join([*written, option])})")
    if isinstance(node.func, ast.Name) and node.func.id == "sorted":
        yield here.put(1, node, f"{here.map.text(node)}[::-1]")


def indexed(node: ast.Subscript, here: Here) -> Changes:
    """Put the neighbour of an item; other bounds of a slice; all of it."""
    inner, value = node.slice, here.map.text(node.value)
    if isinstance(inner, ast.Slice):
        bounds = [here.map.text(bound) if bound else "" for bound in (inner.lower, inner.upper, inner.step)]
        for place, old in enumerate(bounds):
            wanted = (*_BOUNDS, f"{old} + 1", f"{old} - 1") if old and place < 2 else _BOUNDS
            for new in wanted:
                changed = [new if other == place else bound for other, bound in enumerate(bounds)]
                yield here.put(1, node, f"{value}[{':'.join(changed if changed[2] else changed[:2])}]")
    else:
        index = here.text(inner)
        yield from (here.put(1, node, f"{value}[{index} {step} 1]") for step in "+-")
    yield here.put(2, node, value)


def returned(node: ast.Return, here: Here) -> Changes:
    """Return another variable or a plain value."""
    if node.value is not None:
        old = here.map.text(node.value)
        yield from (here.put(1, node.value, other) for other in here.names if other != old)
        yield from (here.put(2, node.value, other) for other in _RETURNED if other != old)


def jump(node: ast.Break | ast.Continue, here: Here) -> Changes:
    """Put `continue` for `break`."""
    yield here.put(0, node, "continue" if isinstance(node, ast.Break) else "break")


def body(node: ast.stmt, here: Here) -> Changes:
    """Leave out a statement."""
    for field in ("body", "orelse"):
        statements = getattr(node, field, ())
        for each in statements:
            if isinstance(each, _SIMPLE) and not is_text(each):
                yield here.put(2, each, "pass") if len(statements) == 1 else Change(2, here.map.lines(each), "")


def wrapped(node: ast.expr, here: Here) -> Changes:
    """Put its size, its order, its opposite."""
    if isinstance(getattr(node, "ctx", ast.Load()), ast.Load):
        yield from (here.put(3, node, form.format(here.text(node))) for form in _WRAPPED)


Rule = Callable[[Any, Here], Changes]
_BODIES = (ast.FunctionDef, ast.AsyncFunctionDef, ast.For, ast.While, ast.If, ast.With)
_LOADED = (ast.Name, ast.Call, ast.BinOp, ast.Subscript, ast.Attribute, ast.Compare, ast.BoolOp, ast.ListComp, ast.GeneratorExp)
RULES: tuple[tuple[type[ast.AST] | tuple[type[ast.AST], ...], Rule], ...] = (
    (ast.Compare, compared),
    (ast.BinOp, computed),
    (ast.BoolOp, combined),
    (ast.UnaryOp, signed),
    (ast.AugAssign, augmented),
    (ast.Constant, constant),
    (ast.Name, name),
    (ast.Attribute, attribute),
    (ast.IfExp, conditional),
    (ast.Call, called),
    (ast.Subscript, indexed),
    (ast.Return, returned),
    ((ast.Break, ast.Continue), jump),
    (_BODIES, body),
    (_LOADED, wrapped),
)
