"""How far a GGUF file stretches a model's rotations for longer texts, which transformers passes over in silence."""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy
from pathlib import Path
from typing import Any, Final

import gguf
import torch
from transformers.modeling_rope_utils import ROPE_INIT_FUNCTIONS

from ..errors import ModelLoadError

_KINDS: Final = ("linear", "yarn")
_NAMES: Final = {
    "factor": "factor",
    "original_context_length": "original_max_position_embeddings",
    "yarn_beta_fast": "beta_fast",
    "yarn_beta_slow": "beta_slow",
}
# Files have what comes of it, a divisor for each frequency; the greatest is the factor.
_LLAMA3: Final = {
    "rope_type": "llama3",
    "low_freq_factor": 1.0,
    "high_freq_factor": 4.0,
    "original_max_position_embeddings": 8192,
}


def rotations(path: Path, config: Any) -> dict[str, Any]:
    """Give `config.rope_parameters` with what the file at `path` says of the scaling.

    Raises:
        ModelLoadError: it is of a kind that is not computed here.
    """
    reader = gguf.GGUFReader(path)
    scaling = _described(reader)
    divisors = next((tensor.data for tensor in reader.tensors if tensor.name == "rope_freqs.weight"), None)
    if divisors is not None and (divisors != 1).any():
        scaling = _as_llama3(torch.tensor(divisors), config)
    return {**config.rope_parameters, **scaling}


def _described(reader: gguf.GGUFReader) -> dict[str, Any]:
    prefix = f"{_value(reader, 'general.architecture')}.rope."
    found = {ours: _value(reader, f"{prefix}scaling.{theirs}") for theirs, ours in _NAMES.items()}
    found["factor"] = found["factor"] or _value(reader, f"{prefix}scale_linear")  # the name of before
    if not found["factor"] or found["factor"] == 1:
        return {}
    kind = _value(reader, f"{prefix}scaling.type") or "linear"
    if kind == "none":
        return {}
    if kind not in _KINDS:
        raise _refused(kind)
    return {"rope_type": kind, **{name: value for name, value in found.items() if value is not None}}


def _as_llama3(divisors: torch.Tensor, config: Any) -> dict[str, Any]:
    scaling = {**_LLAMA3, "factor": divisors.max().item()}
    expected = _frequencies(config, {"rope_type": "linear", "factor": 1.0}) / divisors
    if not torch.allclose(_frequencies(config, scaling), expected):
        raise _refused("given by divisors that are not Llama 3's")
    return scaling


def _frequencies(config: Any, scaling: Mapping[str, Any]) -> torch.Tensor:
    scaled = deepcopy(config)
    scaled.rope_parameters = {**config.rope_parameters, **scaling}
    frequencies: torch.Tensor = ROPE_INIT_FUNCTIONS[scaling["rope_type"]](scaled)[0]
    return frequencies


def _value(reader: gguf.GGUFReader, key: str) -> Any:
    field = reader.get_field(key)
    return None if field is None else field.contents()


def _refused(kind: str) -> ModelLoadError:
    return ModelLoadError(
        f"The positions of this GGUF file are scaled in a way not known here ({kind}); take the model's safetensors instead."
    )
