"""What opens and closes a block of code in a reply: fences, in lists too, and `<execute>` tags."""

from __future__ import annotations

import re
from dataclasses import dataclass

END_TAG = "</execute>"

_PYTHON = re.compile(r"(?:i?python|py)(?:3(?:\.\d+)?)?|jupyter")
_CONSOLE = ("pycon", "doctest")
_LANGUAGE = re.compile(r"\w[\w.+#-]*")
_PROMPT = re.compile(r"[ \t]*(?:>>>|\.\.\.)(?: |$)")
_MARKS = ("```", "~~~", "<execute>")
_OPENING = re.compile(r"(?P<indent>[ \t]*(?:(?:[-*+]|\d{1,3}[.)])[ \t]+)?)(?P<mark>`{3,}|~{3,})[ \t]*(?P<name>[^`\n]*)$")
_MAY_OPEN = re.compile(r"[ \t]*(?:[-*+>]|\d{1,3}[.)]?)?[ \t]*(?P<begun>(?:`|~|<).*)?$", re.DOTALL)
_WITHIN = re.compile(r"(?P<before>(?![ \t]*>)(?:.*[^`])?)(?P<mark>`{3,})[ \t]*(?P<name>[^`\n]+)$")
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
        return _PYTHON.fullmatch(self.name) is not None or self.mark == END_TAG

    @property
    def console(self) -> bool:
        """Say whether the block says that it is a session of the interpreter, with its prompts."""
        return self.name in _CONSOLE

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
        return Fence(match["mark"], len(match["indent"]), _language(match["name"]))
    return None


def opening_within(line: str) -> tuple[str, Fence] | None:
    """Give what stands before a Python block that this line, or the rest of one, opens after other words, and its fence."""
    match = _WITHIN.match(line.rstrip())
    fence = Fence(match["mark"], 0, _language(match["name"])) if match else None
    return (match["before"], fence) if match and fence and fence.python else None


def may_open_within(part: str) -> bool:
    """Say whether more of this line may open a block after these words."""
    return "```" in part or part.endswith("`")


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


def typed(session: str) -> str:
    """Give what was typed in a session of the interpreter, without prompts and output."""
    lines = session.splitlines()
    return "\n".join(_PROMPT.sub("", line) for line in lines if _PROMPT.match(line))


def _language(name: str) -> str:
    """Read the name after a fence; a `{code-cell}` without one is in the notebook's language."""
    words = _LANGUAGE.findall(name.lower())
    if words[:1] == ["code-cell"]:
        words = words[1:] or ["python"]
    return words[0] if words else ""
