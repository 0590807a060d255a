"""What is done to the rows of a step between two products: by a `Team` in one go, or by torch where there is none.

A product comes as its kernel leaves it, and what is made of it as the next one's kernel takes it.
"""

from __future__ import annotations

from typing import Final, NamedTuple, Union

import torch
from torch.nn import functional

from . import row_kernels
from .prefix_cache import GrowingLayer
from .team import Job, Team, team

ZERO: Final = 128  # the code that stands for it: the 8-bit kernel takes unsigned activations
LEVELS: Final = 127  # on either side of it
_TINY: Final = 1e-30  # keeps the scale of a row of zeros finite

Rotation = tuple[torch.Tensor, torch.Tensor]


class Product(NamedTuple):
    """`[rows, out]`: bf16, or float32 that lack a factor, their row's `greatest` `[rows, 1]`; and a bias, float32 `[out]`."""

    values: torch.Tensor
    greatest: torch.Tensor | None = None
    bias: torch.Tensor | None = None

    def of_rows(self, rows: slice) -> Product:
        """Give that of some rows."""
        return Product(self.values[rows], None if self.greatest is None else self.greatest[rows], self.bias)


class Codes(NamedTuple):
    """Rows rounded to uint8 `[rows, in]`, `ZERO` for zero and `LEVELS` steps to the `greatest` of a row, float32 `[rows, 1]`."""

    values: torch.Tensor
    greatest: torch.Tensor


Inputs = Union[torch.Tensor, Codes]  # bf16 `[rows, in]`, or that in 8 bits


class Norm:
    """Root mean square normalisation, rounded where transformers rounds it."""

    def __init__(self, weight: torch.Tensor, epsilon: float) -> None:
        self._weight, self._epsilon = weight.detach(), epsilon
        self._for_team = self._weight.data_ptr(), int(torch.tensor(self._epsilon).view(torch.int32))

    def of_sum(self, kept: torch.Tensor, product: Product, *, as_codes: bool) -> Inputs:
        """Add a product to the bf16 rows that are `kept`, in place; give the norm of the sum."""
        if compiled := team():
            outputs = _outputs(*kept.shape, as_codes=as_codes)
            compiled.run(self.job(compiled, kept, product, outputs))
            return outputs
        wide = kept.add_(plain(product)).float()
        scale = wide.square().mean(-1, keepdim=True).add_(self._epsilon).rsqrt_()
        return _inputs(wide.mul_(scale).to(kept.dtype) * self._weight, as_codes)

    def job(self, compiled: Team, kept: torch.Tensor, product: Product, outputs: Inputs) -> Job:
        """Give the team's job for `of_sum`."""
        return _job(compiled, row_kernels.NORM, product, outputs, kept.data_ptr(), *self._for_team)


def plain(product: Product) -> torch.Tensor:
    """Give a product in bf16."""
    values, greatest, bias = product
    if greatest is None and bias is None:
        return values
    if compiled := team():
        outputs = torch.empty(values.shape, dtype=torch.bfloat16)
        compiled.run(_job(compiled, row_kernels.PLAIN, product, outputs))
        return outputs
    scaled = values if greatest is None else values * greatest
    return (scaled if bias is None else scaled + bias).bfloat16()


def rounded(rows: torch.Tensor) -> Codes:
    """Round bf16 `[rows, in]` to 8 bits."""
    if compiled := team():
        rows = rows.contiguous()
        codes = Codes(torch.empty(rows.shape, dtype=torch.uint8), torch.empty(len(rows), 1))
        compiled.run(_job(compiled, row_kernels.PLAIN, Product(rows), codes))
        return codes
    greatest = rows.abs().amax(-1, keepdim=True).float().clamp_min_(_TINY)
    return Codes((rows * (LEVELS / greatest)).add_(ZERO + 0.5).to(torch.uint8), greatest)


def gated(product: Product, *, as_codes: bool) -> Inputs:
    """Multiply the second half of each row by the sigmoid linear unit of the first."""
    if compiled := team():
        num_rows, num_columns = product.values.shape
        outputs = _outputs(num_rows, num_columns // 2, as_codes=as_codes)
        compiled.run(gate_job(compiled, product, outputs))
        return outputs
    gate, up = plain(product).chunk(2, dim=-1)
    return _inputs(functional.silu(gate) * up, as_codes)


def gate_job(compiled: Team, product: Product, outputs: Inputs) -> Job:
    """Give the team's job for `gated`."""
    return _job(compiled, row_kernels.GATE, product, outputs)


def rotated(product: Product, rotation: Rotation, states: GrowingLayer, heads: tuple[int, int]) -> torch.Tensor:
    """Turn queries and keys by the angles of their positions, and append keys and values to the states.

    `heads` counts those of queries and those of keys and values. `rotation` has cosines and sines, bf16 `[rows, 1, head_dim]`
    each, the sines with the sign that a rotated half takes. The product may be overwritten. Gives the queries, bf16
    `[rows, heads, head_dim]`.
    """
    cosines, sines = rotation
    (num_heads, num_groups), num_rows, head_dim = heads, len(cosines), cosines.shape[-1]
    if compiled := team():
        queries = torch.empty(num_rows, num_heads, head_dim, dtype=torch.bfloat16)
        first = states.extend(num_rows, num_groups, head_dim)
        compiled.run((*rotation_job(compiled, product, rotation, queries, num_groups), *places(states), first))
        return queries
    all_heads = plain(product).view(num_rows, -1, head_dim)
    turning, values = all_heads[:, : num_heads + num_groups], all_heads[:, num_heads + num_groups :]
    left, right = turning.chunk(2, dim=-1)
    turned: torch.Tensor = (turning * cosines).add_(torch.cat((right, left), dim=-1).mul_(sines))
    states.update(*(part.transpose(0, 1)[None] for part in (turned[:, num_heads:], values)))
    return turned[:, :num_heads]


def rotation_job(compiled: Team, product: Product, rotation: Rotation, queries: torch.Tensor, num_groups: int) -> Job:
    """Give the team's job for `rotated` but for its last four numbers: the `places` of the states, and the first position."""
    _, num_heads, head_dim = queries.shape
    angles = [part.data_ptr() for part in rotation]
    return _job(compiled, row_kernels.ROTATION, product, queries, head_dim, num_heads, num_groups, *angles)


def places(states: GrowingLayer) -> tuple[int, int, int]:
    """Give the addresses of keys and values, and for how many states there is room."""
    return states.keys.data_ptr(), states.values.data_ptr(), states.values.shape[-2]


def _job(compiled: Team, operation: int, product: Product, outputs: Inputs, *more: int) -> Job:
    values, greatest = outputs if isinstance(outputs, Codes) else (outputs, None)
    return compiled.rows(operation, product, values, greatest, *more)


def _outputs(num_rows: int, num_columns: int, *, as_codes: bool) -> Inputs:
    """Give room for what is made of rows."""
    if not as_codes:
        return torch.empty(num_rows, num_columns, dtype=torch.bfloat16)
    return Codes(torch.empty(num_rows, num_columns, dtype=torch.uint8), torch.empty(num_rows, 1))


def _inputs(rows: torch.Tensor, as_codes: bool) -> Inputs:
    return rounded(rows) if as_codes else rows
