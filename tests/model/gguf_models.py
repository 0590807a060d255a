"""Tiny models as GGUF files, laid out as llama.cpp's converter does it: names, order of heads, several types."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import gguf
import torch
from gguf import GGMLQuantizationType as Type
from tiny_models import MODELS, SIZES
from transformers import Starcoder2Config, Starcoder2ForCausalLM

GGUF_MODELS: dict[str, Any] = {**MODELS, "starcoder2": (Starcoder2Config, Starcoder2ForCausalLM)}
_HEADS = {"llama": 16, "mistral": 16, "qwen2": 16, "qwen3": 128, "starcoder2": 16}  # of the others files do not tell the size
_TYPES = {"token_embd": Type.F16, "ffn_down": Type.Q4_0, "ffn_up": Type.BF16, "attn_q": Type.Q5_1}


def save_gguf(folder: Path, kind: str, without: str = "", **sizes: Any) -> Path:
    """Write a file of a model with random weights, but for tensors that have `without` in their names."""
    config_class, model_class = GGUF_MODELS[kind]
    architecture = "llama" if kind == "mistral" else kind
    torch.manual_seed(0)
    model = model_class(config_class(**SIZES | {"head_dim": _HEADS[kind], "num_key_value_heads": 2} | sizes))
    folder.mkdir(parents=True)
    writer = gguf.GGUFWriter(folder / "model.gguf", architecture)
    _describe(writer, kind, model.config)
    names = gguf.get_tensor_name_map(next(key for key, name in gguf.MODEL_ARCH_NAMES.items() if name == architecture), 2)
    for name, weight in model.state_dict().items():
        their_name = names.get_name(name, (".weight", ".bias"))
        if model.config.tie_word_embeddings and name == "lm_head.weight":
            continue
        if without and without in their_name:
            continue
        heads = {"attn_q": 4, "attn_k": 2}.get(their_name.split(".")[-2]) if architecture == "llama" else None
        array = (weight if heads is None else weight.unflatten(0, (heads, 2, -1)).transpose(1, 2).reshape(weight.shape)).numpy()
        stored_as = _TYPES.get(their_name.split(".")[-2], Type.Q8_0) if weight.dim() == 2 else Type.F32
        writer.add_tensor(their_name, gguf.quantize(array, stored_as), raw_dtype=stored_as)
    writer.add_tensor("rope_freqs.weight", _divisors(model.config).numpy())
    for write in (writer.write_header_to_file, writer.write_kv_data_to_file, writer.write_tensors_to_file, writer.close):
        write()
    return folder


def _describe(writer: gguf.GGUFWriter, kind: str, config: Any) -> None:
    writer.add_name(kind)
    writer.add_block_count(config.num_hidden_layers)
    writer.add_context_length(config.max_position_embeddings)
    writer.add_embedding_length(config.hidden_size)
    writer.add_feed_forward_length(config.intermediate_size)
    writer.add_head_count(config.num_attention_heads)
    writer.add_head_count_kv(config.num_key_value_heads)
    writer.add_layer_norm_rms_eps(1e-6)
    writer.add_layer_norm_eps(1e-5)
    writer.add_rope_dimension_count(_HEADS[kind])
    _describe_rotations(writer, config.rope_parameters)
    writer.add_token_list([f"<{index}>" for index in range(config.vocab_size)])


def _describe_rotations(writer: gguf.GGUFWriter, rope: dict[str, Any]) -> None:
    writer.add_rope_freq_base(rope["rope_theta"])
    if rope["rope_type"] not in ("default", "llama3"):
        writer.add_rope_scaling_type(gguf.RopeScalingType(rope["rope_type"]))
        writer.add_rope_scaling_factor(rope["factor"])
    if rope["rope_type"] == "yarn":
        writer.add_rope_scaling_orig_ctx_len(rope["original_max_position_embeddings"])


def _divisors(config: Any) -> torch.Tensor:
    """Give what Llama 3's scaling divides the frequencies by, in the words of llama.cpp's converter."""
    rope, divisors = config.rope_parameters, torch.ones(8)
    if rope["rope_type"] != "llama3":
        return divisors
    low, high, context = (rope[key] for key in ("low_freq_factor", "high_freq_factor", "original_max_position_embeddings"))
    for index in range(8):
        wavelength = 2 * math.pi * rope["rope_theta"] ** (2 * index / 16)
        smooth = min(max((context / wavelength - low) / (high - low), 0), 1)
        divisors[index] = 1 / ((1 - smooth) / rope["factor"] + smooth)
    return divisors
