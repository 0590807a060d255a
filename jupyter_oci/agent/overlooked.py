"""What a request names and the code does not use: columns, and functions. A small model groups by one of two, for one."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from ..kernel.base import Variable
from .cell_names import names_used
from .variable_text import labels_of

_WORD = re.compile(r"[^\W\d_]+")
_PART = re.compile(r"[^\W\d_]*[^\W\d_A-Z](?=[A-Z])|[^\W\d_]+")  # `preTestScore` has three
_FUNCTION = re.compile(r"(?<![\w./\\-])(?:np|numpy|pd|pandas|plt|sns|stats|scipy|sklearn)(?:\.[^\W\d]\w*)+")
_WITHOUT = re.compile(r"\b(?:without|not|no|instead of|rather than|avoid)\W+(?:\w+\W+){0,3}$", re.IGNORECASE)
_ID = re.compile(r"(?:^|[_ ])(?:id|ID|Id|no|nr|number|key|code)$|[a-z]I[dD]$")
_HOW_MANY = re.compile(r"\b(?:how many|number of)\b", re.IGNORECASE)
_COUNTS_ROWS = re.compile(r"\blen\(|\.shape\b|\.size\b|\.count\(")
_LEAST = 3  # letters of a word that may stand for a column
# Words of any request, which say nothing of a column: `name`, `first_name`, `total_bill`.
_ORDINARY = re.compile(
    "all|average|column|count|data|dataset|date|day|each|final|first|group|hour|index|item|key|label|last|list|max|mean|median|min|"
    "month|name|new|num|number|old|order|per|percent|rank|rate|row|score|second|set|size|sum|table|text|time|total|type|unit|value|"
    "week|year"
)


def overlooked(code: str, request: str, variables: Sequence[Variable]) -> str | None:
    """Say in a sentence which function, or which columns of the kernel's tables, the request names and the code does not use.

    None: none. A column is named by all the words of its label, and where the code uses another table, by one that no other label
    has. Words of any request count only where the code counts rows: `order_id` is named by *how many orders*.
    """
    for match in _FUNCTION.finditer(request):
        if match[0].rpartition(".")[2] not in code and not _WITHOUT.search(request[: match.start()]):
            return f"Use `{match[0]}`, which the request names."
    used = names_used(code)
    tables = {variable.name: labels for variable in variables if (labels := labels_of(variable))}
    if not used.intersection(variable.name for variable in variables):
        return None
    written = _words(" ".join([code, *(each.summary for each in variables if each.name in used and each.name not in tables)]))
    counts = _HOW_MANY.search(request) and _COUNTS_ROWS.search(code)
    named: dict[str, list[str]] = {}
    for label in dict.fromkeys(label for labels in tables.values() for label in labels):
        table = _table_with(label, tables, used)
        is_named = _is_named(label, request, by_any_words=bool(counts and _ID.search(label)))
        if is_named or (table not in used and _is_hinted_at(label, request, tables)):
            named.setdefault(table, []).append(label)
    missing = {name: labels for name, labels in named.items() if not all(_words(label) <= written for label in labels)}
    if not missing:
        return None
    is_one = sum(map(len, missing.values())) == 1
    told = " and ".join(_told(name, labels) for name, labels in missing.items())
    return f"The request names {told}: use {'it' if is_one else 'all of them'}."


def _told(name: str, labels: Sequence[str]) -> str:
    *others, last = (f"`{label}`" for label in labels)
    return f"{', '.join(others)} and {last}, columns of `{name}`" if others else f"{last}, a column of `{name}`"


def _is_named(label: str, request: str, *, by_any_words: bool) -> bool:
    own = _words(label)
    return own <= _words(request) and any(by_any_words or not _ORDINARY.fullmatch(word) for word in own)


def _is_hinted_at(label: str, request: str, tables: Mapping[str, Sequence[str]]) -> bool:
    others = {word for labels in tables.values() for other in labels if other != label for word in _words(other)}
    return any(not _ORDINARY.fullmatch(word) for word in (_words(label) - others) & _words(request))


def _table_with(label: str, tables: Mapping[str, Sequence[str]], used: frozenset[str]) -> str:
    """Give a table with a column, one that is used rather than another."""
    return min((name for name, labels in tables.items() if label in labels), key=lambda name: name not in used)


def _words(text: str) -> frozenset[str]:
    """Give the words of a text or label in lower case and without the ending of a plural."""
    parts = (part.lower() for word in _WORD.findall(text) for part in _PART.findall(word))
    return frozenset(_singular(part) for part in parts if len(part) >= _LEAST)


def _singular(word: str) -> str:
    if word.endswith("ies") and len(word) > 4:
        return f"{word[:-3]}y"
    return word[:-1] if word.endswith("s") and not word.endswith("ss") and len(word) > 3 else word
