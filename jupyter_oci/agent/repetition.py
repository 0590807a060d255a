"""Notice that a reply has begun to say the same thing for ever."""

from __future__ import annotations

import re
from itertools import pairwise

_COUNTED = 150  # numbers, each as much more than the one before
_NUMBER = re.compile(r"\s*\d{1,9}\s*")
_LOOKED_AT = 1600  # characters at the end of the text
_SHORT = 160
_LEAST = 320


def is_endless(text: str, *, data: bool = False) -> bool:
    """Say whether the text ends in one passage again and again, or counts on and on, as `10, 20, 30, ` does.

    A short passage must have come three times and filled 320 characters, one of 160 characters or more twice in a row: code
    that is meant so does not do that. `data` that is written out, a grid of zeros, may: only 1,600 characters of it are enough.
    """
    if _counts_on(text[-_LOOKED_AT:]):
        return True
    tail = text[-_LOOKED_AT:][::-1]
    least = _LOOKED_AT if data else _LEAST
    return any(length >= _enough(length - border, least) for length, border in enumerate(_borders(tail), 1))


def _counts_on(tail: str) -> bool:
    last = tail.split(",")[-_COUNTED - 1 : -1]
    if len(last) < _COUNTED or not all(map(_NUMBER.fullmatch, last)):
        return False
    steps = {int(after) - int(before) for before, after in pairwise(last)}
    return len(steps) == 1 and steps != {0}


def _enough(period: int, least: int) -> int:
    return max(least, (3 if period < _SHORT else 2) * period)


def _borders(text: str) -> list[int]:
    """Give, for each prefix, the length of the longest part that it both begins and ends with (Knuth, Morris, Pratt)."""
    borders = [0] * len(text)
    border = 0
    for index in range(1, len(text)):
        while border and text[index] != text[border]:
            border = borders[border - 1]
        border += text[index] == text[border]
        borders[index] = border
    return borders
