"""Message, Usage, ChatModel: all that the agent knows of a model."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

from ..config import SamplingParams
from ..events import StatusChanged, StopReason


@dataclass(frozen=True, slots=True)
class Message:
    """One turn of a chat."""

    role: Literal["system", "user", "assistant"]
    content: str


@dataclass(frozen=True, slots=True)
class Usage:
    """What a reply cost. Counts are tokens, `cached_tokens` those of the prompt that needed no prefill; `seconds` wall time."""

    prompt_tokens: int
    cached_tokens: int
    completion_tokens: int
    seconds: float
    stop_reason: StopReason = "stop"


CandidateText = tuple[int, str]  # text of one of several replies, with its place among them


class ChatModel(Protocol):
    """A model that chats. Its generators yield at least every 50 ms (None: nothing new), so that a caller can always stop."""

    @property
    def name(self) -> str:
        """Give the name that the user knows it by."""
        ...

    def load(self) -> Generator[StatusChanged | None, None, int]:
        """Make the model ready, yielding progress; return its context window in tokens. Quick when it is ready.

        Raises:
            ModelLoadError: it cannot be used; the message says why and what to do.
        """
        ...

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Count each text in the model's own tokens (without template); the model has been loaded. Shape: as `texts`."""
        ...

    def generate(
        self, messages: Sequence[Message], sampling: SamplingParams, drafts: Sequence[str] = ()
    ) -> Generator[str | StatusChanged | None, bool | None, Usage]:
        """Yield the reply's text as it comes; return what it cost.

        Sending True says "enough": the reply ends there and `Usage` is returned. Closing the generator, or throwing into it,
        stops the model. `drafts` are texts that the reply may repeat (the failing code, the traceback), for speculative decoding.

        Raises:
            ContextOverflow: prompt and reply cannot fit the window.
            WorkerDied: the model process ended.
        """
        ...
