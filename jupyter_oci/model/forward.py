"""One step of a model: tokens in, logits out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Protocol

import torch

from .lean import LeanForward
from .lean_model import LeanModel
from .prefix_cache import KeyValues


class Forward(Protocol):
    """Appends tokens to the states and computes what follows them. `batches`: several sequences are one step, not one each."""

    batches: bool

    def __call__(self, tokens: torch.Tensor, states: KeyValues, keep: int) -> torch.Tensor:
        """Read int64 `[rows]`, append to `states`; give the logits after the last `keep` of them, bf16 `[keep, vocabulary]`.

        With 0 it may leave out what the states do not need.
        """
        ...

    def side_by_side(self, tokens: torch.Tensor, sequences: Sequence[KeyValues]) -> torch.Tensor:
        """Read int64 `[n]`, a token for each of the `n` sequences; give the logits after each, bf16 `[n, vocabulary]`."""
        ...


def forward_of(model: Any, before_layer: Callable[[], None]) -> Forward:
    """Give the fastest way that computes exactly what `model` does."""
    if isinstance(model, LeanModel):
        return LeanForward(model, before_layer)
    from .modules import TransformersForward  # noqa: PLC0415 - its import takes seconds, and most models need none of it

    return TransformersForward(model, before_layer)
