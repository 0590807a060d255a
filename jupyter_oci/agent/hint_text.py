"""The text of a hint without code: a student gets where to look, what goes wrong and how to think about it, not the solution."""

from __future__ import annotations

import re

from .python_text import is_runnable

LEFT_OUT = "(code left out)"
_ADVICE = {
    "AssertionError": "Work out by hand what the assert compares, step by step.",
    "AttributeError": "See of which type the value is there, and look up what that type offers.",
    "IndexError": "Compare the position with how many items there are.",
    "KeyError": "List the keys or columns that there are, and compare their spelling with yours.",
    "ModuleNotFoundError": "See how the package is spelt, and whether it is installed.",
    "NameError": "See where the name is set, how it is spelt there, and whether that cell has run.",
    "SyntaxError": "Read the line from its start, and match its brackets, quotes and colons.",
    "TypeError": "See of which type each value is there, and which types go together.",
    "ValueError": "See which value is not as it should be, and where it comes from.",
    "ZeroDivisionError": "See when the divisor is zero, and what should come out then.",
}
_IN_GENERAL = "Follow the code by hand with a small example, and compare each value with the one that you expect."
_FENCE = re.compile(r"\s*(?:```|~~~)")
_SPAN = re.compile(r"`([^`\n]+)`")
_HOW = re.compile(r"\W*How\b", re.IGNORECASE)
_LABEL = re.compile(r"^\W*(?:Where|What|How)\W*:\W*", re.IGNORECASE)


class HintText:
    """Takes a hint as it comes, and gives its lines without code. Spans of the student's own `source` stay.

    Where code is left out of how to mend it, or nothing is said of that, what helps with such an `error` stands instead.
    """

    def __init__(self, source: str, error: str = "") -> None:
        self._source = source
        self._advice = f"How: {_ADVICE.get(error.partition(':')[0], _IN_GENERAL)}"
        self._says_how = False
        self._line = ""
        self._in_block = False

    def feed(self, text: str) -> str:
        """Take more of the hint; give the lines that are whole now."""
        *lines, self._line = (self._line + text).split("\n")
        return "".join(self._shown(line) for line in lines)

    def finish(self) -> str:
        """Take the end of the hint."""
        line, self._line = self._line, ""
        shown = self._shown(line) if line else ""
        return (shown if self._says_how else shown + self._advice).rstrip("\n")

    def _shown(self, line: str) -> str:
        if _FENCE.match(line):
            self._in_block = not self._in_block
            return ""
        if self._in_block or self._is_code(_LABEL.sub("", line)):
            return ""
        shown = _SPAN.sub(self._span, line)
        if _HOW.match(shown):
            self._says_how = True
            shown = self._advice if LEFT_OUT in shown else shown
        return shown + "\n"

    def _span(self, match: re.Match[str]) -> str:
        """Leave out code in the midst of a line, unless it is a name or stands in the cell as it is."""
        code = match[1].strip()
        return match[0] if code.isidentifier() or code in self._source or not self._is_code(code) else LEFT_OUT

    def _is_code(self, text: str) -> bool:
        text = text.strip()
        return bool(text) and text not in self._source and is_runnable(text)
