"""What quantised weights stand for, by their definition."""

from __future__ import annotations

import torch

from jupyter_oci.model.int4 import GROUP, Int4Weight
from jupyter_oci.model.int8 import Int8Weight


def dequantized(weight: Int4Weight | Int8Weight) -> torch.Tensor:
    """Give the matrix, fp32 `[out, in]`; in 4 bits rounded to bf16, as the kernel does."""
    if isinstance(weight, Int8Weight):
        return weight.codes * weight.scales[:, None]
    codes = torch.stack((weight.codes & 15, weight.codes >> 4), dim=-1).flatten(1)
    scales, zeros = (each.T.float().repeat_interleave(GROUP, dim=1) for each in weight.scales_and_zeros.unbind(-1))
    return ((codes.float() - 8) * scales + zeros).bfloat16().float()
