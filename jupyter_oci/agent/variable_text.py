"""A variable, as the model gets to read it."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator

from ..kernel.base import Variable
from .plain_text import escaped
from .python_text import tree_of

_DATES_AS_TEXT = re.compile(r"\b(?:str|object) (?=\('\d{4}-\d\d-\d\d)")

# Of a DataFrame's summary: label, dtype and the first values, whose texts may hold anything.
_VALUES = r"(?:'(?:[^'\\]|\\.)*'|\"[^\"]*\"|[^'\")])*"
_COLUMN = re.compile(rf"(?:^|; )(?P<label>[^;]+?) (?P<dtype>\w+)(?:\[[^\]]*\])?(?: \((?P<values>{_VALUES})\))?(?=;|$)")
_NO_DATA = ("module", "function", "type")
_TEXT_TYPES = ("object", "str", "string")


def data_types(variables: Iterable[Variable]) -> dict[str, str]:
    """Give the types of the variables that hold data, by name."""
    return {variable.name: variable.type for variable in variables if variable.type not in _NO_DATA}


def described(variable: Variable) -> str:
    """Give its summary with all characters in sight; of a column of dates that are still text, say so.

    Models compare such text with one of its samples.
    """
    return _DATES_AS_TEXT.sub("dates as text, convert with pd.to_datetime, first ones ", escaped(variable.summary))


def labels_of(variable: Variable) -> list[str]:
    """Give the columns of a DataFrame, or the keys of a dict, as far as its summary lists them."""
    if variable.type == "dict":
        return [way[0] for way in _ways(_keys(variable.summary.replace(", ...}", "}"))) if len(way) == 1 and way[0]]
    if variable.type != "DataFrame":
        return []
    return [match["label"] for match in _COLUMN.finditer(variable.summary.partition(": ")[2])]


def ways_to(variable: Variable, key: str) -> list[tuple[str | None, ...]]:
    """Give the keys by which a key is reached in a dict and what is in it, itself the last, None for a place in a list.

    None at all is given if not all keys are listed: there may be more ways.
    """
    keys = _keys(variable.summary) if variable.type == "dict" else None
    unlisted = [node for node in ast.walk(keys) if isinstance(node, ast.Name) and node.id == "dict"] if keys else []
    return [] if unlisted else [way for way in _ways(keys) if way[-1] == key]


def _keys(summary: str) -> ast.expr | None:
    """Read the keys and types in a dict's summary, which is written as a dict is."""
    tree = tree_of("{" + summary.partition(" {")[2].replace(", ...]", "]"))
    return tree.body[0].value if tree and isinstance(tree.body[0], ast.Expr) else None


def _ways(node: ast.expr | None) -> Iterator[tuple[str | None, ...]]:
    if isinstance(node, ast.List):
        yield from ((None, *way) for way in _ways(node.elts[0]))
    for key, value in zip(node.keys, node.values, strict=True) if isinstance(node, ast.Dict) else ():
        if isinstance(key, ast.Constant) and isinstance(key.value, str):
            yield (key.value,)
            yield from ((key.value, *way) for way in _ways(value))


def texts_in(variable: Variable) -> dict[str, list[str]]:
    """Give the first values of a DataFrame's columns of text, by label, as far as its summary lists them."""
    if variable.type != "DataFrame":
        return {}
    columns = _COLUMN.finditer(variable.summary.partition(": ")[2])
    return {match["label"]: _texts(match["values"] or "") for match in columns if match["dtype"] in _TEXT_TYPES}


def dtype_in(variable: Variable, label: str) -> str:
    """Give the dtype of a DataFrame's column; empty if its summary does not list it."""
    columns = _COLUMN.finditer(variable.summary.partition(": ")[2]) if variable.type == "DataFrame" else ()
    return next((match["dtype"] for match in columns if match["label"] == label), "")


def _texts(values: str) -> list[str]:
    try:
        return [value for value in ast.literal_eval(f"[{values}]") if isinstance(value, str)]
    except (SyntaxError, ValueError):
        return []
