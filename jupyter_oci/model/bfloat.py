"""bf16 in compiled functions, which know it as the upper half of a float32's bits."""

from __future__ import annotations

from typing import Any

import numpy as np

from .compiled_code import compiled
from .simd import as_bits, as_float


@compiled
def float_of(bfloat: Any) -> Any:
    """Give the float32 of 16 bits."""
    return as_float(np.uint32(bfloat) << np.uint32(16))


@compiled
def bfloat_of(number: Any) -> Any:
    """Round a float32 to the nearest bf16, of two to the even one; give its 16 bits."""
    bits = as_bits(number)
    odd = (bits >> np.uint32(16)) & np.uint32(1)
    return np.uint16((bits + np.uint32(0x7FFF) + odd) >> np.uint32(16))
