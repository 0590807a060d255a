"""How a file of a table is written: between which signs its values stand, and whether its first line names the columns."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Collection, Sequence
from typing import TypeGuard

from ..kernel.base import DataFile, Variable
from .cure_scene import applied
from .cures import Cure
from .source_map import SourceMap
from .variable_text import labels_of

_NUMBER = re.compile(r"[-+]?(?:\d+\.\d*|\.?\d+)(?:e[-+]?\d+)?", re.IGNORECASE)
_YEAR = re.compile(r"(?:1[89]|20|21)\d\d")
_READERS = ("read_csv", "read_table")
_NAMING = ("header", "names")
_PARTING = ("sep", "delimiter", "separator", "delim_whitespace")
_SIGNS = (";", "\t", "|")
_SEPARATORS = {"pd": "sep", "pandas": "sep", "pl": "separator", "polars": "separator"}
_NO_HEADER = "The file has no line of column names: its first line is data."


def with_separator(source: str, files: Callable[[], Sequence[DataFile]]) -> str:
    """Have tables read by the sign that parts the names in the first line of their files, where that is no comma."""
    mapped = SourceMap.of(source) if "read_csv" in source else None
    calls = [node for node in ast.walk(mapped.tree) if _reads(node, _PARTING)] if mapped else []
    signs = {file.path: sign for file in files() if (sign := _sign(file.first_line))} if calls else {}
    edits = [
        (mapped.span(call)[1] - 1, mapped.span(call)[1] - 1, f", {argument}={sign!r}")
        for call in calls
        if mapped and (sign := signs.get(_path(call))) and (argument := _argument(call))
    ]
    return applied(source, edits)


def with_first_row(source: str, variables: Sequence[Variable]) -> Cure | None:
    """Give the source that reads the first line of a file as data, where the columns that it read are called by numbers."""
    mapped = SourceMap.of(source)
    headless = {variable.name for variable in variables if _are_data(labels_of(variable))}
    for node in mapped.tree.body if mapped and headless else []:
        if mapped and isinstance(node, ast.Assign) and _is_name(node.targets[0], headless) and _reads(node.value, _NAMING):
            _, end = mapped.span(node.value)
            return Cure(applied(source, [(end - 1, end - 1, ", header=None")]), _NO_HEADER)
    return None


def _is_name(node: ast.expr, names: Collection[str]) -> bool:
    return isinstance(node, ast.Name) and node.id in names


def _reads(node: ast.AST, unless: Collection[str]) -> TypeGuard[ast.Call]:
    """Whether it reads a table as such files mostly are, and no argument says otherwise."""
    if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute) or node.func.attr not in _READERS:
        return False
    return not any(argument.arg in unless for argument in node.keywords)


def _path(call: ast.Call) -> str:
    """Give the path that is read; empty where more is said by place, or it is not written out."""
    path = call.args[0] if len(call.args) == 1 else None
    return str(path.value).removeprefix("./") if isinstance(path, ast.Constant) else ""


def _argument(call: ast.Call) -> str | None:
    """Give the name by which a library's reader takes the sign."""
    library = call.func.value if isinstance(call.func, ast.Attribute) and call.func.attr == "read_csv" else None
    return _SEPARATORS.get(library.id) if isinstance(library, ast.Name) else None


def _sign(line: str) -> str | None:
    return next((sign for sign in _SIGNS if sign in line), None) if "," not in line else None


def _are_data(labels: Sequence[str]) -> bool:
    """Whether most labels are numbers, but for years and those that count the columns."""
    numbers = [label for label in labels if _NUMBER.fullmatch(label)]
    counted = [str(number) for number in range(len(labels) + 1)]
    telling = [label for label in numbers if not _YEAR.fullmatch(label) and label not in counted]
    return bool(telling) and 2 * len(numbers) > len(labels)
