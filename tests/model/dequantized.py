"""What quantised weights stand for, by their definition."""

from __future__ import annotations

import torch

from jupyter_oci.model.int4 import Int4Weight
from jupyter_oci.model.int8 import Int8Weight
from jupyter_oci.model.simd import GROUP


def dequantized(weight: Int4Weight | Int8Weight) -> torch.Tensor:
    """Give the matrix, fp32 `[out, in]`."""
    if isinstance(weight, Int8Weight):
        return weight.codes * weight.scales[:, None]
    scales, zeros = (
        each.transpose(1, 2).flatten(0, 1).float().repeat_interleave(GROUP, dim=1) for each in weight.scales_and_zeros.unbind(2)
    )
    return (weight.plain_codes().float() - 8) * scales + zeros
