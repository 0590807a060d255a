"""One step of a model: tokens in, logits out. Any architecture through transformers' own modules."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any, Protocol

import torch

from .lean import LeanForward
from .prefix_cache import KeyValues


class Forward(Protocol):
    """Appends tokens to the states and computes what follows them."""

    def __call__(self, tokens: torch.Tensor, states: KeyValues, keep: int) -> torch.Tensor:
        """Read int64 `[rows]`, append to `states`; give the logits after the last `keep` of them, bf16 `[keep, vocabulary]`."""
        ...


class TransformersForward:
    """Runs the modules of transformers; `before_layer` is called before each layer and may raise."""

    def __init__(self, model: Any, before_layer: Callable[[], None]) -> None:
        self._model = model
        parameters = inspect.signature(model.forward).parameters
        self._states_name = "cache" if "cache" in parameters else "past_key_values"  # its name before transformers 5.24
        for layer in model.get_decoder().layers:
            layer.register_forward_pre_hook(lambda *_: before_layer())

    def __call__(self, tokens: torch.Tensor, states: KeyValues, keep: int) -> torch.Tensor:
        """Compute a step; see `Forward`."""
        output = self._model(tokens[None], use_cache=True, logits_to_keep=keep, **{self._states_name: states})
        logits: torch.Tensor = output.logits[0]
        return logits


def forward_of(model: Any, before_layer: Callable[[], None]) -> Forward:
    """Give the fastest way that computes exactly what `model` does."""
    kind = LeanForward if LeanForward.fits(model) else TransformersForward
    return kind(model, before_layer)
