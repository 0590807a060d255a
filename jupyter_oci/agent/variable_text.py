"""A variable, as the model gets to read it."""

from __future__ import annotations

import re

from ..kernel.base import Variable

_DATES_AS_TEXT = re.compile(r"\b(?:str|object) (?=\('\d{4}-\d\d-\d\d)")

# Of a DataFrame's summary: label, dtype and the first values, whose texts may hold anything.
_COLUMN = re.compile(r"(?:^|; )(?P<label>[^;]+?) \w+(?:\[[^\]]*\])?(?: \((?:'(?:[^'\\]|\\.)*'|\"[^\"]*\"|[^'\")])*\))?(?=;|$)")
_KEY = re.compile(r"'([^']*)': ")


def described(variable: Variable) -> str:
    """Give its summary; of a column of dates that are still text, say so: models compare such text with one of its samples."""
    return _DATES_AS_TEXT.sub("dates as text, convert with pd.to_datetime, first ones ", variable.summary)


def labels_of(variable: Variable) -> list[str]:
    """Give the columns of a DataFrame, or the keys of a dict, as far as its summary lists them."""
    if variable.type == "dict":
        return _KEY.findall(variable.summary)
    if variable.type != "DataFrame":
        return []
    return [match["label"] for match in _COLUMN.finditer(variable.summary.partition(": ")[2])]
