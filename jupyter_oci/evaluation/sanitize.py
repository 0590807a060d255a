"""Cut a program out of a reply as the published table's harness did (the regular-expression sanitiser of evalplus before v0.3).

It is a string procedure with odd corners: a function without an indented `return` is lost, an unindented `if` or `print` ends
the program. They are kept, for they are part of the published numbers; the product reads replies in its own way.
"""

from __future__ import annotations

import ast
import re

from ..agent.python_text import quiet

_KEPT_AT_THE_MARGIN = ("def ", "import ", "from ")
_ENDS_THE_PROGRAM = ('"""', "if", "print")


def sanitize(reply: str, entry_point: str) -> str:
    """Give the program of a reply that is to define `entry_point`."""
    text = _fenced(f"\n{reply.strip()}", f"def {entry_point}")
    before, *bodies = re.split(rf"def {re.escape(entry_point)}\s*\(", text)
    start = f"def {entry_point}("
    complete = [body for body in bodies if "    return " in body.split("\ndef")[0]]
    program = _unindented_dropped(_three_spaces_widened("".join(start + body for body in complete)), start)
    return _parsable_functions(before + program, entry_point).strip()


def _fenced(text: str, wanted: str) -> str:
    """Give the first piece between fences that holds `wanted`, else the whole text."""
    text = text.replace("\n```python\n", "\n```\n")
    pieces = text.split("\n```\n")
    return next((piece for piece in pieces if wanted in piece), text)


def _three_spaces_widened(program: str) -> str:
    lines = (f" {line}" if len(line) - len(line.lstrip()) == 3 else line for line in program.splitlines())
    return "".join(f"{line}\n" for line in lines)


def _unindented_dropped(program: str, start: str) -> str:
    """Drop what stands at the margin after the first line of the function, and all from the first trailing statement on."""
    kept = []
    inside = False
    for line in program.splitlines():
        opens = not inside and line.startswith(start)
        inside = inside or opens
        if opens or not line.strip() or line[0].isspace() or line.startswith(_KEPT_AT_THE_MARGIN):
            kept.append(line)
        elif line.startswith(_ENDS_THE_PROGRAM):
            break
    return "\n".join(kept)


def _parsable_functions(program: str, entry_point: str) -> str:
    """Drop functions that are not Python, save the entry point."""
    first, *functions = program.split("\ndef ")
    own = (f"{entry_point} ", f"{entry_point}(")
    return "\ndef ".join([first, *(each for each in functions if each.strip().startswith(own) or _parses(f"\ndef {each}"))])


def _parses(source: str) -> bool:
    with quiet():
        try:
            ast.parse(source)
        except (SyntaxError, ValueError, MemoryError):
            return False
    return True
