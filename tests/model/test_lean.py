from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from our_rows import with_our_rows
from tiny_models import EACH_FORM, save_tiny

from jupyter_oci.model import attention, int4, lean, prepared_weights, quantize, rowwise
from jupyter_oci.model.attention import NARROW_ROWS
from jupyter_oci.model.checkpoint import Checkpoint
from jupyter_oci.model.forward import Forward, forward_of
from jupyter_oci.model.lean import LeanForward
from jupyter_oci.model.modules import TransformersForward, modules_of
from jupyter_oci.model.prefix_cache import KeyValues
from jupyter_oci.model.prepared import load_prepared, prepare
from jupyter_oci.model.prepared_weights import PreparedWeights
from jupyter_oci.model.quantize import OwnBits
from jupyter_oci.model.team import team

LLAMA3 = {"rope_type": "llama3", "rope_theta": 1e4, "factor": 8.0, "low_freq_factor": 1.0, "high_freq_factor": 4.0}
LLAMA3["original_max_position_embeddings"] = 64
DYNAMIC = {"rope_type": "dynamic", "rope_theta": 1e4, "factor": 2.0}


@pytest.fixture(params=["team", "torch"])
def computed_by(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    if request.param == "torch":
        for module in (attention, int4, lean, prepared_weights, quantize, rowwise):
            monkeypatch.setattr(module, "team", lambda: None)
    elif team() is None:
        pytest.skip("this CPU has no team")
    return str(request.param)


def prepared(place: Path, kind: str, bits: OwnBits, **sizes: Any) -> Path:
    return prepare(Checkpoint.find(save_tiny(place / "model", kind, **sizes)), place, lambda *_: None, bits)


def logits_of(forward: Forward, steps: list[int]) -> list[torch.Tensor]:
    generator = torch.Generator().manual_seed(4)
    states = KeyValues.empty(2)
    with torch.inference_mode():
        return [forward(torch.randint(0, 250, (rows,), generator=generator), states, min(rows, 5)) for rows in steps]


@pytest.mark.parametrize("bits", EACH_FORM)
@pytest.mark.parametrize(
    ("kind", "sizes"),
    [
        ("qwen2", {}),
        ("llama", {}),
        ("llama", {"attention_bias": True, "mlp_bias": True, "tie_word_embeddings": True}),
        ("llama", {"num_key_value_heads": 4, "rope_parameters": LLAMA3}),
        ("mistral", {"sliding_window": None}),
    ],
)
def test_the_lean_forward_gives_the_logits_of_transformers_bit_for_bit(
    tmp_path: Path, kind: str, sizes: dict[str, Any], bits: OwnBits, computed_by: str
) -> None:
    folder = prepared(tmp_path, kind, bits, **sizes)
    models = [modules_of(PreparedWeights(folder, bits), folder), load_prepared(folder, bits)]
    for model in models:
        model.precision.bits = bits
    slow = with_our_rows(models[0]) if computed_by == "team" else models[0]
    forwards = TransformersForward(slow, lambda: None), LeanForward(models[1], lambda: None)
    steps = [300, 1, 1, NARROW_ROWS, 70, 1, 900, 3]
    for expected, given in zip(*(logits_of(forward, steps) for forward in forwards), strict=True):
        assert torch.equal(expected, given)


@pytest.mark.parametrize(
    ("kind", "sizes"),
    [
        ("llama", {"rope_parameters": DYNAMIC}),
        ("llama", {"hidden_act": "gelu"}),
        ("llama", {"intermediate_size": 100}),
        ("mistral", {"sliding_window": 32}),
        ("qwen3", {}),
        ("qwen2", {"use_sliding_window": True, "sliding_window": 32, "max_window_layers": 1}),
    ],
)
def test_what_the_lean_forward_does_not_know_is_left_to_transformers(tmp_path: Path, kind: str, sizes: dict[str, Any]) -> None:
    model = load_prepared(prepared(tmp_path, kind, 4, **sizes), 4)
    assert isinstance(forward_of(model, lambda: None), TransformersForward)


def test_each_layer_asks_first(tmp_path: Path) -> None:
    calls: list[None] = []
    forward = forward_of(load_prepared(prepared(tmp_path, "llama", 4), 4), lambda: calls.append(None))
    logits_of(forward, [5, 1])
    assert len(calls) == 4


@pytest.mark.parametrize("bits", EACH_FORM)
@pytest.mark.parametrize("kind_of", [LeanForward, TransformersForward])
def test_a_step_of_which_nothing_is_kept_leaves_the_same_states(
    tmp_path: Path, kind_of: Callable[..., Forward], bits: OwnBits
) -> None:
    folder = prepared(tmp_path, "qwen2", bits)
    lean = kind_of is LeanForward
    model = load_prepared(folder, bits) if lean else modules_of(PreparedWeights(folder, bits), folder)
    model.precision.bits = bits
    forward, states, tokens = kind_of(model, lambda: None), [KeyValues.empty(2) for _ in range(2)], torch.arange(100)
    with torch.inference_mode():
        assert forward(tokens, states[0], 0).shape == (0, 320)
        assert len(forward(tokens, states[1], 1)) == 1
        for left, right in zip(states[0].growing, states[1].growing, strict=True):
            assert left.length == 100
            assert torch.equal(left.keys, right.keys)
            assert torch.equal(left.values, right.values)
