"""Several replies to one prompt, from any model."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from contextlib import closing

from ..config import SamplingParams
from ..events import StatusChanged
from .base import BatchModel, CandidateText, ChatModel, Message, Usage


def candidates_of(
    model: ChatModel, messages: Sequence[Message], samplings: Sequence[SamplingParams]
) -> Generator[CandidateText | StatusChanged | None, bool | None, list[Usage]]:
    """Have a reply for each sampling: as one batch where the model can, else one after another. See `BatchModel`."""
    if isinstance(model, BatchModel):
        return (yield from model.candidates(messages, samplings))
    usages = []
    for index, sampling in enumerate(samplings):
        with closing(model.generate(messages, sampling)) as reply:
            usages.append((yield from _numbered(reply, index)))
    return usages


def _numbered(
    reply: Generator[str | StatusChanged | None, bool | None, Usage], index: int
) -> Generator[CandidateText | StatusChanged | None, bool | None, Usage]:
    enough: bool | None = None
    while True:
        try:
            item = reply.send(enough)
        except StopIteration as end:
            usage: Usage = end.value
            return usage
        enough = yield (index, item) if isinstance(item, str) else item
