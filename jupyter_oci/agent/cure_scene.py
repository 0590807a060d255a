"""The failing statement of a cell, and the edits that a cure may make in it."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TypeVar

from ..kernel.base import DataFile, Variable
from .failing import failing_nodes
from .source_map import SourceMap
from .traceback_text import Failure
from .variable_text import dtype_in, texts_in, ways_to

Edit = tuple[int, int, str]
"""The characters from the first offset up to the second become the text."""
_SERIES = re.compile(r"\bdtype (\w+)")
APART = (ast.Lambda, ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)  # what they do is done item by item
N = TypeVar("N", bound=ast.AST)


@dataclass(frozen=True, slots=True)
class Scene:
    """What failed, as syntax: `nodes` are those of the failing statement, `variables` what it uses, `files` lie in its folder.

    `is_direct` says that the statement itself raised the error, and nothing that it called.
    """

    mapped: SourceMap
    nodes: Sequence[ast.AST]
    variables: Sequence[Variable]
    files: Sequence[DataFile] = ()
    is_direct: bool = False

    def all(self, kind: type[N]) -> Iterator[N]:
        """Give the nodes of a kind."""
        return (node for node in self.nodes if isinstance(node, kind))

    def attributes(self, names: str) -> Iterator[ast.Attribute]:
        """Give the attributes that are read, by a pattern of their names."""
        return (node for node in self.all(ast.Attribute) if re.fullmatch(names, node.attr))

    def calls(self, names: str) -> Iterator[ast.Call]:
        """Give the calls of methods, by a pattern of their names."""
        return (
            node for node in self.all(ast.Call) if isinstance(node.func, ast.Attribute) and re.fullmatch(names, node.func.attr)
        )

    def text(self, node: ast.AST) -> str:
        """Give what stands there."""
        return self.mapped.text(node)

    def texts(self, node: ast.expr) -> list[str]:
        """Give the first values of a variable's column of text; none of anything else."""
        label, name = column_label(node), _table(node)
        return next((texts_in(each).get(label or "", []) for each in self.variables if each.name == name), [])

    def dtype(self, node: ast.expr) -> str:
        """Give the dtype of a variable's column, or of a variable that is one; empty of anything else."""
        if isinstance(node, ast.Name):
            found = (_SERIES.search(each.summary) for each in self.variables if each.name == node.id and each.type == "Series")
            return next((match[1] for match in found if match), "")
        label, name = column_label(node), _table(node)
        return next((dtype_in(each, label or "") for each in self.variables if each.name == name), "")

    def type_of(self, node: ast.expr) -> str:
        """Give the type of a variable; empty of anything else."""
        return "".join(variable.type for variable in self._held(node))

    def summary_of(self, node: ast.expr) -> str:
        """Give what is told of a variable; empty of anything else."""
        return "".join(variable.summary for variable in self._held(node))

    def ways_to(self, node: ast.expr, key: str) -> list[tuple[str | None, ...]]:
        """Give the ways to a key in a dict that is a variable; none of anything else."""
        return [way for variable in self._held(node) for way in ways_to(variable, key)]

    def _held(self, node: ast.expr) -> list[Variable]:
        """Give the variable that a name stands for, if it is one."""
        return [each for each in self.variables if isinstance(node, ast.Name) and each.name == node.id]

    # Edits

    def put(self, node: ast.AST, text: str) -> Edit:
        """Put a text in the place of a node."""
        return (*self.mapped.span(node), text)

    def rename(self, node: ast.Attribute, name: str) -> Edit:
        """Give an attribute another name."""
        _, end = self.mapped.span(node)
        return end - len(node.attr), end, name

    def before(self, node: ast.AST, text: str) -> Edit:
        """Put a text before a node."""
        start, _ = self.mapped.span(node)
        return start, start, text

    def after(self, node: ast.AST, text: str) -> Edit:
        """Put a text after a node, and after the parentheses that it stands in."""
        start, end = self.mapped.span(node)
        source = self.mapped.source
        while source[start - 1 : start] == "(" and source[end : end + 1] == ")" and source[end + 1 : end + 2] == ".":
            start, end = start - 1, end + 1
        return end, end, text

    def wrap(self, node: ast.AST, opening: str, closing: str = ")") -> Iterator[Edit]:
        """Put a node between two texts."""
        start, end = self.mapped.span(node)
        yield from ((start, start, opening), (end, end, closing))

    def argument(self, call: ast.Call, text: str) -> Edit:
        """Give a call one more argument."""
        _, end = self.mapped.span(call)
        return end - 1, end - 1, f", {text}" if call.args or call.keywords else text

    def brackets(self, node: ast.Call | ast.Subscript, opening: str, closing: str) -> Iterator[Edit]:
        """Give a call or a subscript other brackets."""
        _, start = self.mapped.span(node.func if isinstance(node, ast.Call) else node.value)
        _, end = self.mapped.span(node)
        yield from ((start, start + 1, opening), (end - 1, end, closing))


def scene_of(source: str, failure: Failure, variables: Sequence[Variable], files: Sequence[DataFile] = ()) -> Scene | None:
    """Find the failing statement in its cell; None where it is not there, or the cell is no plain Python."""
    mapped = SourceMap.of(source)
    if mapped is None:
        return None
    nodes = failing_nodes(mapped.tree, source, failure)
    apart = {id(inner) for node in nodes if isinstance(node, APART) for inner in ast.walk(node)}
    own = [node for node in nodes if id(node) not in apart]
    return Scene(mapped, own, variables, files, failure.left_out == 0) if own else None


def applied(source: str, edits: Sequence[Edit]) -> str:
    """Give the source with the edits; as it is where they overlap."""
    parts, at = [], 0
    for start, end, text in sorted(edits, key=lambda edit: edit[:2]):
        if start < at:
            return source
        parts += [source[at:start], text]
        at = end
    return "".join((*parts, source[at:]))


def column_label(node: ast.AST) -> str | None:
    """Give the label of `df["label"]` or `df.label`."""
    if isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Constant) and isinstance(node.slice.value, str):
        return node.slice.value
    return node.attr if isinstance(node, ast.Attribute) else None


def _table(node: ast.AST) -> str:
    """Give the name of the variable that a column is taken from."""
    table = node.value if isinstance(node, (ast.Subscript, ast.Attribute)) else None
    return table.id if isinstance(table, ast.Name) else ""


def keyword(call: ast.Call, name: str) -> ast.keyword | None:
    """Give a keyword argument of a call."""
    return next((each for each in call.keywords if each.arg == name), None)
