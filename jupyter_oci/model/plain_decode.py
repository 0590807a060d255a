"""Decoding with transformers' own modules, attention and cache: on graphics cards it needs none of our tricks."""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping, Sequence
from typing import Any

import torch
from transformers import DynamicCache

from .decode import PREFILL_CHUNK, Cancelled
from .device import free_beside
from .modules import TransformersForward
from .prefix_cache import common_prefix, tokens_within
from .sampling import Sampler


class PlainDecoder:
    """Runs one causal language model, one request at a time, token by token; takes the place of `Decoder`.

    The states of the latest request are kept for the next; `cached_tokens` counts what that saved.
    """

    def __init__(self, model: Any) -> None:
        self.cached_tokens = 0
        self._model = model
        self._device = model.device
        self._cancelled: Callable[[], bool] = lambda: False
        self._compute: Any = TransformersForward(model, self._before_layer)  # takes any cache of transformers
        self._tokens: list[int] = []
        self._states = DynamicCache()

    def is_sound(self) -> bool:
        """Tell whether the logits of a first step are finite."""
        return bool(self._forward([1, 2, 3], DynamicCache()).isfinite().all())

    def calibrate(self, interrupted: Callable[[], bool] = lambda: False) -> bool:  # noqa: ARG002 - as `Decoder` has it
        """Tell that there is nothing to time: nothing is drafted."""
        return False

    def room(self) -> int:
        """Count the tokens whose states a batch may have now, by what is free where the model lies."""
        return tokens_within(self._model.config, free_beside(self._model))

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
        prompts: Sequence[Sequence[int]],
        samplers: Sequence[Sampler],
        ended: Callable[[int], bool],
        cancelled: Callable[[], bool],
        read: Callable[[int], None] = lambda _: None,
    ) -> Generator[Mapping[int, int], None, None]:
        """Yield the next token of each reply; see `Decoder`. The number of rows tells in the rounding: no equality is promised.

        What all prompts begin with is read once, as are those that are the same; nothing is known of any.
        """
        self._cancelled = cancelled
        different = list(dict.fromkeys(map(tuple, prompts)))
        mask = self._filled_up(different)
        rows, states = self._read_all(different, mask)
        of_prompt = torch.tensor([different.index(tuple(prompt)) for prompt in prompts])  # on the CPU: states lie on any card
        states.batch_select_indices(of_prompt)
        mask, newest = mask[of_prompt], {}
        for index, (row, sampler) in enumerate(zip(of_prompt.tolist(), samplers, strict=True)):
            newest[index] = sampler.choose(rows[row])
            read(len(prompts[index]) if row in of_prompt[:index] else 0)
        while newest:
            yield newest
            live = [(row, index) for row, index in enumerate(newest) if not ended(index)]
            mask = torch.nn.functional.pad(mask[[row for row, _ in live]], (0, 1), value=1)
            if 0 < len(live) < len(newest):
                states.batch_select_indices(torch.tensor([row for row, _ in live]))
            stepped = self._step([newest[index] for _, index in live], mask, states)
            newest = {index: samplers[index].choose(logits) for (_, index), logits in zip(live, stepped, strict=True)}

    def _filled_up(self, prompts: Sequence[Sequence[int]]) -> torch.Tensor:
        """Give the mask of prompts that are filled up from the left, int64 `[n, longest]`."""
        longest = max(map(len, prompts))
        return torch.tensor([[0] * (longest - len(prompt)) + [1] * len(prompt) for prompt in prompts], device=self._device)

    @torch.inference_mode()
    def _read_all(self, prompts: Sequence[Sequence[int]], mask: torch.Tensor) -> tuple[torch.Tensor, DynamicCache]:
        """Read all prompts at once; give the logits after each, fp32 `[n, vocabulary]`, on the CPU, and the states."""
        longest = mask.shape[1]
        states, shared = self._read_shared(prompts, longest)
        tokens = torch.tensor([[0] * (longest - len(prompt)) + list(prompt) for prompt in prompts], device=self._device)
        for start in range(shared, longest, PREFILL_CHUNK):
            end = start + PREFILL_CHUNK
            logits = self._compute.batch(tokens[:, start:end], mask[:, :end], states)
        return logits.float().cpu(), states

    def _read_shared(self, prompts: Sequence[Sequence[int]], longest: int) -> tuple[DynamicCache, int]:
        """Read once what all prompts begin with; give its states in each, filled up as they are, and their number."""
        states: Any = DynamicCache()
        shared = min(min(common_prefix(prompts[0], prompt), len(prompt) - 1) for prompt in prompts)
        for start in range(0, shared, PREFILL_CHUNK):
            self._forward(prompts[0][start : min(start + PREFILL_CHUNK, shared)], states)
        fillings = torch.tensor([longest - len(prompt) for prompt in prompts])
        places = (torch.arange(shared) - fillings[:, None]).clamp(min=0)
        for layer in states.layers:
            layer.keys, layer.values = (each[0][:, places].transpose(0, 1) for each in (layer.keys, layer.values))
        return states, shared

    def _prefill(self, prompt: Sequence[int]) -> tuple[torch.Tensor, DynamicCache]:
        """Read what is not known of `prompt`; give the last token's logits, `[1, vocabulary]`, and the states."""
        states = self._take(prompt)
        self.cached_tokens = states.get_seq_length()
        for start in range(self.cached_tokens, len(prompt), PREFILL_CHUNK):
            logits = self._forward(prompt[start : start + PREFILL_CHUNK], states)
        return logits, states

    @torch.inference_mode()
    def _step(self, tokens: Sequence[int], mask: torch.Tensor, states: DynamicCache) -> Sequence[torch.Tensor]:
        """Append a token to each row of `states`; give the logits after each, `[vocabulary]`."""
        if not tokens:
            return ()
        return list(self._compute.batch(torch.tensor(tokens, device=self._device)[:, None], mask, states).float().cpu())

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
