"""Models are found by what the user calls them."""

from __future__ import annotations

from pathlib import Path

import pytest

from jupyter_oci.errors import ConfigError
from jupyter_oci.model.catalogue import CATALOGUE, DEFAULTS, HubSource, ModelSpec, find, fits
from jupyter_oci.model.families import TEMPLATES
from jupyter_oci.model.memory import available_memory
from jupyter_oci.model.needs import gpu_bytes


@pytest.mark.parametrize("spec", CATALOGUE, ids=lambda spec: spec.name)
def test_each_name_of_the_catalogue_is_found_in_any_case(spec: ModelSpec):
    assert find(spec.name.upper()) is spec


def test_auto_is_the_largest_default_that_fits_or_the_smallest():
    fitting = [spec for spec in DEFAULTS if fits(spec)]
    assert find("auto") is (fitting or DEFAULTS[:1])[-1]


def test_a_model_larger_than_the_machine_does_not_fit():
    assert not fits(ModelSpec("big", "Big", memory_bytes=available_memory() * 2))
    assert fits(ModelSpec("small", "Small", memory_bytes=1))


def test_a_folder_of_safetensors_is_a_model(tmp_path: Path):
    (tmp_path / "model.safetensors").write_bytes(b"1234")
    spec = find(str(tmp_path))
    assert (spec.format, spec.path, spec.memory_bytes) == ("safetensors", tmp_path.resolve(), 2)


def test_a_gguf_file_is_a_model(tmp_path: Path):
    path = tmp_path / "some.gguf"
    path.write_bytes(b"GGUF")
    spec = find(str(path))
    assert (spec.format, spec.file, spec.path, spec.title) == ("gguf", "some.gguf", path.resolve(), "some")


@pytest.mark.parametrize("names", [["a.txt"], ["a.gguf", "b.safetensors"], []])
def test_a_folder_without_one_kind_of_weights_is_refused(tmp_path: Path, names: list[str]):
    for name in names:
        (tmp_path / name).touch()
    with pytest.raises(ConfigError, match="holds no model"):
        find(str(tmp_path))


def test_a_pickle_is_never_a_model(tmp_path: Path):
    (tmp_path / "pytorch_model.bin").touch()
    with pytest.raises(ConfigError):
        find(str(tmp_path / "pytorch_model.bin"))


def test_any_hub_name_is_a_model_of_safetensors():
    (source,) = find("someone/some-model@v1.0").sources
    assert isinstance(source, HubSource)
    assert (source.repository, source.revision) == ("someone/some-model", "v1.0")
    assert "*.safetensors" in source.patterns
    assert not any(pattern.endswith((".bin", ".py", ".pt")) for pattern in source.patterns)


def test_a_hub_name_can_name_one_gguf_file():
    spec = find("someone/some-GGUF/some-q8_0.gguf")
    assert (spec.format, spec.file) == ("gguf", "some-q8_0.gguf")
    assert spec.sources == (HubSource("someone/some-GGUF", ("some-q8_0.gguf",)),)


def test_a_part_of_a_split_file_is_refused_with_the_cure(tmp_path: Path):
    names = [f"some-0000{part}-of-00002.gguf" for part in (1, 2)]
    for name in names:
        (tmp_path / name).write_bytes(b"GGUF")
    for split in (f"someone/some-GGUF/q8/{names[0]}", str(tmp_path / names[1]), str(tmp_path)):
        with pytest.raises(ConfigError, match=r"one part of a model that was split.*--merge"):
            find(split)


@pytest.mark.parametrize("name", ["", "nonsense", "../..//x", "a/b/c", "a/b/../../c.gguf", "../x", "/no/such/file.gguf"])
def test_an_unknown_name_is_answered_with_the_known_ones(name: str):
    with pytest.raises(ConfigError, match=r"qwen2.5-coder-1.5b-instruct"):
        find(name)


@pytest.mark.parametrize("spec", CATALOGUE, ids=lambda spec: spec.name)
def test_each_model_of_the_catalogue_says_what_it_is_and_needs(spec: ModelSpec):
    assert spec.license == "Apache-2.0"
    assert spec.base
    assert spec.family in TEMPLATES
    assert min(spec.parameters, spec.context_window, spec.download_bytes, spec.memory_bytes, spec.state_bytes) > 0


def test_the_documented_catalogue_is_this_one():
    text = (Path(__file__).parents[2] / "docs" / "models.md").read_text("utf-8")
    rows = [line.strip("| \n").split(" | ") for line in text.splitlines() if line.startswith("| `")][: len(CATALOGUE)]
    for row, spec in zip(rows, CATALOGUE, strict=True):
        on_card = [f"{gpu_bytes(spec.parameters, bits, spec.state_bytes) / 1e9:.1f}" for bits in spec.card_bits]
        assert row[0] == f"`{spec.name}`"
        assert row[2:7] == [
            f"{spec.context_window:,}",
            f"{spec.state_bytes / 1000:,.0f} kB",
            f"{spec.download_bytes / 1e9:.1f} GB",
            f"{spec.memory_bytes / 1e9:.1f} GB",
            f"{' / '.join(on_card)} GB",
        ]


def test_the_eleven_published_models_are_in_the_catalogue():
    suffixes = {"DS-1.3B", "DS-6.7B", "DS-33B", "CL-7B", "CL-13B", "CL-34B", "CL-70B", "GM-7B", "SC2-3B", "SC2-7B", "SC2-15B"}
    published = [spec.name.removeprefix("m-a-p/OpenCodeInterpreter-") for spec in CATALOGUE if spec not in DEFAULTS]
    assert set(published) == suffixes
