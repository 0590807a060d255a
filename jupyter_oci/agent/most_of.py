"""Requests for what has the most of an amount, as who spent the most: small models count rows, where it is to be added up."""

from __future__ import annotations

import re

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
_OF_EACH = re.compile(r"\b(?:each|every|single|jede\w*|einzeln\w*|chaque|cada)\b", re.IGNORECASE)


def asks_for_most(request: str) -> bool:
    """Whether it asks for what has the most of something that adds up, and not for the greatest value of each."""
    return all(pattern.search(request) for pattern in (_MOST, _ADDS_UP)) and not _OF_EACH.search(request)
