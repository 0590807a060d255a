"""Prefill, draft, verify, accept: our own decoding, stoppable between any two layers."""

from __future__ import annotations

import time
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import suppress
from typing import Any

import torch

from .attention import NARROW_ROWS
from .cores import FreeCores
from .draft_model import DraftModel
from .forward import forward_of
from .memory import available_memory
from .prefix_cache import KeyValues, PrefixCache, tokens_within
from .quantize import OwnBits
from .sampling import Sampler
from .speculation import Speculation
from .team import team

PREFILL_CHUNK = 512
_WIDE_ROWS = NARROW_ROWS + 1
_REPEATS = 2
_STEP_ROWS: Mapping[OwnBits, Sequence[int]] = dict.fromkeys((4, 8), (1, 2, 3, 4, 6, 8, 12, NARROW_ROWS))  # that are timed


class Cancelled(Exception):  # noqa: N818 - not an error: somebody asked for it
    """Raised inside a forward to leave it; the states fall back to the last whole step."""


class Decoder:
    """Runs one causal language model of transformers, one request at a time.

    `prefix_cache` keeps states between requests; `cached_tokens` counts what it saved of the prompt that was read last. `cores`
    is asked before every layer. `draft_model` drafts where nothing that was said before does.
    """

    def __init__(self, model: Any, prefix_cache: PrefixCache, cores: FreeCores, draft_model: DraftModel | None = None) -> None:
        self.cached_tokens = 0
        self._draft_model = draft_model
        self._cores = cores
        self._prefix_cache = prefix_cache
        self._cancelled: Callable[[], bool] = lambda: False
        self._step_seconds: dict[OwnBits, dict[int, float]] = {4: {}, 8: {}}
        self._precision = model.precision
        self._config = model.config
        self._compute = forward_of(model, self._before_layer)

    def is_sound(self) -> bool:
        """Compute a first step in each precision, and the draft model's; tell whether all logits were finite."""
        if self._draft_model:
            self._draft_model.calibrate(self._before_layer, self._cores)
        return all(self._forward([1, 2], self._prefix_cache.empty(), bits, keep=2).isfinite().all() for bits in _STEP_ROWS)

    def calibrate(self, interrupted: Callable[[], bool] = lambda: False) -> bool:
        """Time a forward of the next width that a draft may have; tell whether there was one left.

        Nothing is drafted that wide before. It can wait: what is written first seldom repeats anything. `interrupted` is asked
        before every layer; what it ends is timed another time.
        """
        widths = ((bits, rows) for bits, steps in _STEP_ROWS.items() for rows in steps if rows not in self._step_seconds[bits])
        bits, rows = next(widths, (4, 0))
        if rows:
            self._cancelled = interrupted
            with suppress(Cancelled):
                self._step_seconds[bits][rows] = min(self._seconds(rows, bits) for _ in range(_REPEATS))
        return rows > 0

    def room(self) -> int:
        """Count the tokens whose states a batch may have now; 0 where it would take as long as one reply after another."""
        return tokens_within(self._config, available_memory()) if self._compute.batches and team() else 0

    def bits_for(self, drafts: Sequence[Sequence[int]] | None) -> OwnBits:
        """Give the bits that a reply is written in: 4, or without a team 8 where drafts make its steps wide."""
        return 8 if drafts and team() is None else 4

    def generate(
        self,
        prompt: Sequence[int],
        sampler: Sampler,
        drafts: Sequence[Sequence[int]] | None,
        cancelled: Callable[[], bool],
        bits: OwnBits | None = None,
    ) -> Generator[list[int], None, None]:
        """Yield new tokens for ever, one or several at a time; the caller closes the generator when it has enough.

        `drafts` are token sequences that the reply may repeat; None: decode without drafts at all. The reply is written in
        `bits`; None: as `bits_for` says.

        Raises:
            Cancelled: `cancelled` said so; it is asked before every layer.
        """
        self._cancelled = cancelled
        tokens = list(prompt)
        states = self._prefix_cache.take(tokens)
        bits = bits or self.bits_for(drafts)
        timed = self._step_seconds[bits]
        speculation = Speculation(tokens, drafts, timed, self._draft_model) if timed and drafts is not None else None
        try:
            yield from self._decode(tokens, states, sampler, speculation, bits)
        finally:
            self._prefix_cache.put(tokens[: states.get_seq_length()], states)

    def candidates(
        self,
        prompts: Sequence[Sequence[int]],
        samplers: Sequence[Sampler],
        ended: Callable[[int], bool],
        cancelled: Callable[[], bool],
        read: Callable[[int], None] = lambda _: None,
    ) -> Generator[Mapping[int, int], None, None]:
        """Yield the next token of each reply that `ended` does not name, by its place among the prompts, until all have ended.

        What a prompt shares with one before it is read once; `read` hears after each how much of it was known. Each reply is,
        token for token, what its sampler gives alone.

        Raises:
            Cancelled: `cancelled` said so; it is asked before every layer.
        """
        self._cancelled = cancelled
        sequences, newest = list[KeyValues](), dict[int, int]()
        for index, (prompt, sampler) in enumerate(zip(prompts, samplers, strict=True)):
            states = self._prefix_cache.take(prompt)
            try:
                newest[index] = sampler.choose(self._prefill(prompt, states, 4)[-1])
                sequences.append(states.fork(len(prompt)))
            finally:
                self._prefix_cache.put(prompt[: states.get_seq_length()], states)
            read(self.cached_tokens)
        while newest:
            yield newest
            live = [index for index in newest if not ended(index)]
            rows = self._step([newest[index] for index in live], [sequences[index] for index in live])
            newest = {index: samplers[index].choose(row) for index, row in zip(live, rows, strict=True)}

    def _decode(
        self, tokens: list[int], states: KeyValues, sampler: Sampler, speculation: Speculation | None, bits: OwnBits
    ) -> Generator[list[int], None, None]:
        accepted = [sampler.choose(self._prefill(tokens, states, bits)[-1])]
        while True:
            tokens += accepted
            yield accepted
            draft = speculation.draft(accepted) if speculation else []
            logits = self._forward([tokens[-1], *draft], states, bits, keep=len(draft) + 1)
            accepted = verify(logits, draft, sampler)
            states.truncate(len(tokens) + len(accepted) - 1)
            if speculation:
                speculation.learn(accepted)

    def _prefill(self, tokens: Sequence[int], states: KeyValues, bits: OwnBits) -> torch.Tensor:
        """Read what `states` lack of `tokens`, in 8 bits; give the last token's logits, `[1, vocabulary]`.

        The last token is a step of its own, the first in `bits`. All others are read in wide steps, where need be with some that
        are known: these round alike, narrow ones otherwise. So a reply does not depend on how much of its prompt was read before.
        """
        end = len(tokens) - 1
        if states.get_seq_length() < end:
            states.truncate(max(0, end - _WIDE_ROWS))
        self.cached_tokens = start = states.get_seq_length()
        while start < end:
            stop = start + PREFILL_CHUNK if end - start - PREFILL_CHUNK > NARROW_ROWS else end
            self._forward(tokens[start:stop], states, 8, keep=0)
            start = stop
        return self._forward(tokens[-1:], states, bits, keep=1)

    @torch.inference_mode()
    def _forward(self, tokens: Sequence[int], states: KeyValues, bits: OwnBits, keep: int) -> torch.Tensor:
        """Append `tokens` to `states`, or leave these as they were; give the last `keep` logits, fp32 `[keep, vocabulary]`."""
        self._precision.bits = bits
        self._cores.divide(by_team=self._precision.by_team(len(tokens)))
        length = states.get_seq_length()
        try:
            return self._compute(torch.tensor(tokens), states, keep).float()
        except BaseException:
            states.truncate(length)
            raise

    @torch.inference_mode()
    def _step(self, tokens: Sequence[int], sequences: Sequence[KeyValues]) -> Sequence[torch.Tensor]:
        """Append a token to each sequence; give the logits after each, fp32 `[vocabulary]`. Without sequences there are none."""
        self._precision.bits = 4
        self._cores.divide(by_team=self._precision.by_team(1))
        size = NARROW_ROWS  # a wider step would round otherwise
        parts = [slice(start, start + size) for start in range(0, len(tokens), size)]
        steps = [self._compute.side_by_side(torch.tensor(tokens[part]), sequences[part]) for part in parts]
        return [row.float() for step in steps for row in step]

    def _before_layer(self) -> None:
        self._cores.adapt()
        if self._cancelled():
            raise Cancelled

    def _seconds(self, rows: int, bits: OwnBits) -> float:
        states, start = self._prefix_cache.empty(), time.perf_counter()
        self._forward(range(1, rows + 1), states, bits, keep=rows)
        return time.perf_counter() - start


def verify(logits: torch.Tensor, draft: Sequence[int], sampler: Sampler) -> list[int]:
    """Give the tokens that plain decoding would have given, as far as `draft` goes along, and one more.

    `logits` are `[len(draft) + 1, vocabulary]`: those after the last token, then those after each drafted one.
    """
    accepted: list[int] = []
    for row, drafted in zip(logits, [*draft, None], strict=True):
        accepted.append(sampler.choose(row))
        if accepted[-1] != drafted:
            break
    return accepted
