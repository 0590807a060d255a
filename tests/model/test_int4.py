from __future__ import annotations

import pytest
import torch
from dequantized import dequantized
from torch import nn

from jupyter_oci.model import int4
from jupyter_oci.model.attention import NARROW_ROWS
from jupyter_oci.model.int4 import can_quantize, quantize
from jupyter_oci.model.simd import GROUP
from jupyter_oci.model.team import team


@pytest.fixture
def weight() -> torch.Tensor:
    return torch.randn(192, 256, generator=torch.Generator().manual_seed(0))


def test_values_on_a_4_bit_grid_come_back_exactly() -> None:
    codes = torch.randint(0, 16, (64, 4, GROUP), generator=torch.Generator().manual_seed(0))
    codes[:, 0, :2] = torch.tensor([0, 15])
    codes[:, 1] = codes[:, 1].clamp(1, 14)
    grid = (codes.float() * 0.25 - 1).flatten(1)
    assert torch.equal(dequantized(quantize(grid)), grid)


def test_the_error_stays_within_half_a_step(weight: torch.Tensor) -> None:
    groups = weight.view(192, -1, GROUP)
    step = (groups.amax(-1) - groups.amin(-1)) / 15
    error = (dequantized(quantize(weight)) - weight).view_as(groups).abs()
    assert (error.mean(-1) < 0.3 * step).all()
    assert (error.amax(-1) < 1.6 * step).all()


@pytest.fixture(params=["team", "torch"], autouse=True)
def _kernel(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    if request.param == "torch":
        monkeypatch.setattr(int4, "team", lambda: None)
    elif team() is None:
        pytest.skip("this CPU has no team")


def test_the_kernel_computes_with_the_dequantised_values(weight: torch.Tensor) -> None:
    quantized = quantize(weight)
    product = quantized.linear(None)(torch.eye(256, dtype=torch.bfloat16)).T.float()
    torch.testing.assert_close(product, dequantized(quantized), rtol=2**-8, atol=1e-3)


def test_great_inputs_coarsen_those_of_their_own_group_alone(weight: torch.Tensor) -> None:
    weight[:, GROUP : 2 * GROUP] = 0
    quantized, x = quantize(weight), torch.randn(5, 256, generator=torch.Generator().manual_seed(1)).bfloat16()
    x[:, GROUP : 2 * GROUP] *= 1000
    exact = x.float() @ dequantized(quantized).T
    torch.testing.assert_close(quantized.linear(None)(x).float(), exact, rtol=0.02, atol=0.3)


def test_a_row_is_rounded_alike_in_narrow_steps_of_any_width(weight: torch.Tensor) -> None:
    linear = quantize(weight).linear(None)
    x = torch.randn(NARROW_ROWS, 256).to(torch.bfloat16)
    assert torch.equal(linear(x), torch.cat([linear(row[None]) for row in x]))


def test_constant_and_zero_groups_survive() -> None:
    weight = torch.zeros(64, 64)
    weight[1] = 0.5
    torch.testing.assert_close(dequantized(quantize(weight)), weight, rtol=0.01, atol=1e-6)


def test_shapes_that_the_kernel_does_not_take_are_left_alone() -> None:
    assert can_quantize(nn.Linear(64, 128))
    assert not can_quantize(nn.Linear(64, 100))
    assert not can_quantize(nn.Linear(40, 128))
