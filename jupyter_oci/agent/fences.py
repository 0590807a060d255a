"""What opens and closes a block of code in a reply: fences, in lists too, and `<execute>` tags."""

from __future__ import annotations

import re
from dataclasses import dataclass

END_TAG = "</execute>"

_PYTHON = {"python", "py", "python3", "py3", "ipython", "ipython3", "jupyter"}
_MARKS = ("```", "~~~", "<execute>")
_OPENING = re.compile(r"(?P<indent>[ \t]*(?:(?:[-*+]|\d{1,3}[.)])[ \t]+)?)(?P<mark>`{3,}|~{3,})[ \t]*(?P<name>[^`\n]*)$")
_MAY_OPEN = re.compile(r"[ \t]*(?:[-*+]|\d{1,3}[.)]?)?[ \t]*(?P<begun>(?:`|~|<).*)?$", re.DOTALL)
_TAG = re.compile(r"[ \t]*<execute>")


@dataclass(frozen=True, slots=True)
class Fence:
    """What opened a block: `mark` is the fence or the end tag, `indent` the width before it, `name` the language."""

    mark: str
    indent: int
    name: str

    @property
    def python(self) -> bool:
        """Say whether the block says that it is Python."""
        return self.name in _PYTHON or self.mark == END_TAG

    def closes(self, line: str) -> bool:
        """Say whether this line ends the block."""
        text = line.strip()
        width = len(line) - len(line.lstrip())
        return len(text) >= len(self.mark) and set(text) == {self.mark[0]} and width <= self.indent + 3

    def may_close(self, line: str) -> bool:
        """Say whether a line that begins so may end the block, or begin another."""
        text = line.strip()
        return not text or set(text) <= {self.mark[0]} or text.startswith(self.mark[0] * 3)


def opening(line: str) -> Fence | None:
    """Give what this line opens, if it does."""
    text = line.rstrip("\n")
    if match := _TAG.match(text):
        return Fence(END_TAG, 0, "python")
    if match := _OPENING.match(text):
        name = match["name"].strip("{}. \t").lower().split(maxsplit=1)
        return Fence(match["mark"], len(match["indent"]), name[0] if name else "")
    return None


def may_open(part: str) -> bool:
    """Say whether a line that begins so may open a block."""
    match = _MAY_OPEN.match(part)
    if match is None:
        return False
    begun = match["begun"] or ""
    return begun.startswith(_MARKS) or any(mark.startswith(begun) for mark in _MARKS)


def without_tag(line: str) -> str:
    """Give what follows the opening tag."""
    return _TAG.sub("", line, count=1)


def dedent(line: str, width: int) -> str:
    """Take the indentation of the block's fence off a line of it."""
    blank = len(line) - len(line.lstrip(" \t"))
    return line[min(blank, width) :]
