"""One layer of a Llama-like model, and what a step gives it to compute."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch

from .attention import Rows, attend
from .prefix_cache import KeyValues, head_dim
from .prepared_weights import PreparedWeights
from .rowwise import Norm, Product, Rotation, gated, rotated, rounded


@dataclass(frozen=True, slots=True)
class Part:
    """The rows of a step that belong to one sequence: where they are, what they see, their angles, and the sequence's states."""

    rows: slice
    seen: Rows
    rotation: Rotation
    states: KeyValues


class Layer:
    """Attention and feed-forward of the `index`th layer."""

    def __init__(self, weights: PreparedWeights, config: Any, index: int) -> None:
        attention, mlp = f"model.layers.{index}.self_attn", f"model.layers.{index}.mlp"
        self.index = index
        self.heads = config.num_attention_heads, config.num_key_value_heads
        self.head_dim = head_dim(config)
        self.scaling = self.head_dim**-0.5
        self.before_attention, self.before_mlp = (
            Norm(weights.tensor(f"model.layers.{index}.{name}_layernorm.weight"), config.rms_norm_eps)
            for name in ("input", "post_attention")
        )
        self.qkv = weights.linear(*(f"{attention}.{name}_proj" for name in "qkv"))
        self.gate_up = weights.linear(f"{mlp}.gate_proj", f"{mlp}.up_proj")
        self.output, self.down = weights.linear(f"{attention}.o_proj"), weights.linear(f"{mlp}.down_proj")

    def __call__(self, x: torch.Tensor, product: Product, parts: Sequence[Part]) -> Product:
        """Give what the layer adds to `x`, `[rows, hidden]`; to that it adds the `product` of the layer before, in place."""
        in_8, queries = self.qkv.takes_codes, self.append(x, product, parts)
        attended = [self._attended(query, part) for query, part in zip(queries, parts, strict=True)]
        output = self._product_of_attended(attended[0] if len(parts) == 1 else torch.cat(attended), in_8)
        gate_up = self.gate_up.product(self.before_mlp.of_sum(x, output, as_codes=in_8))
        return self.down.product(gated(gate_up, as_codes=in_8))

    def append(self, x: torch.Tensor, product: Product, parts: Sequence[Part]) -> list[torch.Tensor]:
        """Append the keys and values of the rows to the states; give the queries of each part, `[rows, heads, head_dim]`."""
        heads = self.qkv.product(self.before_attention.of_sum(x, product, as_codes=self.qkv.takes_codes))
        return [rotated(heads.of_rows(part.rows), part.rotation, part.states.growing[self.index], self.heads) for part in parts]

    def _attended(self, query: torch.Tensor, part: Part) -> torch.Tensor:
        states = part.states.growing[self.index].seen()
        return attend(query.transpose(0, 1)[None], *states, part.seen, self.scaling)[0].transpose(0, 1)

    def _product_of_attended(self, attended: torch.Tensor, in_8: bool) -> Product:
        rows = attended.reshape(len(attended), -1)
        return self.output.product(rounded(rows) if in_8 else rows)
