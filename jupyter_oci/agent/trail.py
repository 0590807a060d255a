"""What a run has written and run so far."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

from ..kernel.base import ExecutionResult
from ..model.base import Message
from ..request import Request
from .output_text import output_text
from .reply import Reply
from .results import Results
from .traceback_text import Failure
from .wording import EXAMPLE


@dataclass(frozen=True, slots=True)
class Try:
    """Code that ran: as it was `written`, the reply as it was mended then, exactly what ran, and what came of it.

    `failure` None: it did what it should. `corrected` is what the user had said of it before it ran.
    """

    written: str
    reply: Reply
    source: str
    result: ExecutionResult
    failure: Failure | None
    corrected: str = ""

    @property
    def error(self) -> str:
        """Give what went wrong, as `Type: message` where it was raised; empty where nothing did."""
        return self.failure.error if self.failure else ""


@dataclass(slots=True)
class Trail:
    """What was `tried`, and what that has `shown`."""

    tried: list[Try] = field(default_factory=list)
    shown: list[str] = field(default_factory=list)

    @property
    def ran(self) -> list[str]:
        """Give the sources as they ran."""
        return [each.source for each in self.tried]

    @property
    def known(self) -> tuple[str, ...]:
        """What is no new code. A small model may write once more, as code, what ran code printed."""
        return (*self.ran, *(each.written for each in self.tried), *self.shown)

    @property
    def newest(self) -> str:
        """The code that ran last; nothing where none did."""
        return self.ran[-1] if self.ran else ""

    def add(self, tried: Try) -> None:
        """Take code that ran."""
        self.tried.append(tried)
        self.shown.append(output_text(tried.result.outputs))

    def pop(self) -> str:
        """Forget the newest code: it was written without knowing what it would work with."""
        del self.shown[-1:]
        return self.tried.pop().source

    def results(self, request: Request, messages: Sequence[Message], names: Collection[str]) -> Results | None:
        """Give what an answer may say, once something ran: numbers told to the model and in the code, names that were shown."""
        if not self.ran:
            return None
        told = [message.content for message in messages[1 + len(EXAMPLE) :] if message.role == "user"]
        own = [request.prompt, *self.ran, *self.shown, *(turn.prompt + turn.answer for turn in request.history)]
        return Results.of(told, own, self.shown[-1], names if any(self.shown) else ())
