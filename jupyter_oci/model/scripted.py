"""ScriptedModel: says what it is told, as a real model would say it. For tests, UI tests and demos without weights."""

from __future__ import annotations

import time
from collections.abc import Generator, Iterator, Mapping, Sequence
from typing import Union

from ..config import SamplingParams
from ..errors import ContextOverflow, ModelError
from ..events import StatusChanged, StopReason
from .base import ChatModel, Message, Usage

Reply = Union[str, Exception]

FEEDBACK_PREFIX = "Execution result:"
EARLIER, REQUEST = "# Earlier requests", "# Request\n"
_TICK = 0.05
_TOKEN_CHARACTERS = 4


class ScriptedModel(ChatModel):
    """Answers from a script; an exception in it is raised in place of a reply.

    A mapping holds the replies to each request: the newest user message that is not feedback picks the first key that it
    contains, save for what was asked earlier (`""` fits any request), and the number of assistant messages after it picks the
    reply; the last reply repeats. A sequence is the same for any request. Nothing is remembered between calls, so one instance
    serves many runs at once.
    A token is four characters; each is followed by `delay` seconds of waiting.
    """

    name = "scripted"

    def __init__(
        self, script: Mapping[str, Sequence[Reply]] | Sequence[Reply], *, window: int = 8192, delay: float = 0.0
    ) -> None:
        self._script = script if isinstance(script, Mapping) else {"": script}
        self._window = window
        self._delay = delay

    @property
    def computed(self) -> Mapping[str, int]:
        """Give the window in tokens."""
        return {"window": self._window}

    def load(self) -> Generator[StatusChanged | None, None, int]:
        """Report a load that takes no time; return the window."""
        yield StatusChanged("loading", self.name, 1.0)
        return self._window

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Count four characters as a token."""
        return [-(-len(text) // _TOKEN_CHARACTERS) for text in texts]

    def generate(
        self,
        messages: Sequence[Message],
        sampling: SamplingParams,
        drafts: Sequence[str] = (),  # noqa: ARG002 - part of the interface
    ) -> Generator[str | StatusChanged | None, bool | None, Usage]:
        """Stream the scripted reply token by token; `drafts` change nothing."""
        started = time.monotonic()
        prompt_tokens = sum(self.count_tokens([message.content for message in messages]))
        if prompt_tokens >= self._window:
            raise ContextOverflow(f"The request has {prompt_tokens} tokens, the model takes {self._window}. Send fewer cells.")
        yield StatusChanged("thinking")
        reply = self._reply(messages)
        if isinstance(reply, Exception):
            raise reply
        written, stop_reason = yield from self._write(reply, sampling.max_tokens)
        return Usage(prompt_tokens, 0, written, time.monotonic() - started, stop_reason)

    def _write(self, reply: str, max_tokens: int) -> Generator[str | StatusChanged | None, bool | None, tuple[int, StopReason]]:
        """Yield the reply's tokens; return how many, and why it ended."""
        yield StatusChanged("writing")
        pieces = [reply[start : start + _TOKEN_CHARACTERS] for start in range(0, len(reply), _TOKEN_CHARACTERS)]
        for written, piece in enumerate(pieces):
            if written == max_tokens:
                return written, "length"
            enough = yield piece
            for _ in _ticks(self._delay):
                enough = (yield None) or enough
            if enough:
                return written + 1, "enough"
        return len(pieces), "stop"

    def _reply(self, messages: Sequence[Message]) -> Reply:
        newest = max((i for i, message in enumerate(messages) if _is_request(message)), default=0)
        request = _without_earlier(messages[newest].content) if messages else ""
        answered = sum(message.role == "assistant" for message in messages[newest:])
        replies = next((self._script[key] for key in self._script if key in request), ())
        if not replies:
            raise ModelError(f"The script has no reply to {request[:200]!r}.")
        return replies[min(answered, len(replies) - 1)]

    def close(self) -> None:
        """Nothing to end; it is here because a `WorkerModel` has it."""


def _is_request(message: Message) -> bool:
    return message.role == "user" and not message.content.startswith(FEEDBACK_PREFIX)


def _without_earlier(request: str) -> str:
    before, _, earlier = request.partition(EARLIER)
    return before + earlier.rpartition(REQUEST)[2]


def _ticks(seconds: float) -> Iterator[None]:
    """Sleep for `seconds` in slices, so that the caller can stop in between."""
    end = time.monotonic() + seconds
    while (left := end - time.monotonic()) > 0:
        time.sleep(min(left, _TICK / 2))
        yield
