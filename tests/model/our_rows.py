"""Transformers' modules on our arithmetic of single rows, to compare all else with them bit for bit."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch

from jupyter_oci.model.rowwise import Norm, Product, gated


def with_our_rows(model: Any) -> Any:
    """Have transformers' modules do what is done to single rows as we do it, which a compiler rounds otherwise than torch."""

    def normed(module: Any) -> Callable[[torch.Tensor], torch.Tensor]:
        norm = Norm(module.weight, module.variance_epsilon)
        return lambda x: norm.of_sum(torch.zeros_like(x[0]), Product(x[0]), as_codes=False)[None]

    def unit(gate: torch.Tensor) -> torch.Tensor:
        return gated(Product(torch.cat((gate[0], torch.ones_like(gate[0])), dim=-1)), as_codes=False)[None]

    for layer in model.model.layers:
        layer.input_layernorm.forward = normed(layer.input_layernorm)
        layer.post_attention_layernorm.forward = normed(layer.post_attention_layernorm)
        layer.mlp.act_fn.forward = unit
    model.model.norm.forward = normed(model.model.norm)
    return model
