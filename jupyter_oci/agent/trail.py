"""What a run has written and run so far."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

from ..model.base import Message
from ..request import Request
from .results import Results
from .wording import EXAMPLE


@dataclass(slots=True)
class Trail:
    """The sources as they `ran`, as the model `written` them, what it was mended of left out, and what ran code has `shown`."""

    ran: list[str] = field(default_factory=list)
    written: list[str] = field(default_factory=list)
    shown: list[str] = field(default_factory=list)

    @property
    def known(self) -> tuple[str, ...]:
        """What is no new code. A small model may write once more, as code, what ran code printed."""
        return (*self.ran, *self.written, *self.shown)

    @property
    def newest(self) -> str:
        """The code that ran last; nothing where none did."""
        return self.ran[-1] if self.ran else ""

    def add(self, source: str, written: str, shown: str) -> None:
        """Take code that ran."""
        self.ran.append(source)
        self.written.append(written)
        self.shown.append(shown)

    def pop(self) -> str:
        """Forget the newest code: it was written without knowing what it would work with."""
        del self.written[-1:], self.shown[-1:]
        return self.ran.pop()

    def results(self, request: Request, messages: Sequence[Message], names: Collection[str]) -> Results | None:
        """Give what an answer may say, once something ran: numbers told to the model and in the code, names that were shown."""
        if not self.ran:
            return None
        told = [message.content for message in messages[1 + len(EXAMPLE) :] if message.role == "user"]
        own = [request.prompt, *self.ran, *self.shown, *(turn.prompt + turn.answer for turn in request.history)]
        return Results.of(told, own, self.shown[-1], names if any(self.shown) else ())
