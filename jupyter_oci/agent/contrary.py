"""Code that gives the contrary of what is asked: the most for the least, what is missing for what is there."""

from __future__ import annotations

import re

_LEAST = re.compile(r"(?<!at )\b(?:least(?! (?:squares?|common))|fewest|lowest|smallest)\b", re.IGNORECASE)
_MOST = re.compile(r"\b(?:most|highest|largest|biggest|greatest|maxim\w+|top)\b", re.IGNORECASE)
_HOW_MANY_PRESENT = re.compile(
    r"\b(?:how many|number of|count)\b(?!\s+(?:the )?(?:columns|fields))[^.?!]*\b(?:non-?\s?|not )(?:missing|null|empty)\b",
    re.IGNORECASE,
)
_GIVES_MOST = re.compile(
    r"\b(?:nlargest|idxmax|argmax)\(|\.value_counts\(\)\s*\.(?:head\(|index\[:?\d|iloc\[:?\d)|ascending=False\)\s*\.head\("
)
_FIRST_TRUE = re.compile(r"(?:arg|idx)max\([^\n]*[<>]|[<>][^\n]*(?:arg|idx)max\(")
_GIVES_LEAST = re.compile(
    r"\b(?:nsmallest|idxmin|argmin|min|tail)\(|ascending=True|\[-\d|\[::-1\]|(?<![\w.\])])-\w|neg_|['\"]min['\"]"
)
_COUNTS_MISSING = re.compile(r"(?<!~)\b[\w.\[\]'\"]+\.(?:isnull|isna)\(\)\s*\.sum\(\)(?!\s*(?:\.sum|[=<>!]))")
_COUNTS_PRESENT = re.compile(r"\b(?:notnull|notna|dropna|count)\(|~| - ")
_OF_COUNTS = r"(\.value_counts\(\))\s*"
_TURNED = (
    (re.compile(rf"{_OF_COUNTS}\.head\("), r"\1.tail("),
    (re.compile(rf"{_OF_COUNTS}(\.index|\.iloc)\[:(\d+)\]"), r"\1\2[-\3:]"),
    (re.compile(rf"{_OF_COUNTS}(\.index|\.iloc)\[0\]"), r"\1\2[-1]"),
    (re.compile(r"ascending=False(\)\s*\.head\()"), r"ascending=True\1"),
    (re.compile(r"\bnlargest\("), "nsmallest("),
)
"""What takes the most, where turning it is all that takes the least."""
_TAKE_LEAST = "The request asks for the least: sort with `ascending=True`, or use `nsmallest`, `idxmin` or `min`."
_COUNT_PRESENT = "The request asks for how many are not missing: use `notnull`, and not `isnull`."


def turned(code: str, request: str) -> str:
    """Give code that takes the least, of counts or of rows, where the request asks for that and the code takes the most."""
    if contrary(code, request) != _TAKE_LEAST:
        return code
    for most, least in _TURNED:
        other, count = most.subn(least, code)
        if count == 1 and contrary(other, request) is None:
            return other
    return code


def contrary(code: str, request: str) -> str | None:
    """Say in a sentence what is asked where the code gives the contrary, as far as their words tell; None: it does not."""
    gives_most = _GIVES_MOST.search(code) and not _GIVES_LEAST.search(code) and not _FIRST_TRUE.search(code)
    if _LEAST.search(request) and not _MOST.search(request) and gives_most:
        return _TAKE_LEAST
    if _HOW_MANY_PRESENT.search(request) and _COUNTS_MISSING.search(code) and not _COUNTS_PRESENT.search(code):
        return _COUNT_PRESENT
    return None
