"""Notice that a reply has begun to say the same thing for ever."""

from __future__ import annotations

_LOOKED_AT = 1600  # characters at the end of the text
_SHORT = 160
_LEAST = 320


def is_endless(text: str) -> bool:
    """Say whether the text ends in one passage again and again.

    A short passage must have come three times and filled 320 characters, one of 160 characters or more twice in a row: code
    that is meant so does not do that.
    """
    tail = text[-_LOOKED_AT:][::-1]
    return any(_is_enough(length, length - border) for length, border in enumerate(_borders(tail), 1))


def _is_enough(length: int, period: int) -> bool:
    return length >= (max(_LEAST, 3 * period) if period < _SHORT else 2 * period)


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
