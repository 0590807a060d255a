"""Weight-only 4-bit linears for the CPU, and the wide path that computes with the very same values."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import torch
from torch import nn
from torch.nn import functional

from .attention import NARROW_ROWS

GROUP = 32  # weights that share a scale and a zero
_OUT_MULTIPLE = 64  # rows that the kernel packs together
_LEVELS = (15, 14, 13, 12, 11)  # steps tried between a group's extremes
_SHRINK = (0.95, 0.9)  # ranges tried that clip a group's extremes
_BLOCK = 1 << 16  # weights worked on at a time: what comes in between stays in the CPU's cache


@dataclass(frozen=True, slots=True)
class Int4Weight:
    """A quantised `[out, in]` matrix: `weight = (code - 8) * scale + zero` in groups of `GROUP` along `in`.

    `codes` is uint8 `[out, in // 2]`, the even column in the low half; `scales_and_zeros` is bf16 `[in // GROUP, out, 2]`.
    """

    codes: torch.Tensor
    scales_and_zeros: torch.Tensor

    def dequantized(self) -> torch.Tensor:
        """Give the weights that the int4 kernel computes with, bf16 `[out, in]`."""
        weight = torch.empty(self.codes.shape[0], 2 * self.codes.shape[1], dtype=torch.bfloat16)
        grids = self.scales_and_zeros.transpose(0, 1).float().unsqueeze(-1)
        for rows in _row_blocks(weight):
            scales, zeros = grids[rows].unbind(2)
            steps = _unpacked(self.codes[rows]).float().sub_(8).view(*scales.shape[:2], GROUP)
            weight[rows] = torch.addcmul(zeros, steps, scales).flatten(1)
        return weight

    def packed(self) -> torch.Tensor:
        """Give the codes in the order in which this CPU's kernel reads them, uint8 `[out, in // 2]`."""
        packed = torch.empty_like(self.codes)
        for rows in _row_blocks(packed):
            packed[rows] = torch.ops.aten._convert_weight_to_int4pack_for_cpu(_unpacked(self.codes[rows]).int(), 1)
        return packed


def can_quantize(linear: nn.Linear) -> bool:
    """Tell whether the kernel takes this shape."""
    return linear.out_features % _OUT_MULTIPLE == 0 and linear.in_features % GROUP == 0


def quantize(weight: torch.Tensor) -> Int4Weight:
    """Quantise a finite `[out, in]` matrix, group by group with the range of least squared error."""
    codes, scales_and_zeros = zip(*(_quantize_rows(weight[rows]) for rows in _row_blocks(weight)), strict=True)
    return Int4Weight(torch.cat(codes), torch.cat(scales_and_zeros).transpose(0, 1).contiguous())


class Int4Linear(nn.Module):
    """A linear layer with 4-bit weights; over `NARROW_ROWS` rows it multiplies the de-quantised values, if it has them.

    The int4 kernel treats each row as if it were alone, a matmul rounds by the number of rows.
    """

    def __init__(
        self, packed: torch.Tensor, scales_and_zeros: torch.Tensor, wide: torch.Tensor | None, bias: torch.Tensor | None
    ) -> None:
        super().__init__()
        self.out_features, self.in_features = packed.shape[0], 2 * packed.shape[1]
        self.packed = packed
        self.scales_and_zeros = scales_and_zeros
        self.wide = wide
        self.bias = bias

    @classmethod
    def of(cls, weight: Int4Weight, bias: torch.Tensor | None, *, wide: bool) -> Int4Linear:
        """Make a layer of `weight`; `wide` keeps the de-quantised values too."""
        return cls(weight.packed(), weight.scales_and_zeros, weight.dequantized() if wide else None, bias)

    @classmethod
    def fused(cls, linears: Sequence[Int4Linear]) -> Int4Linear:
        """Make one layer that gives what `linears` do, side by side; all of them have a bias, or none."""
        wides = [linear.wide for linear in linears if linear.wide is not None]
        biases = [linear.bias for linear in linears if linear.bias is not None]
        return cls(
            torch.cat([linear.packed for linear in linears]),
            torch.cat([linear.scales_and_zeros for linear in linears], dim=1),
            torch.cat(wides) if wides else None,
            torch.cat(biases) if biases else None,
        )

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Multiply bf16 `[..., in]` into bf16 `[..., out]`."""
        rows = x.reshape(-1, self.in_features)
        if self.wide is not None and rows.shape[0] > NARROW_ROWS:
            return functional.linear(x, self.wide, self.bias)
        y: torch.Tensor = torch.ops.aten._weight_int4pack_mm_for_cpu(rows, self.packed, GROUP, self.scales_and_zeros)
        y = y if self.bias is None else y + self.bias
        return y.view(*x.shape[:-1], self.out_features)


def linears(model: nn.Module) -> Iterator[tuple[str, nn.Linear]]:
    """Yield the name of each linear layer that can be quantised, and the layer."""
    for name, module in list(model.named_modules()):
        if isinstance(module, nn.Linear) and can_quantize(module):
            yield name, module


def wide_path_pays(rows: int = 128, features: int = 1024) -> bool:
    """Measure whether this CPU multiplies bf16 matrices faster than the int4 kernel does; takes well under a second."""
    linear = Int4Linear.of(quantize(torch.randn(features, features)), None, wide=True)
    x = torch.randn(rows, features, dtype=torch.bfloat16)
    wide = _fastest(lambda: linear(x))
    linear.wide = None
    return wide < 0.8 * _fastest(lambda: linear(x))


def _quantize_rows(weight: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """Quantise `[rows, in]`; give the packed codes and the scales and zeros, `[rows, in // GROUP, 2]`."""
    groups = weight.float().view(weight.shape[0], -1, GROUP)
    low, high = groups.aminmax(dim=-1, keepdim=True)
    best = _coded(groups, low, (high - low) / 15)
    for steps in _LEVELS[1:]:
        best = _better(best, _coded(groups, low, (high - low) / steps))
    for share in _SHRINK:
        margin = (high - low) * (1 - share) / 2
        best = _better(best, _coded(groups, low + margin, (high - low) * share / 15))
    codes, scales, zeros, _ = best
    pairs = codes.to(torch.uint8).view(weight.shape[0], -1, 2)
    return pairs[..., 0] | pairs[..., 1] << 4, torch.cat((scales, zeros), dim=-1).to(torch.bfloat16)


def _unpacked(codes: torch.Tensor) -> torch.Tensor:
    return torch.stack((codes & 15, codes >> 4), dim=-1).flatten(1)


def _row_blocks(matrix: torch.Tensor) -> Iterator[slice]:
    """Yield slices of about `_BLOCK` elements, whole multiples of the rows that the kernel packs together."""
    size = max(1, _BLOCK // matrix.shape[1] // _OUT_MULTIPLE) * _OUT_MULTIPLE
    return (slice(start, start + size) for start in range(0, matrix.shape[0], size))


_Coded = tuple[torch.Tensor, torch.Tensor, torch.Tensor, torch.Tensor]


def _coded(groups: torch.Tensor, low: torch.Tensor, step: torch.Tensor) -> _Coded:
    """Round to the grid that starts at `low`; give codes, scale, zero (both as bf16 holds them) and squared error."""
    scale = step.clamp_min(1e-8).to(torch.bfloat16).float()
    zero = (low + 8 * scale).to(torch.bfloat16).float()
    codes = ((groups - zero) / scale + 8).round_().clamp_(0, 15)
    error = torch.addcmul(zero - groups, codes - 8, scale).square_().sum(-1, keepdim=True)
    return codes, scale, zero, error


def _better(left: _Coded, right: _Coded) -> _Coded:
    chosen = right[3] < left[3]
    codes, scale, zero, error = (torch.where(chosen, new, old) for old, new in zip(left, right, strict=True))
    return codes, scale, zero, error


def _fastest(call: Callable[[], object], repeats: int = 5) -> float:
    call()
    times = []
    for _ in range(repeats):
        start = time.perf_counter()
        call()
        times.append(time.perf_counter() - start)
    return min(times)
