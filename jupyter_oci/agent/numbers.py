"""Whether the numbers of an answer are those of the results: a small model states what it never computed."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

_NUMBER = re.compile(r"(?<![\w.])(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?(?:e[+-]?\d+)?(?![\w])", re.IGNORECASE)
_COUNTED = 12  # whole numbers up to here may be counted by the reader: three rows, two columns


@dataclass(frozen=True, slots=True)
class Numbers:
    """The numbers that were read somewhere, without their signs."""

    values: frozenset[float]

    @staticmethod
    def of(texts: Iterable[str]) -> Numbers:
        """Collect the numbers of some texts."""
        return Numbers(frozenset(value for text in texts for number in _NUMBER.findall(text) for value in _read(number)))

    def unfounded(self, text: str) -> str | None:
        """Give the first number in the text that is none of these, rounded or as a percentage; None: all are."""
        return next((number for number in _NUMBER.findall(text) if not self._founds(number)), None)

    def _founds(self, number: str) -> bool:
        if number.isdecimal() and int(number) <= _COUNTED:
            return True
        read, half = float(number.replace(",", "")), 0.5000001 * _step(number)
        return any(abs(read - value) <= half or abs(read / 100 - value) <= half / 100 for value in self.values)


def _read(number: str) -> Iterator[float]:
    """Give what is written, and the parts of what may be a list: 1,200 or 1 and 200."""
    yield float(number.replace(",", ""))
    if "," in number:
        yield from map(float, number.split(","))


def _step(number: str) -> float:
    """Give the size of the last digit that is written: how far a rounded number may be from the true one."""
    digits = number.lower().partition("e")[0].replace(",", "")
    if "." in digits:
        return float(10 ** -len(digits.partition(".")[2]))
    return float(10 ** (len(digits) - len(digits.rstrip("0") or "0")))
