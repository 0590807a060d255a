"""4-bit linears for the CPU: the smallest form, on any CPU."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import nn

from .int4_grid import quantize_groups
from .rowwise import Product, plain
from .simd import BLOCK, GROUP
from .team import Job, Team, team

_OUT_MULTIPLE = 64  # outputs that torch's kernel packs together
_WEIGHTS = 1 << 20  # quantised at a time: fp32 copies of a whole matrix would be the peak of the memory


@dataclass(frozen=True, slots=True)
class Int4Weight:
    """A quantised `[out, in]` matrix: `weight = (code - 8) * scale + zero` in groups of `GROUP` along `in`.

    `codes` is uint8 `[out // BLOCK, in * BLOCK // 2]`: of each block of outputs and each 8 inputs 64 bytes, 4 to an output, whose
    low halves are the codes of the first 4 inputs. `scales_and_zeros` is bf16 `[out // BLOCK, in // GROUP, 2, BLOCK]`. So a
    `Team` reads them from one end to the other.
    """

    codes: torch.Tensor
    scales_and_zeros: torch.Tensor

    def linear(self, bias: torch.Tensor | None) -> Int4Linear:
        """Make a layer of it."""
        return Int4Linear(self, bias)

    def plain_codes(self) -> torch.Tensor:
        """Give the codes as uint8 `[out, in]`."""
        pieces = self.codes.view(len(self.codes), -1, BLOCK, 4)
        halves = torch.stack((pieces & 15, pieces >> 4), dim=2)  # [blocks, in // 8, 2, BLOCK, 4]
        return halves.permute(0, 3, 1, 2, 4).reshape(len(self.codes) * BLOCK, -1)


def can_quantize(linear: nn.Linear) -> bool:
    """Tell whether the kernel takes this shape."""
    return linear.out_features % _OUT_MULTIPLE == 0 and linear.in_features % GROUP == 0


def quantize(weight: torch.Tensor) -> Int4Weight:
    """Quantise a finite `[out, in]` matrix, group by group with the range of least squared error."""
    num_blocks, num_in = len(weight) // BLOCK, weight.shape[1]
    codes = torch.empty(num_blocks, num_in * BLOCK // 2, dtype=torch.uint8)
    quantized = Int4Weight(codes, torch.empty(num_blocks, num_in // GROUP, 2, BLOCK, dtype=torch.bfloat16))
    size = max(1, _WEIGHTS // num_in // BLOCK)
    for blocks in (slice(start, start + size) for start in range(0, num_blocks, size)):
        rows = weight[blocks.start * BLOCK : blocks.stop * BLOCK]
        quantized.codes[blocks], quantized.scales_and_zeros[blocks] = _quantize_rows(rows)
    return quantized


class Int4Linear:
    """A linear layer with 4-bit weights, each row computed as if it were alone: by a `Team`, or by torch where there is none."""

    def __init__(self, weight: Int4Weight, bias: torch.Tensor | None) -> None:
        self.out_features, self.in_features = len(weight.codes) * BLOCK, weight.codes.shape[1] * 2 // BLOCK
        self.bias = None if bias is None else bias.float()
        self._weight: Int4Weight | None = weight
        self._for_torch: tuple[torch.Tensor, torch.Tensor] | None = None

    def prepare(self) -> None:
        """Put the weights into the order of the kernel that they are for."""
        if self._weight is not None and team() is None:
            self._for_torch, self._weight = _in_torch_order(self._weight), None

    def __call__(self, rows: torch.Tensor) -> torch.Tensor:
        """Multiply bf16 `[rows, in]` into bf16 `[rows, out]`."""
        return plain(self.product(rows))

    def product(self, rows: torch.Tensor) -> Product:
        """Multiply bf16 `[rows, in]` by the weights, and leave the bias to what reads the product."""
        self.prepare()
        if compiled := team():
            rows, outputs = rows.contiguous(), torch.empty(len(rows), self.out_features, dtype=torch.bfloat16)
            compiled.run(self.job(compiled, rows, outputs))
            return Product(outputs, None, self.bias)
        assert self._for_torch is not None
        y: torch.Tensor = torch.ops.aten._weight_int4pack_mm_for_cpu(rows, self._for_torch[0], GROUP, self._for_torch[1])
        return Product(y, None, self.bias)

    def job(self, compiled: Team, rows: torch.Tensor, outputs: torch.Tensor) -> Job:
        """Give the team's job that multiplies bf16 `[rows, in]` into bf16 `[rows, out]`, without the bias."""
        assert self._weight is not None, "it is in the order of torch"
        return compiled.product(rows, self._weight.codes, self._weight.scales_and_zeros, outputs)


def _in_torch_order(weight: Int4Weight) -> tuple[torch.Tensor, torch.Tensor]:
    """Give packed codes, uint8 `[out, in // 2]`, and bf16 scales and zeros, `[in // GROUP, out, 2]`."""
    codes = [
        torch.ops.aten._convert_weight_to_int4pack_for_cpu(Int4Weight(*rows).plain_codes().int(), 1)
        for rows in zip(torch.split(weight.codes, 4), torch.split(weight.scales_and_zeros, 4), strict=True)
    ]
    scales_and_zeros = weight.scales_and_zeros.permute(1, 0, 3, 2).flatten(1, 2)
    return torch.cat(codes), scales_and_zeros.contiguous()


def _quantize_rows(weight: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """Quantise `[outputs, in]`, whole blocks of outputs; give what an `Int4Weight` has of them."""
    groups = weight.float().view(-1, GROUP).numpy()
    codes, kept = np.empty(groups.shape, np.uint8), np.empty((len(groups), 2), np.uint16)
    quantize_groups(groups, codes, kept)
    blocks = weight.shape[0] // BLOCK
    halves = torch.from_numpy(codes).view(blocks, BLOCK, -1, 2, 4).permute(0, 2, 1, 4, 3)  # [blocks, in // 8, BLOCK, 4, 2]
    both = torch.from_numpy(kept.view(np.int16)).view(torch.bfloat16).view(blocks, BLOCK, -1, 2)
    return (halves[..., 0] | halves[..., 1] << 4).reshape(blocks, -1), both.permute(0, 2, 3, 1).contiguous()
