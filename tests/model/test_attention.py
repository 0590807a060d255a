from __future__ import annotations

import pytest
import torch
from torch.nn import functional

from jupyter_oci.model.attention import NARROW_ROWS, Rows, attend, whole_blocks

HEADS, GROUPS, DIM = 6, 2, 32


@pytest.mark.parametrize("sliding_window", [None, 40])
@pytest.mark.parametrize(("start", "end"), [(0, 1), (100, 101), (60, 76), (0, 300), (250, 600)])
def test_rows_see_themselves_and_what_is_before_them(start: int, end: int, sliding_window: int | None) -> None:
    generator = torch.Generator().manual_seed(0)
    query, key, value = (
        torch.randn(1, heads, rows, DIM, generator=generator).bfloat16()
        for heads, rows in ((HEADS, end - start), (GROUPS, end), (GROUPS, end))
    )
    distance = torch.arange(start, end)[:, None] - torch.arange(end)
    seen = (distance >= 0) & (distance < (sliding_window or end))
    expected = functional.scaled_dot_product_attention(
        query.float(), key.float(), value.float(), attn_mask=seen, scale=0.2, enable_gqa=True
    )
    zeros = torch.zeros(1, GROUPS, whole_blocks(end) - end, DIM).bfloat16()
    keys, values = torch.cat((key, zeros), dim=2).mT.contiguous(), torch.cat((value, zeros), dim=2)
    attended = attend(query, keys, values, Rows(start, end, sliding_window), 0.2)
    torch.testing.assert_close(attended.float(), expected, rtol=0.02, atol=0.02)


@pytest.mark.parametrize(("heads", "groups", "head_dim"), [(14, 2, 64), (12, 2, 128), (16, 16, 128)])
@pytest.mark.parametrize("start", [5, 60, 250, 1015, 3000])
def test_in_a_narrow_step_a_row_comes_out_as_if_it_came_alone(heads: int, groups: int, head_dim: int, start: int) -> None:
    generator = torch.Generator().manual_seed(start)
    end = start + NARROW_ROWS
    query = torch.randn(1, heads, NARROW_ROWS, head_dim, generator=generator).bfloat16()
    keys = torch.zeros(1, groups, head_dim, whole_blocks(end)).bfloat16()
    values = keys.mT.clone()
    keys[..., :end] = torch.randn(1, groups, head_dim, end, generator=generator)
    values[..., :end, :] = torch.randn(1, groups, end, head_dim, generator=generator)
    together = attend(query, keys, values, Rows(start, end), 0.1)
    for row in range(NARROW_ROWS):
        alone = Rows(start + row, start + row + 1)
        assert torch.equal(attend(query[:, :, row : row + 1], keys, values, alone, 0.1), together[:, :, row : row + 1])
