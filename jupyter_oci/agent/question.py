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
_IN_THE_CELL = re.compile(r"com+ent|kommentar|docstring|document|\b(?:with|using|and|then|also) prints?\b", re.IGNORECASE)
_SENTENCE = re.compile(r"(?<=[.?!:;])(?<!e\.g\.)(?<!i\.e\.)\s+")
_NO_WISH = re.compile(
    r"\W*(?:$|(?:thanks?|thank you|danke|merci|gracias|grazie|I|it|this|that|because|ich|es|das)\b)", re.IGNORECASE
)


def as_meant(request: Request) -> Request:
    """Give the request, with the intent `explain` where a change is asked for in words that ask about the cell, and no more."""
    first, *more = _SENTENCE.split(request.prompt)
    wants = _IN_THE_CELL.search(request.prompt) or not all(_ASKS.match(each) or _NO_WISH.match(each) for each in more)
    asks = _ASKS.match(first) and not wants
    return replace(request, intent="explain") if request.intent == "edit" and asks else request
