"""Several replies of one batch as they grow: which of them have ended, and what each cost."""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable, Generator, Iterable, Mapping, Sequence

from .base import CandidateText, Usage
from .decode import Cancelled
from .reply_text import Reply


class Candidates:
    """The replies of one batch, by their place; `enough` names those that need not go on."""

    def __init__(self, replies: Sequence[Reply], enough: Callable[[int], bool]) -> None:
        self._replies = replies
        self._enough = enough
        self._start = time.perf_counter()
        self._seconds: dict[int, float] = {}

    def ended(self, index: int) -> bool:
        """Tell whether a reply has ended, by itself or because it is enough."""
        reply = self._replies[index]
        if not reply.ended and self._enough(index):
            reply.ended, reply.stop_reason = True, "enough"
        if reply.ended:
            self._seconds.setdefault(index, self._passed())
        return reply.ended

    def read(self, steps: Iterable[Mapping[int, int]]) -> Generator[CandidateText, None, None]:
        """Yield the text of the tokens that `steps` bring; what is left after a cancel is enough."""
        try:
            for step in steps:
                for index, token in step.items():
                    if text := self._replies[index].push([token]):
                        yield index, text
        except Cancelled:
            for reply in self._replies:
                reply.stop_reason = reply.stop_reason if reply.ended else "enough"

    def usages(self, prompt_tokens: Sequence[int], cached_tokens: Sequence[int]) -> list[Usage]:
        """Give what each cost, with these lengths of the prompts; of those that were not read nothing is known to be cached."""
        lengths = itertools.zip_longest(prompt_tokens, cached_tokens, fillvalue=0)
        return [
            Usage(
                prompt_tokens=whole,
                cached_tokens=cached,
                completion_tokens=len(reply.tokens),
                seconds=self._seconds.get(index, self._passed()),
                stop_reason=reply.stop_reason,
            )
            for index, (reply, (whole, cached)) in enumerate(zip(self._replies, lengths, strict=True))
        ]

    def _passed(self) -> float:
        return time.perf_counter() - self._start
