"""Requests for what has the most of an amount, as who spent the most: small models count rows, or show a sum and not whose."""

from __future__ import annotations

import ast
import re

from .cure_scene import applied
from .source_map import SourceMap

_FIRST = {"max": "nlargest", "min": "nsmallest"}
MOST = "(The most of an amount is its sum per group, no count of rows.)"
_MOST = re.compile(
    r"\b(?:highest|top|lowest|fewest|(?:most|least)(?! (?:common|often|\w+(?:able|al|ant|ar|ent|ful|ic|ive|ous))\b)|"
    r"höchsten|meisten|wenigsten|niedrigsten|l[ae]s? (?:plus|moins)|más|mayor|menos)\b",
    re.IGNORECASE,
)
# What adds up, unlike a price or an age.
_ADDS_UP = re.compile(
    r"\b(?:spen[dt]\w*|costs? (?:us|me|them)|sell|sold|sales|revenues?|turnovers?|earn\w*|incomes?|profits?|pa(?:y|ys|id)|"
    r"order(?:ed|s)|buys?|bought|totals?|donat\w+|consum\w+|produc(?:es?|ed)|export\w*|import(?:s|ed)|drinks?|drank|"
    r"ausgaben|ausgegeben|bezahlt|einnahmen|gekauft|umsatz|umsätze|verdient|verkauft|verkäufe|dépens\w+|gasta\w+|gastos|"
    r"ingresos|recettes|vend(?:ido|u|us)|ventas|ventes)\b",
    re.IGNORECASE,
)
# Of each; what is counted; what is a value of one thing and does not add up.
_OF_OTHER = re.compile(
    r"\b(?:each|every|single|jede\w*|einzeln\w*|chaque|cada|most (?:\w+ )?(?:orders|payments|purchases|transactions)|"
    r"(?:average|mean|median|unit)|(?:sales?|selling|purchase|order) (?:price|rate|value)s?)\b",
    re.IGNORECASE,
)


def asks_for_most(request: str) -> bool:
    """Whether it asks for what has the most of something that adds up, and not for the greatest value of each."""
    return all(pattern.search(request) for pattern in (_MOST, _ADDS_UP)) and not _OF_OTHER.search(request)


def with_owner(source: str, request: str) -> str:
    """Give the source that shows whose sum the greatest is, where that is asked for and the last line shows the sum alone."""
    mapped = SourceMap.of(source) if asks_for_most(request) else None
    last = mapped.tree.body[-1] if mapped and mapped.tree.body else None
    shown = last.value if isinstance(last, ast.Expr) else None
    if isinstance(shown, ast.Call) and isinstance(shown.func, ast.Name) and shown.func.id == "print" and shown.args:
        shown = shown.args[-1]
    if mapped is None or not isinstance(shown, ast.Call) or shown.args or shown.keywords:
        return source
    extreme = shown.func
    if not isinstance(extreme, ast.Attribute) or extreme.attr not in _FIRST or not _is_of_groups(extreme.value):
        return source
    _, start = mapped.span(extreme.value)
    _, end = mapped.span(shown)
    return applied(source, [(start, end, f".{_FIRST[extreme.attr]}(1)")])


def _is_of_groups(node: ast.expr) -> bool:
    """Whether it is the sum of each group, of one column as far as can be seen."""
    summed = node.func if isinstance(node, ast.Call) else None
    column = summed.value if isinstance(summed, ast.Attribute) and summed.attr in {"sum", "count", "size"} else None
    grouped = column.value if isinstance(column, (ast.Subscript, ast.Attribute)) else None
    called = grouped.func if isinstance(grouped, ast.Call) else None
    is_one = isinstance(column, ast.Attribute) or (isinstance(column, ast.Subscript) and isinstance(column.slice, ast.Constant))
    return is_one and isinstance(called, ast.Attribute) and called.attr == "groupby"
