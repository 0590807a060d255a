"""Take several replies of the model, which may be written side by side; nothing of them is shown."""

from __future__ import annotations

from collections.abc import Callable, Collection, Generator, Sequence
from contextlib import closing
from dataclasses import replace

from ..config import SamplingParams
from ..events import RunEvent, StatusChanged
from ..model.base import UNWRITTEN, CandidatePart, ChatModel, Message, Usage
from .reply import Reading, Reply, without_prose

Use = Callable[[Reply], Generator["RunEvent | None", None, bool]]
Steps = Generator["RunEvent | None", None, None]


def read_replies(
    model: ChatModel,
    conversations: Sequence[Sequence[Message]],
    samplings: Sequence[SamplingParams],
    use: Use,
    *,
    known: Collection[str],
    detail: str,
) -> Steps:
    """Give each reply to `use`, in their order and as soon as it has ended, until that says that it is enough: all end then.

    Each is read up to the end of its first block. `detail` says beside the model's status what is going on.
    """
    replies = _Replies([Reading(None, known) for _ in conversations])
    status = StatusChanged("thinking", detail)
    with closing(model.candidates(conversations, samplings)) as steps:
        while True:
            try:
                item = steps.send(replies.enough or None)
            except StopIteration:
                return
            if isinstance(item, StatusChanged):
                status = replace(item, detail=item.detail or detail)
                yield status
            elif item is None:
                yield None
            else:
                yield from replies.take(item)
                if (yield from replies.used_by(use)) and not replies.is_over:
                    yield status


class _Replies:
    """Several replies as they come. `enough` are the places of those that need not go on."""

    def __init__(self, readings: Sequence[Reading]) -> None:
        self.enough = set[int]()
        self._readings = readings
        self._ended: dict[int, Reply] = {}
        self._num_used = 0

    @property
    def is_over(self) -> bool:
        """Whether there is nothing more to be used."""
        return self._num_used == len(self._readings)

    def take(self, item: CandidatePart) -> Steps:
        """Take text of a reply, or its end."""
        place, part = item
        reading = self._readings[place]
        if isinstance(part, Usage):
            if part != UNWRITTEN:
                self._ended[place] = yield from without_prose(reading.end(part))
        elif not reading.enough:
            for _ in reading.add(part):  # nothing of it is shown
                pass
            self.enough |= {place} if reading.enough else set()
        yield None

    def used_by(self, use: Use) -> Generator[RunEvent | None, None, bool]:
        """Have those used that it is the turn of; tell whether there were any."""
        before = self._num_used
        while not self.is_over and self._num_used in self._ended:
            reply = self._ended[self._num_used]
            self._num_used += 1
            if (yield from use(reply)):
                self._num_used = len(self._readings)
                self.enough = set(range(len(self._readings)))
        return self._num_used > before
