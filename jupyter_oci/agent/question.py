"""Whether what is said where a cell is to be changed is a question about it: an answer in words is wanted then, and no change."""

from __future__ import annotations

import re
from dataclasses import replace

from ..request import Request

_ASKS = re.compile(
    r"\W*(?:(?:and|but|ok|okay|so)\W+)*(?:explain|can you explain|why (?!not|do(?:n't| not) (?:you|we))|"
    r"what(?:'s| (?:do|does|did|is|are|was|were|happens))\b|how (?:do(?! i\b| we\b)|does|did|is|are|come)\b|"
    r"erklär\w*|(?:warum|wieso|weshalb) (?!nicht)|was (?:macht|tut|ist|sind|bedeutet)|wie funktioniert|"
    r"explique\w*|pourquoi (?!pas)|que (?:fait|signifie)|explica\w*|por qué (?!no)|qué (?:hace|significa)|"
    r"spiega\w*|perché (?!non)|cosa (?:fa|significa)|por que (?!não)|o que (?:faz|significa))",
    re.IGNORECASE,
)
_IN_THE_CELL = re.compile(r"com+ent|kommentar|docstring|document|print", re.IGNORECASE)
_MORE = re.compile(r"[.?!:;]\s+\w")


def as_meant(request: Request) -> Request:
    """Give the request, with the intent `explain` where a change is asked for in one sentence that asks about the cell."""
    wants = _IN_THE_CELL.search(request.prompt) or _MORE.search(request.prompt)
    asks = _ASKS.match(request.prompt) and not wants
    return replace(request, intent="explain") if request.intent == "edit" and asks else request
