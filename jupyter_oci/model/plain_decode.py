"""Decoding with transformers' own modules, attention and cache: on graphics cards it needs none of our tricks."""

from __future__ import annotations

import copy
from collections.abc import Callable, Generator, Mapping, Sequence
from typing import Any

import torch
from transformers import DynamicCache

from .decode import PREFILL_CHUNK, Cancelled
from .forward import TransformersForward
from .prefix_cache import common_prefix
from .sampling import Sampler


class PlainDecoder:
    """Runs one causal language model, one request at a time, token by token; takes the place of `Decoder`.

    The states of the latest request are kept for the next; `cached_tokens` counts what that saved.
    """

    def __init__(self, model: Any) -> None:
        self.cached_tokens = 0
        self._device = model.device
        self._cancelled: Callable[[], bool] = lambda: False
        self._compute: Any = TransformersForward(model, self._before_layer)  # takes any cache of transformers
        self._tokens: list[int] = []
        self._states = DynamicCache()

    def is_sound(self) -> bool:
        """Tell whether the logits of a first step are finite."""
        return bool(self._forward([1, 2, 3], DynamicCache()).isfinite().all())

    def calibrate(self) -> bool:
        """Tell that there is nothing to time: nothing is drafted."""
        return False

    def generate(
        self,
        prompt: Sequence[int],
        sampler: Sampler,
        drafts: Sequence[Sequence[int]] | None,  # noqa: ARG002 - drafts save reading weights, of which a card has enough
        cancelled: Callable[[], bool],
    ) -> Generator[list[int], None, None]:
        """Yield new tokens for ever; see `Decoder`."""
        self._cancelled = cancelled
        tokens = list(prompt)
        logits, states = self._prefill(tokens)
        while True:
            self._tokens, self._states = list(tokens), states
            tokens.append(sampler.choose(logits[-1]))
            yield tokens[-1:]
            logits = self._forward(tokens[-1:], states)

    def candidates(
        self,
        prompt: Sequence[int],
        samplers: Sequence[Sampler],
        ended: Callable[[int], bool],
        cancelled: Callable[[], bool],
    ) -> Generator[Mapping[int, int], None, None]:
        """Yield the next token of each candidate; see `Decoder`. A card rounds by the number of rows: no equality is promised."""
        self._cancelled = cancelled
        logits, kept = self._prefill(prompt)
        self._tokens, self._states = list(prompt), kept
        states = copy.deepcopy(kept)
        states.batch_repeat_interleave(len(samplers))
        newest = {index: sampler.choose(logits[-1]) for index, sampler in enumerate(samplers)}
        while newest:
            yield newest
            live = [(row, index) for row, index in enumerate(newest) if not ended(index)]
            rows = self._step([newest[index] for _, index in live], [row for row, _ in live], states)
            newest = {index: samplers[index].choose(logits) for (_, index), logits in zip(live, rows, strict=True)}

    def _prefill(self, prompt: Sequence[int]) -> tuple[torch.Tensor, DynamicCache]:
        """Read what is not known of `prompt`; give the last token's logits, `[1, vocabulary]`, and the states."""
        states = self._take(prompt)
        self.cached_tokens = states.get_seq_length()
        for start in range(self.cached_tokens, len(prompt), PREFILL_CHUNK):
            logits = self._forward(prompt[start : start + PREFILL_CHUNK], states)
        return logits, states

    @torch.inference_mode()
    def _step(self, tokens: Sequence[int], rows: Sequence[int], states: DynamicCache) -> Sequence[torch.Tensor]:
        """Append a token to each of the `rows` of `states`, which alone stay; give the logits after each, `[vocabulary]`."""
        if not tokens:
            return ()
        states.batch_select_indices(torch.tensor(rows, device=self._device))
        return list(self._compute.batch(torch.tensor(tokens, device=self._device), states).float().cpu())

    def _take(self, prompt: Sequence[int]) -> DynamicCache:
        """Give the states of what `prompt` and the latest request begin with, leaving at least one token to compute."""
        length = min(common_prefix(self._tokens, prompt), len(prompt) - 1)
        states, surplus = self._states, len(self._tokens) - length
        self._tokens, self._states = [], DynamicCache()  # the kept ones are changed from now on
        if surplus:
            states.crop(-surplus)
        return states if length else DynamicCache()

    @torch.inference_mode()
    def _forward(self, tokens: Sequence[int], states: DynamicCache) -> torch.Tensor:
        """Append `tokens` to `states`; give the last one's logits, fp32 `[1, vocabulary]`, on the CPU."""
        try:
            logits: torch.Tensor = self._compute(torch.tensor(tokens, device=self._device), states, 1)
            return logits.float().cpu()
        except BaseException:
            self._tokens, self._states = [], DynamicCache()  # its layers differ in length now
            raise

    def _before_layer(self) -> None:
        if self._cancelled():
            raise Cancelled
