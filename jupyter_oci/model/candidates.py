"""Several replies to one prompt as they grow: which of them have ended, and what each cost."""

from __future__ import annotations

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

    def usages(self, prompt_tokens: int, cached_tokens: int) -> list[Usage]:
        """Give what each cost; the first one read the prompt, of which the cache held `cached_tokens`."""
        return [
            Usage(
                prompt_tokens=prompt_tokens,
                cached_tokens=prompt_tokens if index else cached_tokens,
                completion_tokens=len(reply.tokens),
                seconds=self._seconds.get(index, self._passed()),
                stop_reason=reply.stop_reason,
            )
            for index, reply in enumerate(self._replies)
        ]

    def _passed(self) -> float:
        return time.perf_counter() - self._start
