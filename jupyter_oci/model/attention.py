"""Attention over the growing states: for few rows exactly the same, bit for bit, however many rows a step has.

That, with the products, is why a drafted reply equals a plain one: neither rounds differently in a wider step.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Final

import torch

from .kernels import STATE_BLOCK
from .team import team

NARROW_ROWS: Final = 16  # up to here a step rounds as if its rows came one by one
_ROWS: Final = 128  # at a time: their scores stay in the CPU's cache, and none reads states that come after all of them
LANES: Final = 16  # what a `Team` divides a head into


@dataclass(frozen=True)
class Rows:
    """The rows of a step: at the positions `start` to `end`, each sees itself and what is before it, in a window or all of it."""

    start: int
    end: int
    sliding_window: int | None = None

    @property
    def narrow(self) -> bool:
        """Tell whether they are few."""
        return self.end - self.start <= NARROW_ROWS

    @cached_property
    def blocks(self) -> list[_RowBlock]:
        """Divide them for torch. In a narrow step a row reads as many states as if it came alone.

        Over more of them, zeros or not, a product rounds otherwise.
        """
        blocks, last = [], self.start
        while last < self.end:
            first = last
            last = min(whole_blocks(first + 1) if self.narrow else first + _ROWS, self.end)
            num_states, seen_by_all = whole_blocks(last), first + 1 if self.sliding_window is None else 0
            distance = torch.arange(first, last)[:, None] - torch.arange(seen_by_all, num_states)
            hidden = distance < 0 if self.sliding_window is None else (distance < 0) | (distance >= self.sliding_window)
            mask = torch.zeros(hidden.shape, dtype=torch.bfloat16).masked_fill_(hidden, -torch.inf)
            blocks.append(_RowBlock(slice(first - self.start, last - self.start), num_states, mask))
        return blocks


@dataclass(frozen=True, slots=True)
class _RowBlock:
    """Rows of a step, which read the first `num_states` states.

    `mask`, bf16 `[rows, states]`, is added to the scores of the last of these: 0 where a row sees the state, else minus infinity.
    """

    rows: slice
    num_states: int
    mask: torch.Tensor


def attend(query: torch.Tensor, key: torch.Tensor, value: torch.Tensor, rows: Rows, scaling: float) -> torch.Tensor:
    """Attend from `rows`; batch 1.

    `query` is `[1, heads, rows, head_dim]`, `key` `[1, groups, head_dim, states]`, `value` `[1, groups, states, head_dim]`, the
    latter two with zeros, or other finite numbers, at the end of the states. Gives the shape of `query`.
    """
    if rows.narrow and query.shape[-1] % LANES == 0 and (compiled := team()):
        by_row, window = query[0].transpose(0, 1), rows.sliding_window or rows.end
        outputs = torch.empty(by_row.shape, dtype=torch.bfloat16)
        compiled.run(compiled.attention(by_row, (key[0], value[0]), outputs, rows.start, window, scaling))
        return outputs.transpose(0, 1)[None]
    scaled = query[0] * scaling
    attended = [_attend(scaled[:, block.rows], key[0], value[0], block) for block in rows.blocks]
    return (attended[0] if len(attended) == 1 else torch.cat(attended, dim=1))[None]


def whole_blocks(length: int) -> int:
    """Count the states that are read where `length` are held: those, and zeros up to a whole block. Equal shapes round alike."""
    return -(-length // STATE_BLOCK) * STATE_BLOCK


def _attend(query: torch.Tensor, key: torch.Tensor, value: torch.Tensor, block: _RowBlock) -> torch.Tensor:
    groups, head_dim, _ = key.shape
    if len(query) == groups and query.shape[1] == 1:  # a product with a single row rounds otherwise than one with more of them
        return _attend(query.expand(-1, 2, -1), key, value, block)[:, :1]
    scores = torch.bmm(query.reshape(groups, -1, head_dim), key[..., : block.num_states])
    num_masked = block.mask.shape[1]
    scores.view(groups, -1, query.shape[1], block.num_states)[..., block.num_states - num_masked :] += block.mask
    return torch.bmm(scores.softmax(-1), value[:, : block.num_states]).view(query.shape)
