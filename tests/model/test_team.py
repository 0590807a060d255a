"""A team's threads give what one thread gives, and one thread gives what torch does in float32."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from dequantized import dequantized
from torch.nn import functional

from jupyter_oci.model.int4 import Int4Weight, quantize
from jupyter_oci.model.team import States, Team, team

pytestmark = pytest.mark.skipif(team() is None, reason="this CPU has no team")


@pytest.fixture(scope="module")
def crowd() -> Team:
    made = Team()
    made.set_num_threads(4)
    return made


@pytest.fixture(scope="module")
def alone() -> Team:
    return Team()


def random(*shape: int, seed: int = 0) -> torch.Tensor:
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed)).bfloat16()


def multiplied(team: Team, inputs: torch.Tensor, weight: Int4Weight) -> torch.Tensor:
    outputs = torch.empty(len(inputs), 16 * len(weight.codes), dtype=torch.bfloat16)
    team.run(team.product(inputs, weight.codes, weight.scales_and_zeros, outputs))
    return outputs


def attended(team: Team, query: torch.Tensor, states: States, first: int, window: int) -> torch.Tensor:
    outputs = torch.empty_like(query)
    team.run(team.attention(query, states, outputs, first, window, 0.2))
    return outputs


def weight_of(num_outputs: int, num_inputs: int) -> Int4Weight:
    return quantize(random(num_outputs, num_inputs).float())


@pytest.mark.parametrize("num_rows", [1, 3, 4, 16, 150])
@pytest.mark.parametrize(("num_outputs", "num_inputs"), [(64, 32), (192, 896), (1152, 4864)])
def test_a_product_is_that_of_the_dequantised_weights(crowd: Team, num_rows: int, num_outputs: int, num_inputs: int) -> None:
    weight, inputs = weight_of(num_outputs, num_inputs), random(num_rows, num_inputs, seed=1)
    product = multiplied(crowd, inputs, weight).float()
    exact = inputs.float() @ dequantized(weight).T
    assert (product - exact).norm() < 0.01 * exact.norm()


def test_thousands_of_operations_shared_by_more_threads_than_cores_are_those_of_one_thread(crowd: Team, alone: Team) -> None:
    weights = [weight_of(64 * size, 128) for size in range(1, 6)]
    query, states = random(2, 6, 64), (random(2, 64, 128), random(2, 128, 64))
    exact = attended(alone, query, states, 100, 1000)
    for number in range(3000):
        weight, inputs = weights[number % 5], random(1 + number % 7, 128, seed=number)
        crowd.set_num_threads(1 + number % 4)
        product = multiplied(crowd, inputs, weight)
        assert torch.equal(product, multiplied(alone, inputs, weight))
        assert torch.equal(attended(crowd, query, states, 100, 1000), exact)


@pytest.mark.parametrize("shape", [(14, 2, 64), (12, 2, 128), (16, 16, 128), (4, 1, 16), (8, 1, 80)])
@pytest.mark.parametrize(("first", "window"), [(0, 10_000), (700, 10_000), (700, 100), (63, 64)])
def test_rows_attend_to_their_window(crowd: Team, shape: tuple[int, int, int], first: int, window: int) -> None:
    (heads, groups, head_dim), num_rows, num_states = shape, 3, 768
    query = random(num_rows, heads, head_dim)
    key, value = (random(groups, num_states, head_dim, seed=seed) for seed in (1, 2))
    result = attended(crowd, query, (key.mT.contiguous(), value), first, window)
    distance = torch.arange(first, first + num_rows)[:, None] - torch.arange(num_states)
    seen = (distance >= 0) & (distance < window)
    exact = functional.scaled_dot_product_attention(
        query.transpose(0, 1)[None].float(), key[None].float(), value[None].float(), attn_mask=seen, scale=0.2, enable_gqa=True
    )
    torch.testing.assert_close(result.transpose(0, 1).float(), exact[0], rtol=0.01, atol=0.01)


def test_what_is_no_number_stays_none(crowd: Team) -> None:
    weight, inputs = weight_of(64, 64), random(2, 64)
    inputs[1, 5] = torch.nan
    product = multiplied(crowd, inputs, weight)
    assert product[0].isfinite().all()
    assert product[1].isnan().all()


_ON_A_LESSER_CPU = """
import json, sys
from llvmlite import binding
lacking, features = json.loads(sys.argv[1]), binding.get_host_cpu_features()
for name in features:
    features[name] = features[name] and not any(part in name for part in lacking)
binding.get_host_cpu_features = lambda: features
import torch
from jupyter_oci.model.int4 import quantize
from jupyter_oci.model.team import team
weight = quantize(torch.randn(192, 256, generator=torch.Generator().manual_seed(0)))
inputs = torch.randn(7, 256, generator=torch.Generator().manual_seed(1)).bfloat16()
compiled = team()
if compiled is None:
    print(json.dumps([None, None]))
    sys.exit()
product = torch.empty(7, 192, dtype=torch.bfloat16)
states = torch.randn(2, 64, 64, generator=torch.Generator().manual_seed(2)).bfloat16()
query = states[:, :14].transpose(0, 1).contiguous()
attended = torch.empty_like(query)
compiled.run(compiled.product(inputs, weight.codes, weight.scales_and_zeros, product))
compiled.run(compiled.attention(query, (states, states), attended, 50, 99, 0.1))
print(json.dumps([product.float().tolist(), attended.float().tolist()]))
"""


def test_older_cpus_give_the_same_with_other_instructions_and_very_old_ones_have_no_team(tmp_path: Path) -> None:
    def given(*lacking: str) -> list[object]:
        command = [sys.executable, "-c", _ON_A_LESSER_CPU, json.dumps(lacking)]
        environment = {**os.environ, "XDG_CACHE_HOME": str(tmp_path)}
        told: list[object] = json.loads(subprocess.run(command, env=environment, capture_output=True, check=True).stdout)
        return told

    product, attended = given()
    for lacking in (["vnni"], ["avx512"], ["avx512", "vnni"]):
        other_product, other_attended = given(*lacking)
        assert other_product == product, lacking
        torch.testing.assert_close(torch.tensor(other_attended), torch.tensor(attended), rtol=0.01, atol=1e-3)
    assert given("avx") == [None, None]
