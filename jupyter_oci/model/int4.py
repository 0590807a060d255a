"""Weight-only 4-bit linears for the CPU: the smallest form, on any CPU."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import torch
from torch import nn

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

    def linear(self, bias: torch.Tensor | None) -> Int4Linear:
        """Make a layer of it, with the codes in the order in which this CPU's kernel reads them."""
        packed = torch.empty_like(self.codes)
        for rows in _row_blocks(packed):
            packed[rows] = torch.ops.aten._convert_weight_to_int4pack_for_cpu(_unpacked(self.codes[rows]).int(), 1)
        return Int4Linear(packed, self.scales_and_zeros.clone(), bias)


def can_quantize(linear: nn.Linear) -> bool:
    """Tell whether the kernel takes this shape."""
    return linear.out_features % _OUT_MULTIPLE == 0 and linear.in_features % GROUP == 0


def quantize(weight: torch.Tensor) -> Int4Weight:
    """Quantise a finite `[out, in]` matrix, group by group with the range of least squared error."""
    codes, scales_and_zeros = zip(*(_quantize_rows(weight[rows]) for rows in _row_blocks(weight)), strict=True)
    return Int4Weight(torch.cat(codes), torch.cat(scales_and_zeros).transpose(0, 1).contiguous())


class Int4Linear(nn.Module):
    """A linear layer with 4-bit weights. Its kernel treats each row as if it were alone."""

    def __init__(self, packed: torch.Tensor, scales_and_zeros: torch.Tensor, bias: torch.Tensor | None) -> None:
        super().__init__()
        self.out_features, self.in_features = packed.shape[0], 2 * packed.shape[1]
        self.packed = packed
        self.scales_and_zeros = scales_and_zeros
        self.bias = bias

    @classmethod
    def fused(cls, linears: Sequence[Int4Linear]) -> Int4Linear:
        """Make one layer that gives what `linears` do, side by side; all of them have a bias, or none."""
        biases = [linear.bias for linear in linears if linear.bias is not None]
        return cls(
            torch.cat([linear.packed for linear in linears]),
            torch.cat([linear.scales_and_zeros for linear in linears], dim=1),
            torch.cat(biases) if biases else None,
        )

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Multiply bf16 `[..., in]` into bf16 `[..., out]`."""
        rows = x.reshape(-1, self.in_features)
        y: torch.Tensor = torch.ops.aten._weight_int4pack_mm_for_cpu(rows, self.packed, GROUP, self.scales_and_zeros)
        y = y if self.bias is None else y + self.bias
        return y.view(*x.shape[:-1], self.out_features)


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
