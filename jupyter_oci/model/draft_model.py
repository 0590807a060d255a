"""A smaller model that drafts what a larger one with the same tokens is likely to say."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Any

import torch

from .cores import FreeCores
from .forward import forward_of
from .prefix_cache import KeyValues, common_prefix

_CHUNK = 256
_MEASURED_ROWS = 64


class DraftModel:
    """Drafts greedily what the larger model then verifies; holds the states of the latest conversation.

    After Leviathan et al., "Fast Inference from Transformers via Speculative Decoding", ICML 2023. `token_seconds` is what a
    drafted token takes, `reading_seconds` a token that is only read; `calibrate` sets them.
    """

    def __init__(self, model: Any) -> None:
        self.token_seconds = self.reading_seconds = 0.0
        self._before_layer: Callable[[], None] = lambda: None
        self._cores: FreeCores | None = None
        self._num_layers = model.config.num_hidden_layers
        self._precision = model.precision
        self._compute = forward_of(model, self._at_layer)
        self._read: list[int] = []
        self._states = KeyValues.empty(self._num_layers)

    def calibrate(self, before_layer: Callable[[], None], cores: FreeCores) -> None:
        """Time its steps; `before_layer` is called before each layer from now on and may raise, `cores` are computed on."""
        self._before_layer, self._cores = before_layer, cores
        for _ in range(2):
            self._states = KeyValues.empty(self._num_layers)
            began = time.perf_counter()
            self._forward(range(_MEASURED_ROWS))
            read = time.perf_counter()
            self._forward([1])
            self.token_seconds = time.perf_counter() - read
            self.reading_seconds = (read - began) / _MEASURED_ROWS
        self._forget(0)

    def num_unread(self, tokens: Sequence[int]) -> int:
        """Count the tokens of a conversation that it has to read before it can go on."""
        return len(tokens) - common_prefix(self._read, tokens)

    def draft(self, tokens: Sequence[int], length: int) -> list[int]:
        """Give `length` tokens, at least one, that may follow the conversation. What `before_layer` raises leaves it usable."""
        self._forget(min(common_prefix(self._read, tokens), len(tokens) - 1))
        for start in range(len(self._read), len(tokens), _CHUNK):
            drafted = [self._next(tokens[start : start + _CHUNK])]
        while len(drafted) < length:
            drafted.append(self._next(drafted[-1:]))
        return drafted

    def _next(self, tokens: Sequence[int]) -> int:
        """Read tokens and give the likeliest that follows."""
        logits = self._forward(tokens)
        self._read += tokens
        return int(logits[-1].argmax())

    @torch.inference_mode()
    def _forward(self, tokens: Sequence[int]) -> torch.Tensor:
        self._precision.bits = 8 if len(tokens) > 1 else 4
        if self._cores:
            self._cores.divide(by_team=self._precision.by_team(len(tokens)))
        try:
            return self._compute(torch.tensor(list(tokens)), self._states, 1)
        except BaseException:
            self._forget(len(self._read))
            raise

    def _at_layer(self) -> None:
        self._before_layer()

    def _forget(self, length: int) -> None:
        del self._read[length:]
        self._states.truncate(length)
