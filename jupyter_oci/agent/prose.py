"""What of the model's prose is passed on: up to a result that it makes up, in words or as a number."""

from __future__ import annotations

import re

from .feedback import PREFIX
from .results import Results

_FORGERY = PREFIX.rstrip(":\n")
_SENTENCE = re.compile(r".*?(?:[.!?](?=\s)|\n)\s*", re.DOTALL)


def sentences(text: str) -> list[str]:
    """Take a text apart into its sentences, each with the space after it."""
    whole = _SENTENCE.findall(text)
    rest = text[sum(map(len, whole)) :]
    return [*whole, rest] if rest else whole


class ProseGate:
    """Takes prose as it comes and gives what may be shown.

    A line that begins as only our feedback does is the model talking to itself: nothing from there on is shown. Once there are
    `results`, a sentence is shown when it is whole, and none from the first on that does not fit their numbers.
    """

    def __init__(self, results: Results | None) -> None:
        self.forged = False
        self.unfounded: str | None = None
        self._results = results
        self._line = ""  # the line that is being written, as far as it has been passed on
        self._held = ""

    def feed(self, text: str) -> str:
        """Take more prose."""
        self._held += text
        if self._results is None:
            return self._checked(self._held) if not self._may_be_forgery() else ""
        shown = ""
        while match := _SENTENCE.match(self._held):
            shown += self._checked(match[0])
        return shown

    def finish(self) -> str:
        """Take the end of the prose."""
        return self._checked(self._held)

    def _may_be_forgery(self) -> bool:
        line = (self._line + self._held).rpartition("\n")[2].lstrip()
        return _FORGERY.startswith(line) and line != _FORGERY

    def _checked(self, text: str) -> str:
        """Pass on the text that was held, up to what must not be shown."""
        self._held = self._held[len(text) :]
        if self.forged or self.unfounded:
            return ""
        whole = self._line + text
        if match := re.search(rf"^\s*{_FORGERY}", whole, re.MULTILINE):
            self.forged = True
            return whole[len(self._line) : match.start()]
        self._line = whole.rpartition("\n")[2]
        self.unfounded = self._results.unfounded(text) if self._results else None
        return "" if self.unfounded else text
