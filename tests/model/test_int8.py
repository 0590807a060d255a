from __future__ import annotations

import pytest
import torch
from dequantized import dequantized

from jupyter_oci.model import int8, int8_order, rowwise
from jupyter_oci.model.int8 import quantize
from jupyter_oci.model.team import team

pytestmark = pytest.mark.skipif(not int8.is_exact(), reason="no exact 8-bit kernel for this CPU")


def drawn(*shape: int, seed: int = 0) -> torch.Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed))


@pytest.fixture(params=["team", "torch"], autouse=True)
def _around_the_product(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    if request.param == "torch":
        monkeypatch.setattr(rowwise, "team", lambda: None)
    elif team() is None:
        pytest.skip("this CPU has no team")


def test_a_weight_comes_back_within_half_a_step() -> None:
    weight = drawn(192, 250) * torch.logspace(-6, 3, 192)[:, None]
    step = weight.abs().amax(-1, keepdim=True) / 127
    assert ((dequantized(quantize(weight)) - weight).abs() <= 0.501 * step).all()


def test_values_on_the_grid_are_multiplied_as_integers() -> None:
    codes = torch.randint(-127, 128, (70, 300), generator=torch.Generator().manual_seed(1)).float()
    rows = torch.randint(-127, 128, (5, 300), generator=torch.Generator().manual_seed(2)).float()
    codes[:, 0] = rows[:, 0] = 127
    linear = quantize(codes / 4).linear(None)
    assert torch.equal(linear(rows.bfloat16()), (rows @ codes.T / 4).bfloat16())


@pytest.mark.parametrize("features", [(1152, 896), (64, 40), (100, 4864)])
def test_a_row_is_rounded_alike_in_steps_of_any_width(features: tuple[int, int]) -> None:
    linear = quantize(drawn(*features)).linear(drawn(features[0]).bfloat16())
    x = (drawn(300, features[1]) * torch.logspace(-20, 3, 300)[:, None]).bfloat16()
    together = linear(x)
    for rows in (1, 2, 3, 5, 16, 17, 33, 128):
        assert torch.equal(linear(x[:rows]), together[:rows])
    assert torch.equal(torch.cat([linear(row[None]) for row in x]), together)


def test_it_is_close_to_the_product_of_the_original_values() -> None:
    weight, bias, x = drawn(192, 256), drawn(192), drawn(60, 256, seed=3).bfloat16()
    product = quantize(weight).linear(bias)(x)
    expected = x.float() @ weight.T + bias
    assert product.shape == (60, 192)
    assert product.dtype == torch.bfloat16
    assert (product - expected).norm() < 0.02 * expected.norm()


def test_rows_and_weights_of_zeros_give_the_bias_alone() -> None:
    bias = drawn(64).bfloat16()
    linear = quantize(torch.zeros(64, 64)).linear(bias)
    assert torch.equal(linear(drawn(2, 64).bfloat16()), bias.expand(2, -1))
    assert torch.equal(quantize(drawn(64, 64)).linear(bias)(torch.zeros(2, 64, dtype=torch.bfloat16)), bias.expand(2, -1))


def test_values_that_are_no_numbers_do_not_vanish() -> None:
    x = torch.ones(2, 64, dtype=torch.bfloat16)
    x[1, 3] = torch.nan
    finite = quantize(drawn(64, 64)).linear(None)(x).isfinite()
    assert finite[0].all()
    assert not finite[1].any()


@pytest.mark.parametrize("saturated", [-2000.0, 0.5])
def test_a_kernel_that_loses_something_is_not_taken(monkeypatch: pytest.MonkeyPatch, saturated: float) -> None:
    exact = int8._multiply
    monkeypatch.setattr(int8, "_multiply", lambda *arguments: exact(*arguments) + saturated)
    assert not int8.is_exact()


def test_a_torch_without_the_kernel_is_no_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(*_: object) -> torch.Tensor:
        raise RuntimeError("no kernel")

    monkeypatch.setattr(int8, "_multiply", missing)
    assert not int8.is_exact()


@pytest.mark.parametrize("features", [(192, 128), (64, 4864), (100, 128), (128, 40)])
def test_the_order_of_the_kernel_is_that_of_its_own_reordering(features: tuple[int, int]) -> None:
    first, second = (
        torch.randint(-127, 128, features, generator=torch.Generator().manual_seed(seed)).to(torch.int8) for seed in (1, 2)
    )
    kept, ordered = int8_order.in_kernel_order(first), int8_order.in_kernel_order(second)
    expected = torch.ops.onednn.qlinear_prepack(second, None)
    assert kept.shape == ordered.shape
    assert torch.equal(int8_order._bytes_of(ordered), int8_order._bytes_of(expected))


def test_a_matrix_whose_bytes_would_come_out_otherwise_is_left_to_the_kernel(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(int8_order, "_write", lambda _, room: room.zero_())
    codes = torch.randint(-127, 128, (320, 128), dtype=torch.int8)
    for _ in range(2):
        ordered = int8_order.in_kernel_order(codes)
    assert torch.equal(int8_order._bytes_of(ordered), int8_order._bytes_of(torch.ops.onednn.qlinear_prepack(codes, None)))
