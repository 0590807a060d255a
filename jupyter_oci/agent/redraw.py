"""Other replies to the same prompt, drawn with more chance, for when what the first one wrote fails the user's check.

They come before the model is told what fails: a small one repeats what it is shown, and of a few replies of its own one is
right more often (Olausson et al., "Is Self-Repair a Silver Bullet for Code Generation?", ICLR 2024).
"""

from __future__ import annotations

from collections.abc import Generator, Iterator, Sequence
from dataclasses import replace

from ..config import SamplingParams
from ..events import RunEvent
from ..model.base import ChatModel, Message
from .reply import Reply, read_reply, without_prose

_TEMPERATURES = (0.6, 0.8, 1.0, 1.0)
Asking = Generator["RunEvent | None", None, Reply]


def redraws(model: ChatModel, messages: Sequence[Message], sampling: SamplingParams, known: Sequence[str]) -> Iterator[Asking]:
    """Give what is to be run for each reply; nothing of it is shown. The newest of the `known` sources is the draft."""
    for number, temperature in enumerate(_TEMPERATURES):
        drawn = tempered(sampling, temperature, number)
        yield without_prose(read_reply(model, messages, drawn, None, known=known, drafts=known[-1:]))


def tempered(sampling: SamplingParams, temperature: float, number: int = 0) -> SamplingParams:
    """Give the settings at a temperature, for the reply of this number: where there is a seed, each has its own."""
    return replace(sampling, temperature=temperature, seed=None if sampling.seed is None else sampling.seed + number)
