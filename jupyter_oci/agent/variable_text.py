"""A variable, as the model gets to read it."""

from __future__ import annotations

import re

from ..kernel.base import Variable

_DATES_AS_TEXT = re.compile(r"\b(?:str|object) (?=\('\d{4}-\d\d-\d\d)")


def described(variable: Variable) -> str:
    """Give its summary; of a column of dates that are still text, say so: models compare such text with one of its samples."""
    return _DATES_AS_TEXT.sub("dates as text, convert with pd.to_datetime, first ones ", variable.summary)
