"""One step of a model: tokens in, logits out. Any architecture through transformers' own modules."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from typing import Any, Protocol

import torch
from transformers import Cache

from .lean import LeanForward
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


class TransformersForward:
    """Runs the modules of transformers; `before_layer` is called before each layer and may raise."""

    batches = False

    def __init__(self, model: Any, before_layer: Callable[[], None]) -> None:
        self._model = model
        parameters = inspect.signature(model.forward).parameters
        self._states_name = "cache" if "cache" in parameters else "past_key_values"  # its name before transformers 5.24
        for layer in model.get_decoder().layers:
            layer.register_forward_pre_hook(lambda *_: before_layer())

    def __call__(self, tokens: torch.Tensor, states: KeyValues, keep: int) -> torch.Tensor:
        """Compute a step; see `Forward`."""
        output = self._model(tokens[None], use_cache=True, logits_to_keep=max(keep, 1), **{self._states_name: states})
        logits: torch.Tensor = output.logits[0]
        return logits if keep else logits[:0]

    def batch(self, tokens: torch.Tensor, mask: torch.Tensor, states: Cache) -> torch.Tensor:
        """Append int64 `[n, rows]` to the `n` sequences in `states`; give the logits after each, `[n, vocabulary]`.

        `mask`, int64 `[n, length]`, is 0 where a sequence is filled up from the left, of what is in the states and what is new.
        """
        places = (mask.cumsum(-1) - 1).clamp(min=0)[:, -tokens.shape[1] :]
        given = {"attention_mask": mask, "position_ids": places, self._states_name: states}
        logits: torch.Tensor = self._model(tokens, use_cache=True, logits_to_keep=1, **given).logits
        return logits[:, -1]

    def side_by_side(self, tokens: torch.Tensor, sequences: Sequence[KeyValues]) -> torch.Tensor:
        """Compute one sequence after another: transformers would have all states in one tensor; see `Forward`."""
        return torch.cat([self(token[None], states, 1) for token, states in zip(tokens, sequences, strict=True)])


def forward_of(model: Any, before_layer: Callable[[], None]) -> Forward:
    """Give the fastest way that computes exactly what `model` does."""
    kind = LeanForward if LeanForward.fits(model) else TransformersForward
    return kind(model, before_layer)
