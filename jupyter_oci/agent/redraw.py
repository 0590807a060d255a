"""Other replies to the same prompt, drawn with more chance, for when what the first one wrote fails the user's check.

They come before the model is told what fails: a small one repeats what it is shown, and of a few replies of its own one is
right more often (Olausson et al., "Is Self-Repair a Silver Bullet for Code Generation?", ICLR 2024).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from ..config import SamplingParams
from ..model.base import ChatModel, Message
from .replies import Steps, Use, read_replies

_TOLD = "\n\nAn earlier try was wrong: {told}"
_MORE_TOKENS = 200  # that a reply may have, beside twice those of the code that fails: what goes on for longer has lost its way
_DRAWS = ((True, 0.0), (False, 0.8), (True, 0.8), (False, 1.0))  # whether it is told what was wrong, and how much chance it has
DRAWING = f"Writing {len(_DRAWS)} others"


def redraws(
    model: ChatModel, messages: Sequence[Message], sampling: SamplingParams, use: Use, *, told: str, known: Sequence[str]
) -> Steps:
    """Have the replies written, and each given to `use`; see `read_replies`.

    Some have what was wrong in their prompt, none the code that was, the newest of the `known` sources: it would be copied.
    """
    *before, newest = messages
    told_too = [*before, replace(newest, content=newest.content + _TOLD.format(told=told))]
    longest = _MORE_TOKENS + 2 * sum(model.count_tokens(known[-1:]))
    sampling = replace(sampling, max_tokens=min(sampling.max_tokens, longest))
    conversations = [told_too if is_told else messages for is_told, _ in _DRAWS]
    samplings = [tempered(sampling, temperature, number) for number, (_, temperature) in enumerate(_DRAWS)]
    return read_replies(model, conversations, samplings, use, known=known, detail=DRAWING)


def tempered(sampling: SamplingParams, temperature: float, number: int = 0) -> SamplingParams:
    """Give the settings at a temperature, for the reply of this number: where there is a seed, each has its own."""
    return replace(sampling, temperature=temperature, seed=None if sampling.seed is None else sampling.seed + number)
