"""What a model thinks aloud before it answers, taken out of the text of its reply."""

from __future__ import annotations

import re

OPENING, CLOSING = "<think>", "</think>"
_LEAD = re.compile(r"\s*(</?think>)?")
_THINKERS = re.compile(r"(?<![a-z0-9])(r1|qwq|thinking|reasoning|reasoner)(?![a-z0-9])", re.IGNORECASE)


def is_thinker(name: str) -> bool:
    """Tell whether a model's name says that it always thinks aloud first, as DeepSeek-R1, QwQ and Qwen3-Thinking do.

    The templates of these open the thought, so that only its end stands in the reply.
    """
    return _THINKERS.search(name) is not None


class Answer:
    """Takes the text of a reply as it comes (`feed`, at the end `finish`) and gives it without the thought that it begins with.

    `opened` says that the prompt ends within the thought. `thought` counts the characters of the thought so far.
    """

    def __init__(self, *, opened: bool = False) -> None:
        self.thought = 0
        self._held = ""
        self._opened = opened
        self._marked = False
        self._begun = False
        self._answers = False

    def feed(self, text: str) -> str:
        """Take more of the reply; give what of it belongs to the answer."""
        if self._answers:
            return self._without_blanks(text)
        looked_at = max(0, len(self._held) - len(CLOSING))
        self._held += text
        self._marked = self._marked or self._begins_with_a_mark()
        if not (self._marked or self._opened):
            return "" if self._may_be_marked() else self.finish()
        end = self._held.find(CLOSING, looked_at)
        self.thought = len((self._held if end < 0 else self._held[:end]).replace(OPENING, "").strip())
        if end < 0:
            return ""
        answer, self._held, self._answers = self._held[end + len(CLOSING) :], "", True
        return self._without_blanks(answer)

    def finish(self, *, cut: bool = False) -> str:
        """Take the end of the reply; give what is left of the answer: of a thought that did not end, nothing.

        Without a mark it was none, unless the reply was `cut`.
        """
        self._answers = True
        held, self._held = self._held, ""
        if self._marked or (self._opened and cut):
            return ""
        self.thought, self._begun = 0, True
        return held

    def _begins_with_a_mark(self) -> bool:
        match = _LEAD.match(self._held)
        return match is not None and match[1] is not None

    def _may_be_marked(self) -> bool:
        lead = self._held.lstrip()
        return OPENING.startswith(lead) or CLOSING.startswith(lead)

    def _without_blanks(self, text: str) -> str:
        """Leave out the blank lines between the thought and the answer."""
        if not self._begun:
            text = text.lstrip()
            self._begun = bool(text)
        return text
