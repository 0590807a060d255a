"""Message, Usage, ChatModel: all that the agent knows of a model."""

from __future__ import annotations

from collections.abc import Collection, Generator, Sequence
from contextlib import closing
from dataclasses import dataclass
from typing import Literal, Protocol, Union

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


UNWRITTEN = Usage(0, 0, 0, 0.0, "enough")  # what a reply cost that did not begin

# Of one of several replies, with its place among them: text, and when it has ended what it cost.
CandidatePart = tuple[int, Union[str, Usage]]
CandidateSteps = Generator[Union[CandidatePart, StatusChanged, None], Union[Collection[int], None], None]


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

    def candidates(self, conversations: Sequence[Sequence[Message]], samplings: Sequence[SamplingParams]) -> CandidateSteps:
        """Yield the text of a reply to each conversation as it comes, and when one has ended what it cost.

        Sending places says "enough" of the replies there; one that has not begun then costs nothing. For the rest see `generate`.
        They are written one after another, unless a model has a better way.
        """
        enough = set[int]()
        for place, (messages, sampling) in enumerate(zip(conversations, samplings, strict=True)):
            if place in enough:
                yield place, UNWRITTEN
                continue
            with closing(self.generate(messages, sampling)) as steps:
                cost = yield from _candidate(place, steps, enough)
            enough.update((yield place, cost) or ())


def _candidate(
    place: int, steps: Generator[str | StatusChanged | None, bool | None, Usage], enough: set[int]
) -> Generator[CandidatePart | StatusChanged | None, Collection[int] | None, Usage]:
    """Pass a reply's text on with its place, noting what is `enough`; return what it cost."""
    while True:
        try:
            said = steps.send(place in enough or None)
        except StopIteration as end:
            cost: Usage = end.value
            return cost
        enough.update((yield (place, said) if isinstance(said, str) else said) or ())
