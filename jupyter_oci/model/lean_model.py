"""The parts of a Llama-like model, read without the modules of transformers, whose import takes longer than the reading."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Final

import torch
from torch import nn
from torch.nn import functional

from .cores import one_at_a_time_a_thread
from .int4 import can_quantize
from .lean_layer import Layer
from .prepared_weights import HEAD, PreparedWeights
from .quantize import Precision
from .rowwise import Norm

FREQUENCIES: Final = "rotary_emb.inv_freq"  # of the rotations; kept with the weights of models that can be read so
_FAMILIES: Final = ("llama", "mistral", "qwen2")
_FIXED_ROTATIONS: Final = ("default", "linear", "llama3")  # others change with the length of the sequence
_EMBED, _NORM = "model.embed_tokens.weight", "model.norm.weight"


@dataclass(frozen=True, slots=True)
class LeanModel:
    """`embed` is bf16 `[vocabulary, hidden]`, `frequencies` float32 `[head_dim / 2]`; `head` gives the logits of normed rows."""

    config: Any
    precision: Precision
    embed: torch.Tensor
    layers: list[Layer]
    norm: Norm
    head: Callable[[torch.Tensor], torch.Tensor]
    frequencies: torch.Tensor


def is_lean(model: Any) -> bool:
    """Tell whether a model of transformers' modules can be computed without them."""
    config = model.config
    if config.model_type not in _FAMILIES or config.hidden_act != "silu":
        return False
    plain = set(getattr(config, "layer_types", None) or ()) <= {"full_attention"}
    plain = plain and getattr(config, "sliding_window", None) is None
    fixed = config.rope_parameters["rope_type"] in _FIXED_ROTATIONS
    linears = (module for module in model.get_decoder().modules() if isinstance(module, nn.Linear))
    return plain and fixed and all(map(can_quantize, linears))


def frequencies_of(model: Any) -> torch.Tensor:
    """Give the frequencies of its rotations, as they are before any weights are loaded."""
    frequencies: torch.Tensor = type(model.get_decoder().rotary_emb)(model.config).inv_freq
    return frequencies


def lean_model(weights: PreparedWeights, folder: Path) -> LeanModel:
    """Read the model whose configuration is in `folder`.

    Raises:
        DamagedWeights: they are not what was written.
    """
    config = SimpleNamespace(**json.loads((folder / "config.json").read_text("utf-8")))
    with one_at_a_time_a_thread() as pool:
        embed, head = pool.submit(weights.tensor, _EMBED), pool.submit(_head, weights)
        layers = list(pool.map(partial(Layer, weights, config), range(config.num_hidden_layers)))
    norm = Norm(weights.tensor(_NORM), config.rms_norm_eps)
    return LeanModel(config, weights.precision, embed.result(), layers, norm, head.result(), weights.tensor(FREQUENCIES))


def _head(weights: PreparedWeights) -> Callable[[torch.Tensor], torch.Tensor]:
    if f"{HEAD}.weight" in weights:  # its vocabulary is of no size that can be quantised
        return partial(functional.linear, weight=weights.tensor(f"{HEAD}.weight"))
    return weights.linear(HEAD)
