"""Other replies to the same prompt, drawn with more chance, for when what the first one wrote fails the user's check.

They come before the model is told what fails: a small one repeats what it is shown, and of a few replies of its own one is
right more often (Olausson et al., "Is Self-Repair a Silver Bullet for Code Generation?", ICLR 2024).
"""

from __future__ import annotations

from collections.abc import Generator, Iterator, Sequence
from contextlib import closing
from dataclasses import replace

from ..config import SamplingParams
from ..events import RunEvent, StatusChanged
from ..model.base import ChatModel, Message
from .reply import Reply, read_reply, without_prose

_TOLD = "\n\nAn earlier try was wrong: {told}"
_MORE_TOKENS = 200  # that a reply may have, beside twice those of the code that fails: what goes on for longer has lost its way
_DRAWS = ((True, 0.0), (False, 0.8), (True, 0.8), (False, 1.0))  # whether it is told what was wrong, and how much chance it has
DRAWING = "Writing another one, {number} of {draws}"
Asking = Generator["RunEvent | None", None, Reply]


def redraws(
    model: ChatModel, messages: Sequence[Message], sampling: SamplingParams, *, told: str, known: Sequence[str]
) -> Iterator[Asking]:
    """Give what is to be run for each reply; nothing of it is shown.

    Some have what was wrong in their prompt, none the code that was: it would be copied. The newest of the `known` sources is
    the draft for decoding.
    """
    *before, newest = messages
    longest = _MORE_TOKENS + 2 * sum(model.count_tokens(known[-1:]))
    sampling = replace(sampling, max_tokens=min(sampling.max_tokens, longest))
    for number, (is_told, temperature) in enumerate(_DRAWS):
        prompt = [*before, replace(newest, content=newest.content + _TOLD.format(told=told))] if is_told else messages
        drawn = tempered(sampling, temperature, number)
        reading = without_prose(read_reply(model, prompt, drawn, None, known=known, drafts=known[-1:]))
        yield _announced(reading, DRAWING.format(number=number + 1, draws=len(_DRAWS)))


def _announced(reading: Asking, detail: str) -> Asking:
    """Say beside each status what is going on."""
    with closing(reading):
        while True:
            try:
                event = next(reading)
            except StopIteration as end:
                reply: Reply = end.value
                return reply
            yield replace(event, detail=event.detail or detail) if isinstance(event, StatusChanged) else event


def tempered(sampling: SamplingParams, temperature: float, number: int = 0) -> SamplingParams:
    """Give the settings at a temperature, for the reply of this number: where there is a seed, each has its own."""
    return replace(sampling, temperature=temperature, seed=None if sampling.seed is None else sampling.seed + number)
