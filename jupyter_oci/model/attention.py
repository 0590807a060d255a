"""Attention over the growing states: for few rows exactly the same, bit for bit, however many rows a step has.

That, with the int4 kernel, is why a drafted reply equals a plain one: neither rounds differently in a wider step.
"""

from __future__ import annotations

from typing import Any, Final

import torch
from torch.nn import functional
from transformers import AttentionInterface, AttentionMaskInterface

NAME: Final = "growing_states"
NARROW_ROWS: Final = 16  # up to here a step rounds as if its rows came one by one
STATE_BLOCK: Final = 64  # states are read in whole blocks: equal shapes round alike


def attend(query: torch.Tensor, key: torch.Tensor, value: torch.Tensor, seen: torch.Tensor, scaling: float) -> torch.Tensor:
    """Attend to what each row sees, bool `[rows, states]`; batch 1.

    `query` is `[1, heads, rows, head_dim]`; `key` and `value` are `[1, groups, states, head_dim]`, zeros at their end.
    Gives the shape of `query`.
    """
    if query.shape[2] <= NARROW_ROWS:
        return _attend_narrow(query * scaling, key[0], value[0], seen)
    return functional.scaled_dot_product_attention(
        query, key, value, attn_mask=seen, scale=scaling, enable_gqa=query.shape[1] != key.shape[1]
    )


def visible(positions: torch.Tensor, num_states: int, sliding_window: int | None = None) -> torch.Tensor:
    """Tell which states the rows at `positions` see, bool `[rows, states]`."""
    distance = positions[:, None] - torch.arange(num_states)
    return distance >= 0 if sliding_window is None else (distance >= 0) & (distance < sliding_window)


def _attend_narrow(query: torch.Tensor, key: torch.Tensor, value: torch.Tensor, seen: torch.Tensor) -> torch.Tensor:
    groups, num_states, head_dim = key.shape
    scores = torch.bmm(query.reshape(groups, -1, head_dim), key.transpose(1, 2)).float()
    scores = scores.view(groups, -1, len(seen), num_states).masked_fill_(~seen, -torch.inf)
    weights = scores.softmax(-1).to(value.dtype).view(groups, -1, num_states)
    return torch.bmm(weights, value).view(query.shape)


def _attend_in_transformers(  # noqa: PLR0917 - the signature is that of transformers
    _module: Any,
    query: torch.Tensor,
    key: torch.Tensor,
    value: torch.Tensor,
    _attention_mask: None,
    scaling: float,
    position_ids: torch.Tensor,
    sliding_window: int | None = None,
    **_: Any,
) -> tuple[torch.Tensor, None]:
    """Attend from the rows at `position_ids` `[1, rows]`; gives `[1, rows, heads, head_dim]`."""
    seen = visible(position_ids[0], key.shape[2], sliding_window)
    return attend(query, key, value, seen, scaling).transpose(1, 2).contiguous(), None


def _no_mask(*_: Any, **__: Any) -> None:
    """Spare transformers the mask: it is made from the positions."""


AttentionInterface.register(NAME, _attend_in_transformers)
AttentionMaskInterface.register(NAME, _no_mask)
