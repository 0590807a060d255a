"""A file without a line of column names, whose first row was read as such: nothing fails, and a row is lost."""

from __future__ import annotations

import ast
import re
from collections.abc import Collection, Sequence

from ..kernel.base import Variable
from .cure_scene import applied, keyword
from .cures import Cure
from .source_map import SourceMap
from .variable_text import labels_of

_NUMBER = re.compile(r"[-+]?(?:\d+\.\d*|\.?\d+)(?:e[-+]?\d+)?", re.IGNORECASE)
_YEAR = re.compile(r"(?:1[89]|20|21)\d\d")
_READERS = ("read_csv", "read_table")
_NAMING = ("header", "names")
_NO_HEADER = "The file has no line of column names: its first line is data."


def with_first_row(source: str, variables: Sequence[Variable]) -> Cure | None:
    """Give the source that reads the first line of a file as data, where the columns that it read are called by numbers."""
    mapped = SourceMap.of(source)
    headless = {variable.name for variable in variables if _are_data(labels_of(variable))}
    for node in mapped.tree.body if mapped and headless else []:
        read = node.value if isinstance(node, ast.Assign) and _is_name(node.targets[0], headless) else None
        if mapped and isinstance(read, ast.Call) and _reads(read):
            _, end = mapped.span(read)
            return Cure(applied(source, [(end - 1, end - 1, ", header=None")]), _NO_HEADER)
    return None


def _is_name(node: ast.expr, names: Collection[str]) -> bool:
    return isinstance(node, ast.Name) and node.id in names


def _reads(call: ast.Call) -> bool:
    """Whether it takes a table's column names from its file."""
    is_reader = isinstance(call.func, ast.Attribute) and call.func.attr in _READERS
    return is_reader and not any(keyword(call, name) for name in _NAMING)


def _are_data(labels: Sequence[str]) -> bool:
    """Whether most labels are numbers, but for years and those that count the columns."""
    numbers = [label for label in labels if _NUMBER.fullmatch(label)]
    counted = [str(number) for number in range(len(labels) + 1)]
    telling = [label for label in numbers if not _YEAR.fullmatch(label) and label not in counted]
    return bool(telling) and 2 * len(numbers) > len(labels)
