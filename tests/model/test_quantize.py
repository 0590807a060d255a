"""Which bits the CPU computes with."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest
import torch
from dequantized import dequantized
from torch import nn

from jupyter_oci.model import int8, quantize
from jupyter_oci.model.quantize import FORMS, OwnBits, Precision, QuantizedLinear, best_bits, linears
from jupyter_oci.model.team import team
from jupyter_oci.model.weights_file import WeightsFile
from jupyter_oci.model.weights_writer import WeightsWriter


@pytest.fixture
def afresh() -> Iterator[None]:
    best_bits.cache_clear()
    yield
    best_bits.cache_clear()


@pytest.mark.usefixtures("afresh")
@pytest.mark.parametrize(
    ("exact", "seconds", "bits"),
    [
        (True, {8: 1.0, 4: 3.0}, 8),
        (True, {8: 1.0, 4: 0.9}, 8),
        (True, {8: 3.0, 4: 1.0}, 4),
        (False, {8: 1.0, 4: 3.0}, 4),
    ],
)
def test_8_bits_are_taken_where_they_are_exact_and_fast(
    monkeypatch: pytest.MonkeyPatch, exact: bool, seconds: dict[int, float], bits: int
) -> None:
    monkeypatch.setattr(int8, "is_exact", lambda: exact)
    _clocked(monkeypatch, seconds, busy=range(0))
    assert best_bits() == bits


@pytest.mark.usefixtures("afresh")
@pytest.mark.parametrize("first", range(24))
def test_what_else_the_machine_does_meanwhile_does_not_decide_it(monkeypatch: pytest.MonkeyPatch, first: int) -> None:
    monkeypatch.setattr(int8, "is_exact", lambda: True)
    _clocked(monkeypatch, {8: 1.0, 4: 2.5}, busy=range(first, first + 16))
    assert best_bits() == 8


def _clocked(monkeypatch: pytest.MonkeyPatch, seconds: dict[int, float], busy: range) -> None:
    """Let a step take so many seconds by the clock, and twenty times as many for the steps in `busy`."""
    passed = [0.0]

    def step(bits: int) -> None:
        passed.append(passed[-1] + seconds[bits] * (20 if len(passed) - 1 in busy else 1))

    monkeypatch.setattr(quantize, "_step", lambda bits: partial(step, bits))
    monkeypatch.setattr(quantize.time, "perf_counter", lambda: passed[-1])


def test_weights_are_kept_by_their_names_and_read_as_one(tmp_path: Path) -> None:
    weights = torch.randn(64, 32), torch.randn(192, 32)
    for form in FORMS.values():
        with WeightsWriter(tmp_path / form.file, 4) as writer:
            for name, tensor in (form.state("a.b", weights[0]) | form.state("c", weights[1])).items():
                writer.add(name, tensor)
        file = WeightsFile(tmp_path / form.file, writer.checksums)
        read = form.read(file, ["c", "a.b"])
        expected = [dequantized(form.quantize(weight)) for weight in reversed(weights)]
        assert torch.equal(dequantized(read), torch.cat(expected))


@pytest.mark.skipif(not int8.is_exact(), reason="no exact 8-bit kernel for this CPU")
def test_layers_compute_with_the_bits_that_they_share() -> None:
    weight, x, precision = torch.randn(64, 32), torch.randn(2, 32).bfloat16(), Precision()
    both = QuantizedLinear(FORMS[4].quantize(weight).linear(None), FORMS[8].quantize(weight).linear(None), precision)
    only4 = QuantizedLinear(both.linear4, None, precision)
    in4 = both(x)
    precision.bits = 8
    assert not torch.equal(both(x), in4)
    assert torch.equal(both(x), both.linear8(x))
    assert torch.equal(only4(x), in4)
    precision.bits = 4
    assert torch.equal(both(x), in4)


def test_layers_that_a_kernel_does_not_take_are_left_alone() -> None:
    model = nn.Sequential(nn.Linear(64, 128), nn.Linear(128, 100), nn.LayerNorm(100))
    assert [name for name, _ in linears(model)] == ["0"]


@pytest.mark.parametrize(
    ("bits", "has_8", "num_rows", "by_team"),
    [
        (4, True, 1, True),
        (4, True, 16, True),
        (4, True, 17, False),
        (8, True, 1, False),
        (8, True, 500, False),
        (8, False, 500, True),
    ],
)
def test_narrow_steps_in_4_bits_are_the_teams_and_all_of_a_model_that_has_no_others(
    bits: OwnBits, has_8: bool, num_rows: int, by_team: bool
) -> None:
    assert Precision(bits, has_8).by_team(num_rows) == (by_team and team() is not None)
