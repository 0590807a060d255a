"""8-bit linears for the CPU: sums of integers, which are exact, and so the same for one row as for many.

A weight has a scale for each output, an activation one for each row, as in LLM.int8() (Dettmers et al., NeurIPS 2022) without
its outliers. Closer to the original weights than 4 bits, and several rows cost little more than one.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch

from .int8_order import in_kernel_order
from .rowwise import LEVELS, ZERO, Codes, Product, plain, rounded

_BLOCK = 1 << 20  # weights quantised at a time: fp32 copies of a whole matrix would be the peak of the memory
_TINY = 1e-30  # keeps the scale of an output of zeros finite


@dataclass(frozen=True, slots=True)
class Int8Weight:
    """A quantised `[out, in]` matrix, `weight = code * scale`: codes are int8 of its shape, scales fp32 `[out]`."""

    codes: torch.Tensor
    scales: torch.Tensor

    def linear(self, bias: torch.Tensor | None) -> Int8Linear:
        """Make a layer of it."""
        return Int8Linear(self, bias)


def quantize(weight: torch.Tensor) -> Int8Weight:
    """Quantise a finite `[out, in]` matrix, row by row."""
    quantized = Int8Weight(torch.empty(weight.shape, dtype=torch.int8), torch.empty(len(weight)))
    size = max(1, _BLOCK // weight.shape[1])
    for rows in (slice(start, start + size) for start in range(0, len(weight), size)):
        quantized.codes[rows], quantized.scales[rows] = _quantize_rows(weight[rows])
    return quantized


class Int8Linear:
    """A linear layer with 8-bit weights and activations. At its first product the codes are in the order of this CPU's kernel."""

    def __init__(self, weight: Int8Weight, bias: torch.Tensor | None) -> None:
        self.out_features, self.in_features = weight.codes.shape
        self.bias = None if bias is None else bias.float()
        self._weight: Int8Weight | None = weight
        self._packed = torch.empty(0)
        self._kernel_scales = weight.scales / LEVELS  # the rest of a row's scale is its greatest value
        self._kernel_zeros = torch.zeros(self.out_features, dtype=torch.int64)

    def prepare(self) -> None:
        """Put the codes into the kernel's order now."""
        if self._weight is not None:
            self._packed, self._weight = in_kernel_order(self._weight.codes), None

    def __call__(self, rows: torch.Tensor) -> torch.Tensor:
        """Multiply bf16 `[rows, in]` into bf16 `[rows, out]`."""
        return plain(self.product(rounded(rows)))

    def product(self, inputs: Codes) -> Product:
        """Multiply rows by the weights, and leave their scales and the bias to what reads the product."""
        self.prepare()
        sums = _multiply(inputs.values, self._packed, self._kernel_scales, self._kernel_zeros)
        return Product(sums, inputs.greatest, self.bias)


def _quantize_rows(weight: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    wide = weight.float()
    scales = wide.abs().amax(-1, keepdim=True).clamp_min_(_TINY) / LEVELS
    return (wide / scales).round_().to(torch.int8), scales.squeeze(-1)


def is_exact() -> bool:
    """Tell whether this CPU's kernel adds up the largest products without a loss; one that saturates on the way does not."""
    codes = torch.full((64, 256), LEVELS, dtype=torch.int8)
    codes[32:] = -LEVELS
    rows = torch.full((33, 256), 2 * LEVELS + 1, dtype=torch.uint8)
    rows[::2] = 1
    expected = (rows.double() - ZERO) @ codes.double().T
    ones, zeros = torch.ones(64), torch.zeros(64, dtype=torch.int64)
    try:
        packed = torch.ops.onednn.qlinear_prepack(codes, None)
        return all(
            torch.equal(_multiply(part, packed, ones, zeros).double(), wanted)
            for part, wanted in ((rows, expected), (rows[:1], expected[:1]))
        )
    except (AttributeError, RuntimeError):  # a torch without this kernel
        return False


def _multiply(codes: torch.Tensor, packed: torch.Tensor, scales: torch.Tensor, zeros: torch.Tensor) -> torch.Tensor:
    """Multiply uint8 `[rows, in]` into fp32 `[rows, out]`."""
    product: torch.Tensor = torch.ops.onednn.qlinear_pointwise(
        codes, 1.0, ZERO, packed, scales, zeros, None, 1.0, 0, torch.float32, "none", [], ""
    )
    return product
