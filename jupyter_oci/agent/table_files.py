"""How a file of a table is written: between which signs its values stand, and whether its first line names the columns."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Collection, Sequence
from typing import TypeGuard

from ..kernel.base import DataFile, Variable
from .cure_scene import Edit, applied
from .cures import Cure
from .python_text import parses
from .source_map import SourceMap
from .variable_text import labels_of, texts_in

_NUMBER = re.compile(r"[-+]?(?:\d+\.\d*|\.?\d+)(?:e[-+]?\d+)?", re.IGNORECASE)
_AGAIN = re.compile(r"(\d+\.\d+)\.\d+")
_QUOTED = re.compile(r'"[^"]*"')
_READERS = ("read_csv", "read_table")
_OTHERWISE = ("comment", "dialect", "skiprows", "skip_rows")
_NAMING = ("header", "names", *_OTHERWISE)
_PARTING = ("sep", "delimiter", "separator", "delim_whitespace", "header", *_OTHERWISE)
_SIGNS = (";", "\t", "|")
_PANDAS = ("pd", "pandas")
_SEPARATORS = {"pd": "sep", "pandas": "sep", "pl": "separator", "polars": "separator"}
_NO_HEADER = "The file has no line of column names: its first line is data."


def with_separator(source: str, files: Callable[[], Sequence[DataFile]]) -> str:
    """Have tables read by the sign that parts the names in the first line of their files, where that is no comma."""
    mapped = SourceMap.of(source) if "read_csv" in source else None
    calls = [node for node in ast.walk(mapped.tree) if _reads(node, _PARTING)] if mapped else []
    signs = {file.path: sign for file in files() if (sign := _sign(file.first_line))} if calls else {}
    edits = [
        _after_path(mapped, call, f", {argument}={sign!r}")
        for call in calls
        if mapped and (sign := signs.get(_path(call))) and (argument := _argument(call))
    ]
    changed = applied(source, edits)
    return changed if parses(changed) else source


def with_first_row(source: str, variables: Sequence[Variable]) -> Cure | None:
    """Give the source that reads the first line of a file as data, where the columns that it read are called by values."""
    mapped = SourceMap.of(source)
    headless = {variable.name for variable in variables if _are_data(variable)}
    for node in mapped.tree.body if mapped and headless else []:
        if mapped and isinstance(node, ast.Assign) and _is_name(node.targets[0], headless) and _reads(node.value, _NAMING):
            if not _is_name(getattr(node.value.func, "value", node), _PANDAS):
                continue
            return Cure(applied(source, [_after_path(mapped, node.value, ", header=None")]), _NO_HEADER)
    return None


def _after_path(mapped: SourceMap, call: ast.Call, text: str) -> Edit:
    _, end = mapped.span(call.args[0])
    return end, end, text


def _is_name(node: ast.AST, names: Collection[str]) -> bool:
    return isinstance(node, ast.Name) and node.id in names


def _reads(node: ast.AST, unless: Collection[str]) -> TypeGuard[ast.Call]:
    """Whether it reads a table as such files mostly are, and no argument says otherwise."""
    if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute) or node.func.attr not in _READERS:
        return False
    return len(node.args) == 1 and not any(argument.arg is None or argument.arg in unless for argument in node.keywords)


def _path(call: ast.Call) -> str:
    """Give the path that is read; empty where it is not written out."""
    path = call.args[0]
    return str(path.value).removeprefix("./") if isinstance(path, ast.Constant) else ""


def _argument(call: ast.Call) -> str | None:
    """Give the name by which a library's reader takes the sign."""
    library = call.func.value if isinstance(call.func, ast.Attribute) and call.func.attr == "read_csv" else None
    return _SEPARATORS.get(library.id) if isinstance(library, ast.Name) else None


def _sign(line: str) -> str | None:
    """Give the sign between the names of a line, quotes left out: one that is there several times, or without a space."""
    bare = _QUOTED.sub("", line)
    signs = (sign for sign in _SIGNS if bare.count(sign) > 1 or re.search(rf"{re.escape(sign)}\S", bare))
    return next(signs, None) if "," not in bare else None


def _are_data(variable: Variable) -> bool:
    """Whether the labels of a table are a row of it: numbers beside values of their columns, or in no order."""
    labels, texts = labels_of(variable), texts_in(variable)
    bare = [_AGAIN.sub(r"\1", label) for label in labels]  # pandas tells labels that come again by a number: 0.2 and 0.2.1
    numbers = [float(label) for label in bare if _NUMBER.fullmatch(label)]
    others = [label for label in labels if not _NUMBER.fullmatch(label) and not _AGAIN.fullmatch(label)]
    is_ordered = numbers in (sorted(numbers), sorted(numbers, reverse=True))
    has_values = all(label in texts.get(label, []) for label in others) if others else not is_ordered
    return 2 * len(numbers) > len(labels) and has_values
