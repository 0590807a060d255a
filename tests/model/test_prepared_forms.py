"""Models are prepared weight by weight: what is written is what the whole model gives, and little is in memory."""

from __future__ import annotations

import weakref
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from family_models import FAMILIES, save_family
from gguf_models import GGUF_MODELS, save_gguf
from safetensors.torch import load_file, save_file
from tiny_models import MODELS, SIZES, save_tiny
from transformers import LlamaConfig, LlamaForCausalLM

from jupyter_oci.errors import ModelLoadError
from jupyter_oci.model.checkpoint import Checkpoint, without_weights
from jupyter_oci.model.lean_model import FREQUENCIES, frequencies_of, is_lean
from jupyter_oci.model.prepared_forms import write_forms
from jupyter_oci.model.quantize import FORMS, linears
from jupyter_oci.model.weights_file import DTYPES, WeightsFile
from jupyter_oci.model.weights_writer import WeightsWriter

BOTH = list(FORMS.values())
LLAMA3 = {"rope_type": "llama3", "low_freq_factor": 1.0, "high_freq_factor": 4.0, "original_max_position_embeddings": 8192}
TIED = {"tie_word_embeddings": True}
SAVED: dict[str, Callable[[Path], Path]] = {
    **{kind: lambda place, kind=kind: save_tiny(place, kind) for kind in MODELS},
    **{family: lambda place, family=family: save_family(place, family) for family in FAMILIES},
    "shards": lambda place: save_family(place, "codellama", max_shard_size="50KB"),
    "tied": lambda place: save_tiny(place, **TIED),
    "tied, odd vocabulary": lambda place: save_tiny(place, vocab_size=300, **TIED),
    "biases": lambda place: save_tiny(place, "llama", attention_bias=True, mlp_bias=True),
    **{f"{kind}.gguf": lambda place, kind=kind: save_gguf(place, kind) for kind in GGUF_MODELS if kind != "mistral"},
    "tied.gguf": lambda place: save_gguf(place, "llama", **TIED),
}


def quiet(detail: str, fraction: float | None) -> None:
    pass


def written(checkpoint: Checkpoint, folder: Path) -> dict[str, torch.Tensor]:
    model = without_weights(checkpoint.config())
    folder.mkdir()
    noted = write_forms(model, checkpoint.weights(model), BOTH, quiet, folder)
    files = [load_file(folder / form.file) for form in BOTH]
    for form, tensors in zip(BOTH, files, strict=True):
        file = WeightsFile(folder / form.file, noted[form.file])
        assert all(torch.equal(file.tensor(name), tensor) for name, tensor in tensors.items()), "also as its checksums say"
    return files[0] | {f"8: {name}": tensor for name, tensor in files[1].items()}


def of_the_whole(checkpoint: Checkpoint) -> dict[str, torch.Tensor]:
    """Have transformers read the model, and quantise its layers."""
    model = checkpoint.model(checkpoint.config())
    layers = {f"{name}.weight": layer for name, layer in linears(model)}
    rest = {name: tensor for name, tensor in model.state_dict().items() if name not in layers}
    for prefix, form in zip(("", "8: "), BOTH, strict=True):
        for name, layer in layers.items():
            of_layer = form.state(name.removesuffix(".weight"), layer.weight.detach())
            rest |= {prefix + each: tensor for each, tensor in of_layer.items()}
    return rest | ({FREQUENCIES: frequencies_of(model)} if is_lean(model) else {})


@pytest.mark.parametrize("kind", SAVED)
def test_what_is_written_is_what_the_whole_model_gives(tmp_path: Path, kind: str) -> None:
    checkpoint = Checkpoint.find(SAVED[kind](tmp_path / "model"))
    given, expected = written(checkpoint, tmp_path / "forms"), of_the_whole(checkpoint)
    assert given.keys() == expected.keys()
    for name, tensor in expected.items():
        assert (given[name].dtype, given[name].shape) == (tensor.dtype, tensor.shape), name
        assert torch.equal(given[name], tensor), name


def test_a_gguf_file_of_mistral_is_read_as_one_of_llama(tmp_path: Path) -> None:
    """Its architecture is called so there; transformers tells it by its name alone, and then knows no names of its tensors."""
    mistral, llama = (Checkpoint.find(save_gguf(tmp_path / kind, kind)) for kind in ("mistral", "llama"))
    assert mistral.config().model_type == "mistral"
    given, expected = written(mistral, tmp_path / "forms"), of_the_whole(llama)
    assert all(torch.equal(given[name], tensor) for name, tensor in expected.items() if name != FREQUENCIES)


@pytest.mark.parametrize(
    "scaling",
    [
        {"rope_type": "linear", "factor": 4.0},
        {"rope_type": "yarn", "factor": 4.0, "original_max_position_embeddings": 512},
        {**LLAMA3, "factor": 32.0},
    ],
    ids=["linear", "yarn", "llama3"],
)
def test_the_rotations_of_a_gguf_file_are_stretched_as_it_says(tmp_path: Path, scaling: dict[str, Any]) -> None:
    checkpoint = Checkpoint.find(save_gguf(tmp_path / "model", "llama", rope_parameters={"rope_theta": 5e5, **scaling}))
    said = LlamaConfig(**SIZES | {"head_dim": 16, "rope_parameters": {"rope_theta": 5e5, **scaling}})
    expected = LlamaForCausalLM(said).model.rotary_emb
    given = checkpoint.model(checkpoint.config()).model.rotary_emb
    assert torch.allclose(given.inv_freq, expected.inv_freq, rtol=1e-5)
    assert given.attention_scaling == expected.attention_scaling
    assert torch.equal(frequencies_of(without_weights(checkpoint.config())), given.inv_freq), "what is kept when it is prepared"


@pytest.mark.parametrize(
    ("scaling", "said"),
    [
        ({"rope_type": "longrope", "short_factor": [1.0] * 8, "long_factor": [2.0] * 8}, "longrope"),
        ({**LLAMA3, "original_max_position_embeddings": 999}, "not Llama 3's"),
    ],
    ids=["kind", "divisors"],
)
def test_rotations_that_are_stretched_in_another_way_are_refused(tmp_path: Path, scaling: dict[str, Any], said: str) -> None:
    rope = {"rope_theta": 5e5, "factor": 4.0, "original_max_position_embeddings": 512, **scaling}
    checkpoint = Checkpoint.find(save_gguf(tmp_path / "model", "llama", rope_parameters=rope))
    with pytest.raises(ModelLoadError, match=f"{said}.*take the model's safetensors"):
        checkpoint.config()


@pytest.mark.parametrize("threads", [1, 3])
@pytest.mark.parametrize("save", [save_tiny, lambda place: save_gguf(place, "llama")], ids=["safetensors", "gguf"])
def test_no_more_weights_are_in_memory_than_there_are_threads(tmp_path: Path, save: Callable[[Path], Path], threads: int) -> None:
    checkpoint, alive, most = Checkpoint.find(save(tmp_path / "model")), weakref.WeakSet[torch.Tensor](), 0

    def counted(read: Callable[[], torch.Tensor]) -> torch.Tensor:
        nonlocal most
        alive.add(weight := read())
        most = max(most, len(alive))
        return weight

    model = without_weights(checkpoint.config())
    weights = checkpoint.weights(model)
    counting = [replace(weight, read=lambda read=weight.read: counted(read)) for weight in weights]
    before = torch.get_num_threads()
    torch.set_num_threads(threads)
    try:
        write_forms(model, counting, BOTH, quiet, tmp_path)
    finally:
        torch.set_num_threads(before)
    assert len(weights) > 20
    assert most <= threads


def test_a_tied_weight_is_read_once(tmp_path: Path) -> None:
    checkpoint = Checkpoint.find(save_tiny(tmp_path / "model", **TIED))
    weights = checkpoint.weights(without_weights(checkpoint.config()))
    assert [weight.names for weight in weights if "lm_head.weight" in weight.names] == [
        ("model.embed_tokens.weight", "lm_head.weight")
    ]


def changed(folder: Path, change: Callable[[dict[str, torch.Tensor]], object]) -> Checkpoint:
    """Change the tensors of a file."""
    file = folder / "model.safetensors"
    change(tensors := load_file(file))
    save_file(tensors, file, {"format": "pt"})
    return Checkpoint.find(folder)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda tensors: tensors.pop("model.norm.weight"), r"\(missing_keys: model\.norm\.weight\)"),
        (lambda tensors: tensors.update(other=torch.ones(2)), r"\(unexpected_keys: other\)"),
        (lambda tensors: tensors.update({"model.norm.weight": torch.ones(65)}), r"mismatched_keys: .*model\.norm\.weight"),
    ],
)
def test_weights_that_do_not_fit_are_named(
    tmp_path: Path, change: Callable[[dict[str, torch.Tensor]], object], said: str
) -> None:
    checkpoint = changed(save_tiny(tmp_path / "model"), change)
    with pytest.raises(ModelLoadError, match=f"{said}.*fetch it again"):
        checkpoint.weights(without_weights(checkpoint.config()))
    with pytest.raises(ModelLoadError, match="fetch it again"):
        checkpoint.model(checkpoint.config())


def test_a_gguf_file_without_a_layer_is_refused(tmp_path: Path) -> None:
    checkpoint = Checkpoint.find(save_gguf(tmp_path / "model", "qwen2", without="blk.1.ffn_up"))
    with pytest.raises(ModelLoadError, match=r"missing_keys: model\.layers\.1\.mlp\.up_proj\.weight\); fetch it again"):
        checkpoint.weights(without_weights(checkpoint.config()))


@pytest.mark.parametrize("head", [0.0, 1.0], ids=["tied", "its own"])
def test_a_head_is_taken_from_a_file_that_has_one(tmp_path: Path, head: float) -> None:
    def with_head(tensors: dict[str, torch.Tensor]) -> None:
        tensors["lm_head.weight"] = tensors["model.embed_tokens.weight"] + head
        tensors["model.layers.0.self_attn.rotary_emb.inv_freq"] = torch.ones(32)  # as files of old have it

    checkpoint = changed(save_tiny(tmp_path / "model", **TIED), with_head)
    given, expected = written(checkpoint, tmp_path / "forms"), of_the_whole(checkpoint)
    assert torch.equal(given["lm_head.codes"], expected["lm_head.codes"])
    assert torch.equal(given["lm_head.scales_and_zeros"], expected["lm_head.scales_and_zeros"])


def test_a_file_that_is_written_one_by_one_can_be_read_by_the_library_and_by_us(tmp_path: Path) -> None:
    tensors: dict[str, Any] = {str(dtype): torch.arange(70).reshape(7, 10).to(dtype) for dtype in DTYPES.values()}
    tensors |= {"turned": torch.arange(6.0).reshape(2, 3).T, "one": torch.tensor(5), "a\n" + "long name" * 9: torch.ones(3)}
    with WeightsWriter(tmp_path / "file", len(tensors)) as writer:
        for name, tensor in tensors.items():
            writer.add(name, tensor)
    file, loaded = WeightsFile(tmp_path / "file", writer.checksums), load_file(tmp_path / "file")
    assert loaded.keys() == tensors.keys()
    for name, tensor in tensors.items():
        assert torch.equal(loaded[name], tensor)
        assert torch.equal(file.tensor(name), tensor)
