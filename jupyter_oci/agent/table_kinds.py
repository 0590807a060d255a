"""Whether a variable is the kind of table that the request asks for: a small model takes a column for a table of one."""

from __future__ import annotations

import re
from collections.abc import Sequence

from ..kernel.base import Variable

_ASKED = re.compile(
    r"\b(?:creat\w+|mak\w+|build|in(?:to)?|as|get)\s+(?:an?|one|the)?\s*(?:new |pandas |single |combined )*"
    r"(data ?frame|series)\s+(?:called|named)\s+[`'\"]?([^\W\d]\w*)",
    re.IGNORECASE,
)
_INSTEAD = {
    "dataframe": ("Series", "`{}` is a Series, and the request asks for a DataFrame: choose columns by a list, `[['name']]`"),
    "series": ("DataFrame", "`{}` is a DataFrame, and the request asks for a Series: choose one column, `['name']`"),
}


def asks_for_kind(request: str) -> bool:
    """Whether a request says of a variable which kind of table it shall be."""
    return _ASKED.search(request) is not None


def of_other_kind(request: str, variables: Sequence[Variable]) -> str | None:
    """Say which variable is a Series that shall be a DataFrame, or the other way round; None where none is.

    What is said last of a variable counts.
    """
    types = {variable.name: variable.type for variable in variables}
    for name, kind in {name: kind for kind, name in _ASKED.findall(request)}.items():
        other, told = _INSTEAD[kind.lower().replace(" ", "")]
        if types.get(name) == other:
            return told.format(name)
    return None
