"""Code that gives the contrary of what is asked: the most for the least, what is missing for what is there."""

from __future__ import annotations

import re

_LEAST = re.compile(r"(?<!at )\b(?:least|fewest|lowest|smallest)\b", re.IGNORECASE)
_MOST = re.compile(r"(?<!at )\b(?:most|highest|largest|biggest|greatest|top)\b", re.IGNORECASE)
_PRESENT = re.compile(r"\b(?:non-?\s?|not )(?:missing|null|empty)\b", re.IGNORECASE)
_GIVES_MOST = re.compile(
    r"\b(?:nlargest|idxmax|argmax|max)\(|\.value_counts\([^()]*\)\s*\.(?:head\(|index\[:?\d|iloc\[:?\d)|ascending=False"
)
_GIVES_LEAST = re.compile(r"\b(?:nsmallest|idxmin|argmin|min|tail)\(|ascending=True|\[-\d|\[::-1\]")
_PICKS_LEAST = re.compile(r"\b(?:nsmallest|idxmin|argmin)\(")
_GIVES_MISSING = re.compile(r"\b(?:isnull|isna)\(")
_GIVES_PRESENT = re.compile(r"\b(?:notnull|notna|dropna|count)\(|~|- ")
_OTHER_END = "The request asks for the {0}: do not take the {1}."
_MISSING = "The request asks for what is not missing: use `notnull`, and not `isnull`."


def contrary(code: str, request: str) -> str | None:
    """Say in a sentence what is asked where the code gives the contrary, as far as their words tell; None: it does not."""
    least, most = _LEAST.search(request), _MOST.search(request)
    gives_least, gives_most = _GIVES_LEAST.search(code), _GIVES_MOST.search(code)
    if least and not most and gives_most and not gives_least:
        return _OTHER_END.format("least", "most")
    if most and not least and _PICKS_LEAST.search(code) and not gives_most:
        return _OTHER_END.format("most", "least")
    if _PRESENT.search(request) and _GIVES_MISSING.search(code) and not _GIVES_PRESENT.search(code):
        return _MISSING
    return None
