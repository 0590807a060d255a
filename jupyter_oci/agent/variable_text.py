"""A variable, as the model gets to read it."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import product

from ..kernel.base import Variable
from .plain_text import cut_middle, escaped, plain
from .python_text import tree_of

_DATES_AS_TEXT = re.compile(r"\b(?:str|object) (?=\('\d{4}-\d\d-\d\d)")

_CHARACTERS, _NAMED_CHARACTERS = 400, 1200
_CHARACTERS_PER_TOKEN = 2  # fewer than tokenizers get out of names and numbers
_NAMED_SHARE = 0.25
_NAME, _WORD = re.compile(r"[^\W\d]\w*"), re.compile(r"[^\W_]+")

# Of a table's summary: label, dtype and the first values, whose texts may hold anything.
_VALUES = r"(?:'(?:[^'\\]|\\.)*'|\"[^\"]*\"|[^'\")])*"
_VALUE = re.compile(r"'(?:[^'\\]|\\.)*'[^,]*|\"[^\"]*\"[^,]*|[^,]+")
_COLUMN = re.compile(
    rf"(?:^|; )(?P<label>[^;]+?) (?P<dtype>\w+)(?:\[[^\]]*\])*(?: \((?P<values>{_VALUES})\))?"
    r"(?P<count>(?: \d+ distinct)?)(?=;|$)"
)
_TABLE = re.compile(
    r"(?P<head>(?:polars, )?\d+ rows x (?P<count>\d+) columns.*?: )(?P<columns>.*?)(?:; \.\.\. \d+ more)?", re.DOTALL
)
_CUT = re.compile(r"(?<=['\"])\.\.\. length \d+")
_NO_DATA = ("module", "function", "type")
_TEXT_TYPES = ("object", "str", "string")


def data_types(variables: Iterable[Variable]) -> dict[str, str]:
    """Give the types of the variables that hold data, by name."""
    return {variable.name: variable.type for variable in variables if variable.type not in _NO_DATA}


def names_in(text: str) -> frozenset[str]:
    """Give what in a text may be names of variables."""
    return frozenset(_NAME.findall(text))


def variable_lines(variables: Sequence[Variable], about: str, limit: int, tell: Callable[[str], str]) -> list[str]:
    """Give a line for each variable, as `tell` writes summaries; those that the text `about` names may be longer.

    `limit` is that of the prompt in tokens: those longer lines have a quarter of it together.
    """
    named = names_in(about)
    long = [each for each in variables if each.name in named and len(_line(each, tell(each.summary))) > _CHARACTERS]
    room = int(limit * _NAMED_SHARE * _CHARACTERS_PER_TOKEN) // max(1, len(long))
    longest = min(_NAMED_CHARACTERS, max(_CHARACTERS, room))
    return [_within(each, about, longest if each.name in named else _CHARACTERS, tell) for each in variables]


def described(summary: str) -> str:
    """Give a summary with all characters in sight; of a column of dates that are still text, say so.

    Models compare such text with one of its samples.
    """
    return _DATES_AS_TEXT.sub("dates as text, convert with pd.to_datetime, first ones ", escaped(summary))


def fitted(summary: str, about: str, limit: int, tell: Callable[[str], str]) -> str:
    """Give a summary as `tell` writes it, of a table without the counts of its columns, and with as many as there is room for.

    Anything else that is over `limit` characters stays so.
    """
    told, table, columns = tell(summary), _TABLE.fullmatch(summary), _columns(summary)
    if table is None or "".join(column[0] for column in columns) != table["columns"]:
        return told
    for parts in _ever_less(columns, about, tell):
        more = int(table["count"]) - len(parts)
        told = tell(table["head"]) + "; ".join([*parts, *([f"... {more} more"] if more else [])])
        if len(told) <= limit:
            break
    return told


def _ever_less(columns: Sequence[re.Match[str]], about: str, tell: Callable[[str], str]) -> Iterator[list[str]]:
    """Give columns with one value, then with none, the longest values first, and then fewer columns, the last first.

    Those that the text `about` names come after all others.
    """
    parts = {place: tell(_without_count(column)) for place, column in enumerate(columns)}
    words = _words(about)
    named = [place for place in parts if _words(columns[place]["label"]) <= words]
    groups = ([place for place in parts if place not in named], named)
    yield [*parts.values()]
    for group, shorten in product(groups, (_with_one_value, _without_values)):
        for place in sorted(group, key=lambda place: (-len(columns[place]["values"] or ""), -place)):
            parts[place] = tell(shorten(columns[place]))
            yield [*parts.values()]
    for place in (place for group in groups for place in reversed(group)):
        del parts[place]
        yield [*parts.values()]


def _without_count(column: re.Match[str]) -> str:
    return column[0].removeprefix("; ").removesuffix(column["count"])


def _with_one_value(column: re.Match[str]) -> str:
    values = column["values"] or ""
    first = _VALUE.match(values)
    few = f" ({first[0]}, ...)" if first and first[0] != values else f" ({values})" if values else ""
    return _without_values(column) + few


def _without_values(column: re.Match[str]) -> str:
    return _without_count(column).removesuffix(f" ({column['values']})")


def _words(text: str) -> frozenset[str]:
    return frozenset(_WORD.findall(text.lower()))


def _within(variable: Variable, about: str, limit: int, tell: Callable[[str], str]) -> str:
    told = fitted(variable.summary, about, limit - len(_line(variable, "")) - 1, tell)
    return cut_middle(_line(variable, told), limit).replace("\n", " ")


def _line(variable: Variable, told: str) -> str:
    return " ".join(plain(f"{variable.name}: {variable.type} {told}").split())


def labels_of(variable: Variable) -> list[str]:
    """Give the columns of a DataFrame, or the keys of a dict, as far as its summary lists them."""
    if variable.type == "dict":
        return [way[0] for way in _ways(_keys(variable.summary.replace(", ...}", "}"))) if len(way) == 1 and way[0]]
    if variable.type != "DataFrame":
        return []
    return [column["label"] for column in _columns(variable.summary)]


def repeats_in(variable: Variable) -> list[str]:
    """Give the columns of a DataFrame that are known to have a value more than once."""
    columns = _columns(variable.summary) if variable.type == "DataFrame" else []
    return [column["label"] for column in columns if " distinct" in column["count"]]


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
    columns = _columns(variable.summary)
    return {column["label"]: _texts(column["values"] or "") for column in columns if column["dtype"] in _TEXT_TYPES}


def dtype_in(variable: Variable, label: str) -> str:
    """Give the dtype of a DataFrame's column; empty if its summary does not list it."""
    columns = _columns(variable.summary) if variable.type == "DataFrame" else []
    return next((column["dtype"] for column in columns if column["label"] == label), "")


def _columns(summary: str) -> list[re.Match[str]]:
    """Read the columns of a table's summary, as far as it lists them."""
    table = _TABLE.fullmatch(summary)
    return [*_COLUMN.finditer(table["columns"])] if table else []


def _texts(values: str) -> list[str]:
    try:
        return [value for value in ast.literal_eval(f"[{_CUT.sub('', values)}]") if isinstance(value, str)]
    except (SyntaxError, ValueError):
        return []
