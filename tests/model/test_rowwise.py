"""What the team does to rows is what torch does to them, but for the last bit."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import torch

from jupyter_oci.model import rowwise
from jupyter_oci.model.prefix_cache import GrowingLayer
from jupyter_oci.model.rowwise import Codes, Norm, Product, gated, plain, rotated, rounded
from jupyter_oci.model.team import team

pytestmark = pytest.mark.skipif(team() is None, reason="this CPU has no team")


def drawn(*shape: int, seed: int = 0) -> torch.Tensor:
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed))


def products(num_rows: int, width: int) -> list[Product]:
    values, greatest, bias = drawn(num_rows, width), drawn(num_rows, 1, seed=1).abs() + 0.1, drawn(width, seed=2)
    return [
        Product(values.bfloat16()),
        Product(values.bfloat16(), None, bias),
        Product(values, greatest),
        Product(values, greatest, bias),
    ]


def by_both(monkeypatch: pytest.MonkeyPatch, compute: Callable[[], Any]) -> tuple[Any, Any]:
    ours = compute()
    monkeypatch.setattr(rowwise, "team", lambda: None)
    return ours, compute()


def same(ours: Any, torchs: Any) -> None:
    """Hold bf16 to its last bit or two, and codes to one step."""
    if isinstance(ours, Codes):
        assert (ours.values.int() - torchs.values.int()).abs().max() <= 1
        torch.testing.assert_close(ours.greatest, torchs.greatest, rtol=0.01, atol=0)
    else:
        torch.testing.assert_close(ours.float(), torchs.float(), rtol=0.01, atol=1e-6)


@pytest.fixture(params=range(4), ids=["bf16", "bf16 and bias", "sums", "sums and bias"])
def kind(request: pytest.FixtureRequest) -> int:
    return int(request.param)


@pytest.fixture(params=[1, 37])
def num_rows(request: pytest.FixtureRequest) -> int:
    return int(request.param)


@pytest.mark.parametrize("as_codes", [False, True])
def test_a_product_is_added_and_the_sum_normalised(
    monkeypatch: pytest.MonkeyPatch, kind: int, num_rows: int, as_codes: bool
) -> None:
    norm = Norm(drawn(96, seed=3).bfloat16(), 1e-6)
    kept = [drawn(num_rows, 96, seed=4).bfloat16() for _ in range(2)]
    waiting = iter(kept)
    product = products(num_rows, 96)[kind]
    same(*by_both(monkeypatch, lambda: norm.of_sum(next(waiting), product, as_codes=as_codes)))
    assert torch.equal(*kept)


@pytest.mark.parametrize("as_codes", [False, True])
def test_the_half_that_gates_is_a_sigmoid_linear_unit(
    monkeypatch: pytest.MonkeyPatch, kind: int, num_rows: int, as_codes: bool
) -> None:
    product = products(num_rows, 2 * 160)[kind]
    same(*by_both(monkeypatch, lambda: gated(product, as_codes=as_codes)))


def test_the_unit_holds_from_the_least_number_to_the_greatest(monkeypatch: pytest.MonkeyPatch) -> None:
    gates = torch.cat((torch.linspace(-200, 200, 4001), torch.tensor([-3e38, -1e-30, 0.0, 1e-30, 3e38])))[None].bfloat16()
    same(*by_both(monkeypatch, lambda: gated(Product(torch.cat((gates, torch.ones_like(gates)), dim=-1)), as_codes=False)))


def test_a_product_is_scaled_and_its_bias_added(monkeypatch: pytest.MonkeyPatch, kind: int, num_rows: int) -> None:
    product = products(num_rows, 250)[kind]
    ours, torchs = by_both(monkeypatch, lambda: plain(product))
    assert torch.equal(ours, torchs)


def test_rows_are_rounded_to_codes(monkeypatch: pytest.MonkeyPatch, num_rows: int) -> None:
    rows = (drawn(num_rows, 250) * 1000).bfloat16()
    ours, torchs = by_both(monkeypatch, lambda: rounded(rows))
    same(ours, torchs)
    restored = (ours.values.float() - 128) / 127 * ours.greatest
    assert ((restored - rows).abs() <= 0.51 / 127 * ours.greatest).all()


def test_rows_that_do_not_lie_together_are_kept_until_they_are_read() -> None:
    rows = drawn(6144, 4096).bfloat16()
    scattered, expected = rounded(rows.t()), rounded(rows.t().contiguous())
    assert torch.equal(scattered.values, expected.values)


@pytest.mark.parametrize("heads", [(6, 2), (4, 4)])
def test_heads_are_turned_and_appended_to_the_states(
    monkeypatch: pytest.MonkeyPatch, kind: int, num_rows: int, heads: tuple[int, int]
) -> None:
    head_dim, (num_heads, num_groups) = 16, heads
    width = (num_heads + 2 * num_groups) * head_dim
    rotation = drawn(num_rows, 1, head_dim, seed=5).bfloat16(), drawn(num_rows, 1, head_dim, seed=6).bfloat16()
    states = GrowingLayer(), GrowingLayer()
    waiting = iter(states)
    for _ in range(2):
        product = products(num_rows, width)[kind]
        copies = iter([Product(product.values.clone(), product.greatest, product.bias) for _ in range(2)])
        with monkeypatch.context() as patched:
            ours, torchs = by_both(patched, lambda: rotated(next(copies), rotation, next(waiting), heads))  # noqa: B023
        assert torch.equal(ours, torchs)
        waiting = iter(states)
    for left, right in zip(states[0].seen(), states[1].seen(), strict=True):
        assert states[0].length == 2 * num_rows
        assert torch.equal(left, right)


@pytest.mark.parametrize("place", [0, 200])
def test_what_is_no_number_stays_none(place: int) -> None:
    values = drawn(2, 320).bfloat16()
    values[1, place] = torch.nan
    norm = Norm(torch.ones(320).bfloat16(), 1e-6)
    normal = norm.of_sum(torch.zeros(2, 320).bfloat16(), Product(values), as_codes=False)
    gate = gated(Product(values), as_codes=False)
    codes = rounded(values)
    assert isinstance(normal, torch.Tensor)
    assert isinstance(gate, torch.Tensor)
    assert (
        normal.isnan().any(1).tolist() == gate.isnan().any(1).tolist() == codes.greatest.isnan()[:, 0].tolist() == [False, True]
    )
