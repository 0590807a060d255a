"""The turns of a run, kept within the model's window: the oldest feedback goes first."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from ..config import SamplingParams
from ..errors import ContextOverflow
from ..model.base import Message
from .feedback import PREFIX

TURN_TOKENS = 8  # what a chat template adds around a turn, at most
_LEFT_OUT = PREFIX + "(left out)"


@dataclass(frozen=True, slots=True)
class _Sized:
    message: Message
    tokens: int


class Conversation:
    """A prompt and the rounds after it; `limit` bounds them together, in the model's own tokens."""

    def __init__(self, prompt: Sequence[Message], count_tokens: Callable[[Sequence[str]], list[int]], limit: int) -> None:
        self._count_tokens = count_tokens
        self._limit = limit
        self._prompt = self._sized(prompt)
        self._turns: list[_Sized] = []

    def add(self, reply: str, feedback: str) -> None:
        """Add a round: what the model wrote (with the code as it ran), and what it is told of it."""
        self._turns += self._sized([Message("assistant", reply), Message("user", feedback)])

    def begin_anew(self, prompt: Sequence[Message]) -> None:
        """Put another prompt before the rounds."""
        self._prompt = self._sized(prompt)

    @property
    def tokens(self) -> int:
        """Count the turns that fit."""
        return sum(turn.tokens for turn in self._fitted())

    def within(self, window: int, sampling: SamplingParams) -> SamplingParams:
        """Keep the next reply within a window of so many tokens."""
        return replace(sampling, max_tokens=min(sampling.max_tokens, max(1, window - self.tokens)))

    def messages(self) -> list[Message]:
        """Give the turns as they fit; older feedback is left out first, then whole older rounds.

        Raises:
            ContextOverflow: not even the prompt and the newest round fit.
        """
        return [turn.message for turn in self._fitted()]

    def _fitted(self) -> list[_Sized]:
        stub = self._sized([Message("user", _LEFT_OUT)])[0]
        turns = list(self._turns)
        for index in range(1, len(turns) - 1, 2):
            if self._fits(turns):
                break
            turns[index] = min(stub, turns[index], key=lambda turn: turn.tokens)
        while not self._fits(turns):
            if len(turns) <= 2:
                raise ContextOverflow("The run grew beyond the model's window. Ask for a smaller step, or use a larger model.")
            del turns[:2]
        return [*self._prompt, *turns]

    def _fits(self, turns: Sequence[_Sized]) -> bool:
        return sum(turn.tokens for turn in (*self._prompt, *turns)) <= self._limit

    def _sized(self, messages: Sequence[Message]) -> list[_Sized]:
        counts = self._count_tokens([message.content for message in messages])
        return [_Sized(message, tokens + TURN_TOKENS) for message, tokens in zip(messages, counts, strict=True)]
