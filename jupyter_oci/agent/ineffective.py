"""Code that ran without an error and did nothing, as pandas warns: to be revised like code that failed."""

from __future__ import annotations

import re

from .traceback_text import Failure, Frame

# The warning: its place, many sentences, then the line of code, indented.
_WARNING = re.compile(
    r"^(?:line (?P<line>\d+)|\S+): ChainedAssignmentError: .*?\n(?:(?:\S.*)?\n)*?[ ]{2}(?P<code>\S.*)\n?", re.MULTILINE
)
ERROR = (
    "ChainedAssignmentError: nothing was changed, because the method worked on a copy. "
    "Assign what it returns, without inplace: df[column] = df[column].method(...)"
)


def ineffective(printed: str) -> Failure | None:
    """Read the first such warning in what was printed; None: there is none."""
    match = _WARNING.search(printed)
    if match is None:
        return None
    line = int(match["line"]) if match["line"] else None
    return Failure((Frame(f"Line {line or '?'} of the cell", line, match["code"].strip(), ()),), ERROR, 0)


def without_warnings(printed: str) -> str:
    """Leave the warnings out: the failure tells them in fewer words."""
    return _WARNING.sub("", printed).rstrip("\n")
