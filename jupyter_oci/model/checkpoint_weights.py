"""The weights in a model's files one by one, by the names in transformers' modules: each is read when asked for, as bf16."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Final

import gguf
import numpy as np
import torch
from safetensors import safe_open

_AT_ONCE: Final = 1 << 20  # weights dequantised at a time: float32 copies of a whole matrix would be the peak of the memory
_COMPUTED: Final = re.compile(r"rotary_emb\.inv_freq$")  # in files of old, and no weight
_AS_LLAMA: Final = {"mistral": "llama"}  # GGUF has one name for both


@dataclass(frozen=True, slots=True)
class Stored:
    """A tensor in a file: its shape, and what reads it as bf16."""

    shape: tuple[int, ...]
    read: Callable[[], torch.Tensor]


def in_safetensors(files: Iterable[Path]) -> dict[str, Stored]:
    """Look at the headers of files; gives their tensors by name."""
    found: dict[str, Stored] = {}
    for path in files:
        with safe_open(path, framework="pt") as file:
            for name in file.keys():  # noqa: SIM118 - it is no mapping
                found[name] = Stored(tuple(file.get_slice(name).get_shape()), partial(_read_safetensors, path, name))
    return found


def in_gguf(path: Path, config: Any, names: Iterable[str]) -> dict[str, Stored]:
    """Look at the header of a file; gives those of its tensors that have one of the `names`."""
    there = {tensor.name: tensor for tensor in gguf.GGUFReader(path).tensors}
    architectures = {name: number for number, name in gguf.MODEL_ARCH_NAMES.items()}
    architecture = architectures[_AS_LLAMA.get(config.model_type, config.model_type)]
    known = gguf.get_tensor_name_map(architecture, config.num_hidden_layers)
    found: dict[str, Stored] = {}
    for name in names:
        tensor = there.get(known.get_name(name, (".weight", ".bias")) or "")
        if tensor is not None:
            heads = _turned_heads(name, config) if architecture == gguf.MODEL_ARCH.LLAMA else None
            found[name] = Stored(tuple(map(int, reversed(tensor.shape))), partial(_read_gguf, path, tensor, heads))
    return found


def stands_for(expected: Mapping[str, torch.Tensor], found: Collection[str]) -> dict[str, tuple[str, ...]]:
    """Give the names of a model's state that each name in a file fills: all of a tied tensor, where the file has but one."""
    tied: dict[int, list[str]] = {}
    for name, tensor in expected.items():
        tied.setdefault(id(tensor), []).append(name)
    filled: dict[str, tuple[str, ...]] = {}
    for names in tied.values():
        there = [name for name in names if name in found]
        filled |= {there[0]: tuple(names)} if len(there) == 1 else {name: (name,) for name in there}
    return filled


def unfit(expected: Mapping[str, torch.Tensor], found: Mapping[str, Stored]) -> dict[str, set[str]]:
    """Give the names at which a file and a model's state do not fit, by what is wrong there, in the words of transformers."""
    filled = {name for names in stands_for(expected, found).values() for name in names}
    return {
        "missing_keys": set(expected) - filled,
        "mismatched_keys": {name for name in expected if name in found and found[name].shape != expected[name].shape},
        "unexpected_keys": {name for name in found if name not in expected and not _COMPUTED.search(name)},
    }


def _read_safetensors(path: Path, name: str) -> torch.Tensor:
    with safe_open(path, framework="pt") as file:  # opened for each: what was read stays mapped as long as it is open
        tensor: torch.Tensor = file.get_tensor(name)
    return tensor.to(torch.bfloat16)


def _read_gguf(path: Path, tensor: gguf.ReaderTensor, heads: int | None) -> torch.Tensor:
    """Read what is mapped without its map, whose pages would count as memory as long as the file is open."""
    packed = np.fromfile(path, tensor.data.dtype, tensor.data.size, offset=tensor.data_offset)
    packed = packed.reshape(-1, tensor.data.shape[-1])
    weights = torch.empty(len(packed), int(tensor.shape[0]), dtype=torch.bfloat16)
    rows = max(1, _AT_ONCE // weights.shape[1])
    for start in range(0, len(packed), rows):
        part = slice(start, start + rows)
        weights[part] = torch.from_numpy(gguf.dequantize(packed[part], tensor.tensor_type))
    weights = weights.view(*map(int, reversed(tensor.shape)))
    return weights if heads is None else weights.view(heads, -1, 2, *weights.shape[1:]).transpose(1, 2).reshape(weights.shape)


def _turned_heads(name: str, config: Any) -> int | None:
    """Count the heads of a matrix whose rows that rotate together lie side by side in a GGUF file; None: it is none of them."""
    if ".q_proj." in name:
        return int(config.num_attention_heads)
    return int(config.num_key_value_heads) if ".k_proj." in name else None
