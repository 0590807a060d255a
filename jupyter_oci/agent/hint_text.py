"""The text of a hint without code: a student gets where to look, what goes wrong and how to think about it, not the solution."""

from __future__ import annotations

import re

from .python_text import is_runnable

LEFT_OUT = "(code left out)"
_FENCE = re.compile(r"\s*(?:```|~~~)")
_SPAN = re.compile(r"`([^`\n]+)`")
_LABEL = re.compile(r"^\W*(?:Where|What|How)\W*:\W*", re.IGNORECASE)


class HintText:
    """Takes a hint as it comes, and gives its lines without code. Spans of the student's own `source` stay."""

    def __init__(self, source: str) -> None:
        self._source = source
        self._line = ""
        self._in_block = False

    def feed(self, text: str) -> str:
        """Take more of the hint; give the lines that are whole now."""
        *lines, self._line = (self._line + text).split("\n")
        return "".join(self._shown(line) for line in lines)

    def finish(self) -> str:
        """Take the end of the hint."""
        line, self._line = self._line, ""
        return self._shown(line).rstrip("\n") if line else ""

    def _shown(self, line: str) -> str:
        if _FENCE.match(line):
            self._in_block = not self._in_block
            return ""
        if self._in_block or self._is_code(_LABEL.sub("", line)):
            return ""
        return _SPAN.sub(self._span, line) + "\n"

    def _span(self, match: re.Match[str]) -> str:
        """Leave out code in the midst of a line, unless it is a name or stands in the cell as it is."""
        code = match[1].strip()
        return match[0] if code.isidentifier() or code in self._source or not self._is_code(code) else LEFT_OUT

    def _is_code(self, text: str) -> bool:
        text = text.strip()
        return bool(text) and text not in self._source and is_runnable(text)
