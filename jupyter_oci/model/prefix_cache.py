"""Keep the keys and values of earlier prompts, so that a prompt that begins alike needs less prefill."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch
from transformers.cache_utils import Cache, DynamicLayer

from .attention import whole_blocks
from .kernels import STATE_BLOCK
from .needs import state_bytes

_STEP = 4 * STATE_BLOCK
_LEAST_BYTES = 512 << 20  # for states: enough for many prompts with models whose states are small


def head_dim(config: Any) -> int:
    """Give the size of an attention head of the model that `config` describes."""
    return int(getattr(config, "head_dim", None) or config.hidden_size // config.num_attention_heads)


def token_bytes(config: Any) -> int:
    """Give the bytes of the keys and values of one token of the model that `config` describes."""
    num_groups = getattr(config, "num_key_value_heads", None) or config.num_attention_heads
    return state_bytes(config.num_hidden_layers, num_groups, head_dim(config))


def tokens_within(config: Any, free: int) -> int:
    """Count the tokens whose states take half of `free` bytes, which is what a conversation may take, or 512 MB at least."""
    return max(free // 2, _LEAST_BYTES) // token_bytes(config)


def tokens_to_keep(config: Any, window: int) -> int:
    """Count the tokens whose states are kept: those of a window, or as many as 512 MB take."""
    return max(window, _LEAST_BYTES // token_bytes(config))


class GrowingLayer(DynamicLayer):  # type: ignore[no-untyped-call]
    """One layer's keys and values in zeroed buffers that grow by a quarter.

    `keys` is `[1, heads, head_dim, capacity]`, as the product with queries reads it, `values` `[1, heads, capacity, head_dim]`.
    """

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.length = 0
        self.keys: torch.Tensor
        self.values: torch.Tensor

    def update(
        self,
        key_states: torch.Tensor,
        value_states: torch.Tensor,
        *_: Any,
        **__: Any,
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """Append states, `[1, heads, rows, head_dim]` each; give all of them, up to a whole block, as views of the buffers."""
        num_groups, num_rows, head_dim = key_states.shape[1:]
        start = self.extend(num_rows, num_groups, head_dim)
        self.keys[..., start : self.length] = key_states.mT
        self.values[..., start : self.length, :] = value_states
        return self.seen()

    def extend(self, num_rows: int, num_groups: int, head_dim: int) -> int:
        """Make room for more states, in bf16, which the caller writes; give the place of the first."""
        start = self.length
        self.length += num_rows
        if self.length > self.capacity:
            capacity = -(-max(self.length, self.capacity * 5 // 4) // _STEP) * _STEP
            self.keys = _enlarged(self.keys, torch.zeros(1, num_groups, head_dim, capacity, dtype=torch.bfloat16))
            self.values = _enlarged(self.values, torch.zeros(1, num_groups, capacity, head_dim, dtype=torch.bfloat16))
            self.is_initialized = True
        return start

    def seen(self) -> tuple[torch.Tensor, torch.Tensor]:
        """Give all states, up to a whole block, as views of the buffers."""
        end = whole_blocks(self.length)
        return self.keys[..., :end], self.values[..., :end, :]

    def get_seq_length(self) -> int:
        """Count the tokens held."""
        return self.length

    def truncate(self, length: int) -> None:
        """Forget all but the first `length` tokens; the buffer stays, and what is left in it stays finite."""
        self.length = min(self.length, length)

    def fork(self, length: int) -> GrowingLayer:
        """Copy the first `length` tokens into a layer of its own."""
        copy = GrowingLayer()
        if length:
            copy.update(self.keys[..., :length].mT, self.values[..., :length, :])
        return copy

    @property
    def capacity(self) -> int:
        """Count the tokens that there is room for."""
        return self.values.shape[-2] if self.is_initialized else 0


class KeyValues(Cache):
    """The keys and values of one token sequence in every layer."""

    def __init__(self, layers: Sequence[GrowingLayer]) -> None:
        super().__init__(layers=list(layers))
        self.growing = list(layers)

    @classmethod
    def empty(cls, num_layers: int) -> KeyValues:
        """Make one that holds nothing yet."""
        return cls([GrowingLayer() for _ in range(num_layers)])

    def truncate(self, length: int) -> None:
        """Forget all but the first `length` tokens, also where a stop left the layers at different lengths."""
        for layer in self.growing:
            layer.truncate(length)

    def fork(self, length: int) -> KeyValues:
        """Copy the first `length` tokens."""
        return KeyValues([layer.fork(length) for layer in self.growing])

    @property
    def capacity(self) -> int:
        """Count the tokens that memory is taken for, in the layer that takes most."""
        return max(layer.capacity for layer in self.growing)


@dataclass(slots=True)
class _Entry:
    tokens: list[int]
    states: KeyValues


class PrefixCache:
    """Keeps the states of the latest sequences, of `max_tokens` together; the least recently used goes first, the newest stays.

    A sequence that is being computed counts too: for one that is to come, as much is forgotten as leaves room for its prompt.
    """

    def __init__(self, num_layers: int, max_tokens: int, max_entries: int = 6) -> None:
        self._num_layers = num_layers
        self._max_tokens = max_tokens
        self._max_entries = max_entries
        self._entries: list[_Entry] = []

    def take(self, tokens: Sequence[int]) -> KeyValues:
        """Give states of the longest known prefix of `tokens`, always leaving at least one token to compute.

        The caller owns what it gets. An entry that is wholly a prefix moves out, and so does the common part of one that there
        is no room for beside the new one; of any other the common part is copied.
        """
        best = max(self._entries, key=lambda entry: common_prefix(entry.tokens, tokens), default=None)
        length = min(common_prefix(best.tokens, tokens), len(tokens) - 1) if best else 0
        states = self._taken(best, length, len(tokens)) if best and length else self.empty()
        self._forget_oldest(len(tokens), keep=0)
        return states

    def empty(self) -> KeyValues:
        """Make states that hold nothing yet."""
        return KeyValues.empty(self._num_layers)

    def put(self, tokens: Sequence[int], states: KeyValues) -> None:
        """Keep the states of `tokens`, forgetting older ones as the bounds demand."""
        if not tokens:
            return
        states.truncate(len(tokens))
        self._entries = [entry for entry in self._entries if common_prefix(entry.tokens, tokens) < len(entry.tokens)]
        self._entries.append(_Entry(list(tokens), states))
        del self._entries[: -self._max_entries]
        self._forget_oldest(0, keep=1)

    def num_tokens(self) -> int:
        """Count the tokens that all entries take memory for."""
        return sum(entry.states.capacity for entry in self._entries)

    def _taken(self, entry: _Entry, length: int, num_coming: int) -> KeyValues:
        """Give the first `length` states of an entry, for a sequence that will have `num_coming`."""
        self._entries.remove(entry)
        if length < len(entry.tokens) and entry.states.capacity + num_coming <= self._max_tokens:
            self._entries.append(entry)
            return entry.states.fork(length)
        entry.states.truncate(length)
        return entry.states

    def _forget_oldest(self, num_coming: int, keep: int) -> None:
        while len(self._entries) > keep and self.num_tokens() + num_coming > self._max_tokens:
            del self._entries[0]


def common_prefix(left: Sequence[int], right: Sequence[int]) -> int:
    """Count the leading tokens that both share."""
    length = min(len(left), len(right))
    return next((index for index in range(length) if left[index] != right[index]), length)


def _enlarged(buffer: torch.Tensor | None, larger: torch.Tensor) -> torch.Tensor:
    if buffer is not None:
        larger[..., : buffer.shape[-2], : buffer.shape[-1]] = buffer
    return larger
