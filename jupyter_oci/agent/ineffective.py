"""Code that ran without an error and did nothing, as pandas warns: to be revised like code that failed."""

from __future__ import annotations

import ast
import re

from .python_text import tree_of
from .traceback_text import Failure, Frame

# The warning: its place, many sentences, then the line of code, indented.
_WARNING = re.compile(
    r"^(?:line (?P<line>\d+)|\S+): ChainedAssignmentError: .*?\n(?:(?:\S.*)?\n)*?[ ]{2}(?P<code>\S.*)\n?", re.MULTILINE
)
_ERROR = "ChainedAssignmentError: nothing was changed, because this worked on a copy. Write instead: {instead}"
_IN_GENERAL = "df[column] = df[column].method(...), without inplace"


def ineffective(printed: str) -> Failure | None:
    """Read the first such warning in what was printed; None: there is none."""
    match = _WARNING.search(printed)
    if match is None:
        return None
    line = int(match["line"]) if match["line"] else None
    code = match["code"].strip()
    return Failure((Frame(f"Line {line or '?'} of the cell", line, code, ()),), _ERROR.format(instead=_assigned(code)), 0)


def _assigned(code: str) -> str:
    """Write the line so that it has an effect: what the method returns is assigned to what it was called on."""
    program = tree_of(code)
    line = program.body[0] if program and program.body else None
    if not isinstance(line, ast.Expr) or not isinstance(call := line.value, ast.Call) or not isinstance(call.func, ast.Attribute):
        return _IN_GENERAL
    call.keywords = [keyword for keyword in call.keywords if keyword.arg != "inplace"]
    return f"{ast.unparse(call.func.value)} = {ast.unparse(call)}"


def without_warnings(printed: str) -> str:
    """Leave the warnings out: the failure tells them in fewer words."""
    return _WARNING.sub("", printed).rstrip("\n")
