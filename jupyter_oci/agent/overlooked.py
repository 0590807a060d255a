"""What a request names and the code does not use: columns, and functions. A small model groups by one of two, for one."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from ..kernel.base import Variable
from .cell_names import names_used
from .variable_text import labels_of

_WORD = re.compile(r"[^\W\d_]+")
_PART = re.compile(r"[^\W\d_]*[^\W\d_A-Z](?=[A-Z])|[^\W\d_]+")  # `preTestScore` has three
_FUNCTION = re.compile(r"(?<![\w./\\-])(?:np|numpy|pd|pandas|plt|sns|stats|scipy|sklearn)(?:\.[^\W\d]\w*)+")
_WITHOUT = re.compile(r"\b(?:without|not|no|instead of|rather than|avoid)\W+(?:\w+\W+){0,3}$", re.IGNORECASE)
_LEAST = 3  # letters of a word that may stand for a column
# Words of any request, which say nothing of a column that has one of them beside another: `first_name`, `total_bill`.
_ORDINARY = re.compile(
    "all|average|column|count|data|dataset|date|day|each|final|first|group|hour|index|item|key|label|last|list|max|mean|median|min|"
    "month|name|new|num|number|old|order|per|percent|rank|rate|row|score|second|set|size|sum|table|text|time|total|type|unit|value|"
    "week|year"
)


def overlooked(code: str, request: str, variables: Sequence[Variable]) -> str | None:
    """Say in a sentence which function, or which columns of the kernel's tables, the request names and the code does not use.

    None: none. A column is named by all the words of its label, or by one that the label of no other column has.
    """
    for match in _FUNCTION.finditer(request):
        if match[0].rpartition(".")[2] not in code and not _WITHOUT.search(request[: match.start()]):
            return f"The request names `{match[0]}`, and the code does not use it."
    used = names_used(code)
    tables = {variable.name: labels for variable in variables if (labels := labels_of(variable))}
    if not used.intersection(variable.name for variable in variables):
        return None
    written = _words(" ".join([code, *(each.summary for each in variables if each.name in used and each.name not in tables)]))
    missed: dict[str, str] = {}
    for label in _named(request, {label for labels in tables.values() for label in labels}):
        if not _words(label) <= written:
            missed.setdefault(_table_with(label, tables, used), label)
    told = " and ".join(f"`{label}`, a column of `{name}`" for name, label in missed.items())
    return f"The request names {told}, and the code does not use it." if told else None


def _named(request: str, labels: set[str]) -> Iterator[str]:
    words = _words(request)
    for label in sorted(labels):
        own = _words(label)
        others = {word for other in labels - {label} for word in _words(other)}
        telling = {word for word in own - others if not _ORDINARY.fullmatch(word)}
        if own and (own <= words or telling & words):
            yield label


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
