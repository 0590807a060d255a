"""The 4-bit grid of a group of weights: of a few, the one with the least squared error."""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from .bfloat import bfloat_of, float_of
from .compiled_code import compiled_with_sums_in_any_order

_LEVELS: Final = (15, 14, 13, 12, 11)  # steps tried between a group's extremes
_SHRINK: Final = (1.0, 0.95, 0.9)  # ranges tried that clip a group's extremes; with all 15 steps, but for the first
_SMALLEST: Final = np.float32(1e-8)  # scale


@compiled_with_sums_in_any_order
def quantize_groups(weights: Any, codes: Any, scales_and_zeros: Any) -> None:
    """Write uint8 `codes` of float32 `weights`, `[groups, n]` both, and bf16 bits, uint16 `[groups, 2]`."""
    for group in range(len(weights)):
        low, high, least = np.min(weights[group]), np.max(weights[group]), np.float32(np.inf)
        best_scale = best_zero = np.float32(0)
        for share in _SHRINK:
            for levels in _LEVELS:
                if share < 1 and levels < _LEVELS[0]:
                    break
                margin = (high - low) * np.float32((1 - share) / 2)
                scale = float_of(bfloat_of(max((high - low) * np.float32(share / levels), _SMALLEST)))
                zero = float_of(bfloat_of(low + margin + np.float32(8) * scale))
                error = np.float32(0)
                for index in range(weights.shape[1]):
                    code = _code(weights[group, index], scale, zero)
                    error += (zero + (code - np.float32(8)) * scale - weights[group, index]) ** 2
                if error < least:
                    least, best_scale, best_zero = error, scale, zero
        for index in range(weights.shape[1]):
            codes[group, index] = np.uint8(_code(weights[group, index], best_scale, best_zero))
        scales_and_zeros[group, 0] = bfloat_of(best_scale)
        scales_and_zeros[group, 1] = bfloat_of(best_zero)


@compiled_with_sums_in_any_order
def _code(weight: Any, scale: Any, zero: Any) -> Any:
    return min(max(np.rint((weight - zero) / scale + np.float32(8)), np.float32(0)), np.float32(15))
