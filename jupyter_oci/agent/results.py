"""Whether an answer says what the results show: a small model states what it never computed, or one value as all."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from ..kernel.base import Variable
from .variable_text import labels_of, texts_in

_NUMBER = re.compile(r"(?<![\w.])(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?(?:e[+-]?\d+)?(?![\w])", re.IGNORECASE)
# 1.204,60 and 0,5, as many languages write them; not 1,204, which may be a thousand.
_WITH_COMMA = re.compile(r"(?<![\w.,])(?:\d{1,3}(?:[.\u00a0\u202f ]\d{3})+(?:,\d+)?|\d+,(?!\d{3}(?!\d))\d+)(?![\w,]|\.\d)")
# A Series of several rows, as pandas prints it: labels and values, then what it is.
_SERIES = re.compile(
    r"(?:\A|\n)(?P<rows>(?:.*\S[ ]{2,}\S+\n){2,})(?:Freq: .*, )?(?:Name: .*, )?(?:Length: \d+, )?dtype: \S+\s*\Z"
)
_NAME = re.compile(r"[^\W\d_a-z]\w[^\W\d_][\w .&-]*")
_LABEL = re.compile(r"[^\W\d_]{2}")
# Words of any sentence, though they may be values too: `Yes, the mean is above 40.`
_ORDINARY = re.compile(
    "all|any|average|bad|best|both|closed|each|every|false|female|few|first|full|good|half|high|large|last|least|less|long|low|male|"
    "many|max|maximum|mean|median|medium|min|minimum|more|most|new|next|none|normal|not|old|one|only|open|other|others|overall|poor|"
    "same|second|several|short|single|small|some|the|there|third|this|total|true|unknown|yes",
    re.IGNORECASE,
)
_LAST_LINES, _LAST_LINE = 80, 200  # pandas prints sixty rows at most
_COUNTED = 12  # whole numbers up to here may be counted by the reader: three rows, two columns


@dataclass(frozen=True, slots=True)
class Results:
    """The numbers that were read somewhere, without their signs; `rows` are those that have a label each.

    `unseen` are names of the user's data that nothing showed.
    """

    values: frozenset[float]
    rows: tuple[tuple[str, float], ...] = ()
    unseen: frozenset[str] = frozenset()

    @staticmethod
    def of(told: Iterable[str], own: Sequence[str] = (), shown: str = "", names: Iterable[str] = ()) -> Results:
        """Collect the numbers of what was `told` and is one's `own`, the rows of a Series `shown`, the names that `own` lacks."""
        values = frozenset(value for text in (*told, *own) for number in _NUMBER.findall(text) for value in _read(number))
        unseen = (name for name in names if not any(name.lower() in text.lower() for text in own))
        return Results(values, tuple(_rows(shown)), frozenset(unseen))

    def unfounded(self, text: str) -> str | None:
        """Say in a sentence what is wrong with the first number or name in the text that is; None: nothing is.

        A number is none of these, rounded or as a percentage, or that of one row whose label is not in the text. A name is one
        of the data's that nothing showed.
        """
        for name in sorted(self.unseen):
            if re.search(rf"(?<!\w){re.escape(name)}(?!\w)", text):
                return f"No result shows {name}."
        for number in _NUMBER.findall(_WITH_COMMA.sub(self._as_shown, text)):
            if number.isdecimal() and int(number) <= _COUNTED:
                continue
            if not self._has(number):
                return f"No result shows {number}."
            labels = [label for label, value in self.rows if _is_near(number, value)]
            if labels and not any(label.lower() in text.lower() for label in labels):
                return f"{number} is the value of {labels[0]} alone."
        return None

    def _has(self, number: str) -> bool:
        return any(_is_near(number, value) for value in self.values)

    def _as_shown(self, match: re.Match[str]) -> str:
        """Write a number of many languages, 1.204,60, as Python does, where that is one of these."""
        written = re.sub(r"[^\d,]", "", match[0]).replace(",", ".")
        return written if self._has(written) else match[0]


def names_in(variables: Iterable[Variable]) -> frozenset[str]:
    """Give values in columns of tables that may be names: with a capital, three letters at least, no label, no usual word."""
    labels = {label for variable in variables for label in labels_of(variable)}
    values = {text.strip() for variable in variables for texts in texts_in(variable).values() for text in texts}
    return frozenset(name for name in values - labels if _NAME.fullmatch(name) and not _ORDINARY.fullmatch(name))


def _rows(shown: str) -> Iterator[tuple[str, float]]:
    """Read the labels of a Series that are words, with their numbers: of its end, for a search of a long text takes minutes."""
    lines = shown.splitlines()[-_LAST_LINES:] if "dtype: " in shown[-_LAST_LINE:] else ()
    series = _SERIES.search("\n".join(line[-_LAST_LINE:] for line in lines))
    for row in series["rows"].splitlines() if series else ():
        label, _, value = row.rpartition("  ")
        if _LABEL.search(label) and _NUMBER.fullmatch(value.strip().lstrip("-")):
            yield label.strip(), float(value.strip().lstrip("-").replace(",", ""))


def _is_near(number: str, value: float) -> bool:
    """Whether a number is this value rounded, or as a percentage."""
    read, half = float(number.replace(",", "")), 0.5000001 * _step(number)
    return abs(read - value) <= half or abs(read / 100 - value) <= half / 100


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
