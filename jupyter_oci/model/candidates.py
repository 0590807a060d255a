"""Several replies of one batch as they grow: which of them have ended, and what each cost."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from .base import UNWRITTEN, CandidatePart, Usage
from .reply_text import Reply


class Candidates:
    """The replies of one request, by their place; `enough` names those that need not go on.

    `prompt_tokens` are the lengths of their prompts, `cached_tokens` how much was known of each that has been read so far.
    """

    def __init__(self, replies: Sequence[Reply], prompt_tokens: Sequence[int], enough: Callable[[int], bool]) -> None:
        self.cached_tokens: list[int] = []
        self._replies = replies
        self._prompt_tokens = prompt_tokens
        self._enough = enough
        self._start = time.perf_counter()
        self._told = set[int]()

    def ended(self, first: int, index: int) -> bool:
        """Tell whether a reply has ended, counted from `first` on."""
        return self._replies[first + index].ended

    def read(self, steps: Iterable[Mapping[int, int]], first: int) -> Iterator[CandidatePart]:
        """Yield the text of the tokens that `steps` bring for the replies from `first` on, and what each cost that has ended."""
        for step in steps:
            for index, token in step.items():
                place = first + index
                reply = self._replies[place]
                if text := reply.push([token]):
                    yield place, text
                if not reply.ended and self._enough(place):
                    reply.ended, reply.stop_reason = True, "enough"
                if reply.ended:
                    yield place, self._cost(place)

    def cut(self) -> Iterator[CandidatePart]:
        """Yield what those cost that have not ended and do not go on."""
        for place in range(len(self._replies)):
            if place not in self._told:
                self._replies[place].stop_reason = "enough"
                yield place, self._cost(place)

    def _cost(self, place: int) -> Usage:
        self._told.add(place)
        if place >= len(self.cached_tokens):
            return UNWRITTEN
        reply, seconds = self._replies[place], time.perf_counter() - self._start
        return Usage(self._prompt_tokens[place], self.cached_tokens[place], len(reply.tokens), seconds, reply.stop_reason)
