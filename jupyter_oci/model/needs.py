"""What a model takes of a machine, by the count of its weights and the size of a token's states. Sizes in bytes."""

from __future__ import annotations

from typing import Literal

Bits = Literal[4, 8, 16]

_BASE = 600_000_000  # the libraries, and the vocabulary
_MAKING = 1_100_000_000  # at the peak of making our own forms: those of the largest weight, and what they are made of
# For each weight at the peak of reading all as bf16; a GGUF file is de-quantised to float32 in between.
_WHOLE = {"safetensors": 3.1, "gguf": 3.75}
_PACKED_4 = 0.66  # in 4 bits, with a scale and a zero for every 32 weights
_PACKED = {4: _PACKED_4 + 0.23, 8: _PACKED_4 + 1.24}  # on disk with 16 bits for embeddings, a large part of small models
_ON_GPU = {16: 2.2, 8: 1.2, 4: 0.75}
_WINDOW = 4096  # tokens that a model must have room for: the shortest window that is worth having
# Of the memory's bandwidth while a token is decoded on the CPU; 0.47 and 0.58 were measured with the two default models.
_SHARE = 0.5


def opening_bytes(num_weights: int, of_token: int) -> int:
    """Give the memory that must be free to open a model's own files: to make our forms of them, and then to load the 4 bits.

    Where there is room for the 8 bits, they are loaded too.
    """
    return max(_BASE + _MAKING, loading_bytes(packed_bytes(num_weights, 4), of_token))


def whole_bytes(num_weights: int, weight_format: Literal["gguf", "safetensors"]) -> int:
    """Give the memory that reading a model's own files as bf16 takes at its peak."""
    return int(_BASE + _WHOLE[weight_format] * num_weights)


def packed_bytes(num_weights: int, bits: Literal[4, 8] = 8) -> int:
    """Give the size of a model in 4 bits, with `bits` of 8 in 8 bits too, on disk and in memory."""
    return int(_PACKED[bits] * num_weights)


def state_bytes(num_layers: int, num_groups: int, head_dim: int) -> int:
    """Give the size of the keys and values of one token, in bf16, where `num_groups` heads have some of their own."""
    return num_layers * num_groups * head_dim * 2 * 2


def states_bytes(of_token: int) -> int:
    """Give the memory for the states that there must be room for, by those of a token (0: not known)."""
    return _WINDOW * of_token


def loading_bytes(packed: int, of_token: int) -> int:
    """Give the memory for quantised weights of this size, which are read into the place where they stay, and for states."""
    return _BASE + packed + states_bytes(of_token)


def gpu_bytes(num_weights: int, bits: Bits, of_token: int) -> int:
    """Give the memory of graphics cards that a model takes with its weights in so many bits, and with states."""
    return int(_ON_GPU[bits] * num_weights + _BASE) + states_bytes(of_token)


def tokens_per_second(num_weights: int, bandwidth: float) -> float:
    """Estimate how fast the CPU writes new code, in 4 bits, from the bytes per second that it reads."""
    return _SHARE * bandwidth / max(_PACKED_4 * num_weights, 1)
