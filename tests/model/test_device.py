"""Where a model is placed, and that it answers there as transformers' own `generate` does; on a card only where one is."""

from __future__ import annotations

import itertools
import os
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import torch
from family_models import FAMILIES, save_family
from tiny_models import save_tiny
from transformers import Cache

from jupyter_oci.config import DEVICES, ModelConfig, SamplingParams
from jupyter_oci.errors import ConfigError, ModelLoadError
from jupyter_oci.model import int8
from jupyter_oci.model.base import Message
from jupyter_oci.model.checkpoint import Checkpoint
from jupyter_oci.model.decode import Cancelled
from jupyter_oci.model.device import free_beside, load_placed, placed
from jupyter_oci.model.integrity import Origin, keep_origin
from jupyter_oci.model.local import LocalModel
from jupyter_oci.model.needs import gpu_bytes
from jupyter_oci.model.placement import CHOICES, Hardware, Placement, choose
from jupyter_oci.model.plain_decode import PlainDecoder
from jupyter_oci.model.prefix_cache import token_bytes
from jupyter_oci.model.quantize import OwnBits, best_bits
from jupyter_oci.model.sampling import Sampler

BILLION = 10**9
NOTHING = Hardware(cards=(), mps=0, has_bitsandbytes=False, cpu_bits=8)
PROMPT = list(range(30, 90))
each_device = pytest.mark.parametrize(
    "device",
    [
        "cpu",
        pytest.param("cuda", marks=pytest.mark.skipif(not torch.cuda.is_available(), reason="no NVIDIA graphics card")),
        pytest.param("mps", marks=pytest.mark.skipif(not torch.backends.mps.is_available(), reason="no graphics of Apple's")),
    ],
)


def gpu(num_weights: int, bits: int, *, bitsandbytes: bool = True, cpu_bits: OwnBits = 8) -> Hardware:
    """A card that takes the weights in so many bits, and not in more."""
    return Hardware((gpu_bytes(num_weights, bits, 0),), 0, bitsandbytes, cpu_bits)  # type: ignore[arg-type]


@pytest.mark.parametrize("bits", [16, 8, 4])
def test_auto_takes_a_card_with_as_many_bits_as_fit(bits: int) -> None:
    assert choose("auto", 7 * BILLION, gpu(7 * BILLION, bits)) == Placement("cuda", bits)  # type: ignore[arg-type]


def test_the_states_of_a_window_count_too() -> None:
    """Without grouped heads those of 4,096 tokens take 2 GB."""
    of_token = 512 << 10
    just = gpu(7 * BILLION, 16)
    assert choose("auto", 7 * BILLION, just) == Placement("cuda", 16)
    assert choose("auto", 7 * BILLION, just, of_token=of_token) == Placement("cuda", 8)
    with_states = Hardware((gpu_bytes(7 * BILLION, 16, of_token),), 0, has_bitsandbytes=True, cpu_bits=8)
    assert choose("auto", 7 * BILLION, with_states, of_token=of_token) == Placement("cuda", 16)
    apples = Hardware((), just.cards[0], has_bitsandbytes=False, cpu_bits=8)
    assert choose("auto", 7 * BILLION, apples) == Placement("mps", 16)
    assert choose("auto", 7 * BILLION, apples, of_token=of_token) == Placement("cpu", 8)


def test_what_is_placed_has_its_states_counted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    checkpoint = Checkpoint.find(save_tiny(tmp_path / "model"))
    config = checkpoint.config()
    config.num_hidden_layers, config.head_dim = 1000, 4096
    monkeypatch.setattr(Checkpoint, "config", lambda _: config)
    monkeypatch.setattr("jupyter_oci.model.device.count_weights", lambda _: BILLION)
    monkeypatch.setattr("jupyter_oci.model.device.look", lambda: gpu(BILLION, 16))
    assert placed("auto", checkpoint) == Placement("cpu", 8), "the states alone would fill the card"


@pytest.mark.parametrize(
    ("places", "free"),
    [(["cpu", "cpu"], 11), (["cuda:0", "cuda:0"], 5), (["cuda:0", "cuda:1"], 12), (["mps"], 13)],
)
def test_the_window_goes_by_what_is_free_where_the_weights_lie(
    monkeypatch: pytest.MonkeyPatch, places: list[str], free: int
) -> None:
    monkeypatch.setattr("jupyter_oci.model.device.available_memory", lambda: 11)
    monkeypatch.setattr(torch.cuda, "mem_get_info", lambda card: ([2, 3][card.index], 8))
    monkeypatch.setattr(torch.cuda, "memory_reserved", lambda card: [5, 6][card.index])
    monkeypatch.setattr(torch.cuda, "memory_allocated", lambda card: [2, 2][card.index])
    monkeypatch.setattr("jupyter_oci.model.device.look", lambda: Hardware((), 13, has_bitsandbytes=False, cpu_bits=8))
    parameters = [SimpleNamespace(device=torch.device(place)) for place in places]
    assert free_beside(SimpleNamespace(parameters=lambda: parameters)) == free


def test_without_our_own_form_too_the_window_is_what_is_left_has_room_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, asked = save_tiny(tmp_path / "model"), list[int]()
    monkeypatch.setattr("jupyter_oci.model.local.tokens_within", lambda config, free: asked.append(free) or 100)
    monkeypatch.setattr("jupyter_oci.model.local.free_beside", lambda _: 7)
    assert LocalModel.load(folder, 1, tmp_path, lambda *_: None, 2048, "cpu-16bit").window == 100
    assert asked == [7]


@pytest.mark.skipif(not int8.is_exact(), reason="no exact 8-bit kernel for this CPU")
def test_a_model_says_what_it_is_really_computed_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = save_tiny(tmp_path / "model")
    monkeypatch.setattr("jupyter_oci.model.device.look", lambda: NOTHING)

    def computed(device: str, free: int) -> dict[str, Any]:
        monkeypatch.setattr("jupyter_oci.model.prepared.available_memory", lambda: free)
        return LocalModel.load(folder, 1, tmp_path, lambda *_: None, 2048, device).computed

    weights = {"weights": Checkpoint.find(folder).identity()}
    assert computed("cpu", 10**12) == {"device": "cpu", "bits read": 8, "bits written": 4, **weights}
    assert computed("cpu", 10) == computed("cpu-4bit", 10**12) == {"device": "cpu", "bits read": 4, "bits written": 4, **weights}
    assert computed("cpu-16bit", 10) == {"device": "cpu", "bits read": 16, "bits written": 16, **weights}
    assert Placement("cuda", 8).computed == {"device": "cuda", "bits read": 8, "bits written": 8}


def test_weights_are_named_by_what_was_noted_of_them_or_by_what_the_files_show(tmp_path: Path) -> None:
    checkpoint = Checkpoint.find(save_tiny(tmp_path / "model", max_shard_size="30KB"))
    shown, shards = checkpoint.identity(), sorted((tmp_path / "model").glob("*.safetensors"))
    assert len(shards) > 1
    save_tiny(tmp_path / "model", max_shard_size="30KB", seed=1)
    assert checkpoint.identity() not in {"", shown}, "trained on, and saved in the same place"
    keep_origin(tmp_path / "model", Origin("", "", dict.fromkeys([shard.name for shard in shards], "a" * 64)))
    noted = checkpoint.identity()
    assert len(noted) == 64
    for shard in shards:
        os.utime(shard, (0, 0))
    assert checkpoint.identity() == noted, "other dates are no other weights"
    keep_origin(tmp_path / "model", Origin("", "", {shards[0].name: "a" * 64}))
    assert checkpoint.identity() == checkpoint.digest(), "one file is not known"
    single = Checkpoint.find(save_tiny(tmp_path / "single"))
    keep_origin(tmp_path / "single", Origin("", "", {"model.safetensors": "b" * 64}))
    assert single.identity() == "b" * 64


def test_what_is_read_whole_into_the_memory_must_fit_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    checkpoint = Checkpoint.find(save_tiny(tmp_path / "model"))
    monkeypatch.setattr("jupyter_oci.model.integrity.available_memory", lambda: 5 * 10**8)
    with pytest.raises(ModelLoadError, match="too large for this machine"):
        load_placed(checkpoint, Placement("cpu", 16))
    assert checkpoint.model(checkpoint.config(), device_map="auto").training is False, "as for graphics cards"


@pytest.mark.parametrize(
    ("hardware", "is_gguf"),
    [(NOTHING, False), (gpu(7 * BILLION, 8, bitsandbytes=False), False), (gpu(7 * BILLION, 8), True), (gpu(BILLION, 4), False)],
)
def test_auto_stays_on_the_cpu_where_no_card_takes_the_model(hardware: Hardware, is_gguf: bool) -> None:
    assert choose("auto", 7 * BILLION, hardware, is_gguf=is_gguf) == Placement("cpu", 8)


def test_a_gguf_file_must_fit_on_one_card_and_safetensors_on_all_together() -> None:
    half = gpu_bytes(7 * BILLION, 16, 0) * 2 // 3
    two = Hardware((half, half), 0, has_bitsandbytes=True, cpu_bits=8)
    assert choose("auto", 7 * BILLION, two) == Placement("cuda", 16)
    assert choose("auto", 7 * BILLION, two, is_gguf=True) == Placement("cpu", 8)
    assert choose("auto", 4 * BILLION, two, is_gguf=True) == Placement("cuda", 16)


def test_a_gguf_file_goes_to_the_card_with_the_most_room(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    gone_to: list[str] = []

    class Model(torch.nn.Module):
        def to(self, device: str) -> Model:
            gone_to.append(device)
            return self

    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 2)
    monkeypatch.setattr(torch.cuda, "mem_get_info", lambda card: [(5, 8), (7, 8)][card])
    monkeypatch.setattr(Checkpoint, "config", lambda _: None)
    monkeypatch.setattr(Checkpoint, "model", lambda *_: Model())
    load_placed(Checkpoint(tmp_path, "model.gguf"), Placement("cuda", 16))
    assert gone_to == ["cuda:1"]


def test_auto_takes_apples_graphics() -> None:
    assert choose("auto", BILLION, Hardware((), 16 * BILLION, has_bitsandbytes=False, cpu_bits=8)) == Placement("mps", 16)


def test_what_is_set_is_done_even_if_it_is_tight() -> None:
    assert choose("cuda", 70 * BILLION, gpu(BILLION, 4)) == Placement("cuda", 16)
    assert choose("cuda-4bit", BILLION, gpu(BILLION, 16)) == Placement("cuda", 4)
    assert choose("cpu", BILLION, gpu(BILLION, 16)) == Placement("cpu", 8)
    assert choose("cpu", BILLION, gpu(BILLION, 16, cpu_bits=4)) == Placement("cpu", 4)
    assert choose("cpu-4bit", BILLION, gpu(BILLION, 16)) == Placement("cpu", 4)
    assert choose("cpu-16bit", BILLION, gpu(BILLION, 16)) == Placement("cpu", 16)


@pytest.mark.parametrize(
    ("wish", "hardware", "is_gguf", "reason"),
    [
        ("cuda", NOTHING, False, "finds no card for 'cuda'"),
        ("mps", NOTHING, False, "finds no card for 'mps'"),
        ("cuda-8bit", gpu(BILLION, 16, bitsandbytes=False), False, r"install jupyter_oci\[gpu\]"),
        ("cuda-4bit", gpu(BILLION, 16), True, "needs a folder of safetensors"),
    ],
)
def test_what_cannot_be_done_is_said_with_the_cure(wish: str, hardware: Hardware, is_gguf: bool, reason: str) -> None:
    with pytest.raises(ModelLoadError, match=rf"device: .*{reason}"):
        choose(wish, BILLION, hardware, is_gguf=is_gguf)


def test_the_setting_names_what_can_be_chosen() -> None:
    assert set(DEVICES) == {"auto", "cpu", *CHOICES}
    with pytest.raises(ConfigError, match="device: 'gpu' is none of auto, cpu"):
        ModelConfig(device="gpu")


@pytest.mark.skipif(torch.cuda.is_available() or torch.backends.mps.is_available(), reason="a card is here")
def test_without_a_card_a_model_that_is_asked_onto_one_is_refused(tmp_path: Path) -> None:
    checkpoint = Checkpoint(save_tiny(tmp_path / "model"))
    assert placed("auto", checkpoint) == placed("cpu", checkpoint) == Placement("cpu", best_bits())
    with pytest.raises(ModelLoadError, match="finds no card"):
        LocalModel.load(checkpoint.folder, 1, tmp_path / "cache", lambda *_: None, 2048, device="cuda")


def test_sixteen_bits_on_the_cpu_are_the_files_own(tmp_path: Path) -> None:
    folder = save_tiny(tmp_path / "model")
    local = LocalModel.load(folder, 1, tmp_path / "cache", lambda *_: None, 2048, device="cpu-16bit")
    assert isinstance(local.decoder, PlainDecoder)
    assert not list((tmp_path / "cache").glob("**/*.safetensors"))
    expected = PlainDecoder(load_placed(Checkpoint(folder), Placement("cpu", 16)))
    assert taken(local.decoder, PROMPT, 8) == taken(expected, PROMPT, 8)


def taken(decoder: PlainDecoder, prompt: list[int], count: int) -> list[int]:
    steps = decoder.generate(prompt, Sampler(SamplingParams()), None, lambda: False)
    tokens = [token for step in itertools.islice(steps, count) for token in step]
    steps.close()
    return tokens


@each_device
@pytest.mark.parametrize("family", FAMILIES)
def test_there_it_decodes_as_transformers_does(tmp_path: Path, family: str, device: str) -> None:
    model = load_placed(Checkpoint(save_family(tmp_path / "model", family)), Placement(device, 16))  # type: ignore[arg-type]
    prompt = torch.tensor([PROMPT], device=device)
    expected = model.generate(
        prompt, attention_mask=torch.ones_like(prompt), max_new_tokens=40, do_sample=False, eos_token_id=-1, pad_token_id=0
    )
    decoder = PlainDecoder(model)
    assert decoder.is_sound()
    assert not decoder.calibrate()
    assert taken(decoder, PROMPT, 40) == expected[0, len(PROMPT) :].tolist()


@each_device
def test_what_two_prompts_begin_with_is_computed_once(tmp_path: Path, device: str) -> None:
    model = load_placed(Checkpoint(save_tiny(tmp_path / "model")), Placement(device, 16)).float()  # type: ignore[arg-type]
    decoder, fresh = PlainDecoder(model), PlainDecoder(model)
    first = taken(decoder, PROMPT, 8)
    for prompt, saved in (([*PROMPT, *first[:7], 5, 6, 7], 67), ([*PROMPT[:20], 3, 4], 20), (PROMPT[:20], 19), ([9, 8], 0)):
        tokens = taken(decoder, prompt, 8)
        assert decoder.cached_tokens == saved
        assert tokens == taken(fresh, prompt, 8)
        fresh = PlainDecoder(model)


def test_a_stop_within_a_step_leaves_nothing_half_done(tmp_path: Path) -> None:
    model = load_placed(Checkpoint(save_tiny(tmp_path / "model")), Placement("cpu", 16))
    decoder, asked = PlainDecoder(model), itertools.count()
    with pytest.raises(Cancelled):
        next(decoder.generate(PROMPT, Sampler(SamplingParams()), None, lambda: next(asked) == 1))  # before the second layer
    assert taken(decoder, PROMPT, 8) == taken(PlainDecoder(model), PROMPT, 8)
    assert decoder.cached_tokens == 0


def test_a_whole_reply_comes_from_there(tmp_path: Path) -> None:
    checkpoint = Checkpoint(save_family(tmp_path / "model", "deepseek"))
    model = load_placed(checkpoint, Placement("cpu", 16))
    local = LocalModel(model.config, checkpoint.tokenizer(), 2048, PlainDecoder(model), Placement("cpu", 16).computed)
    reply = local.generate([Message("user", "Sum it.")], SamplingParams(12), [], lambda: False)
    assert "".join(reply)
    assert local.template.encode([Message("user", "Sum it.")])[0] == checkpoint.tokenizer().bos_token_id


@pytest.mark.parametrize("bits", [8, 4])
def test_bitsandbytes_holds_the_weights_in_fewer_bits(tmp_path: Path, bits: int) -> None:
    pytest.importorskip("bitsandbytes", reason="pip install jupyter_oci[gpu] brings bitsandbytes")
    device = "cuda" if torch.cuda.is_available() else "cpu"
    checkpoint = Checkpoint(save_tiny(tmp_path / "model"))
    model = load_placed(checkpoint, Placement(device, bits))  # type: ignore[arg-type]
    assert model.get_decoder().layers[0].mlp.up_proj.weight.dtype in (torch.int8, torch.uint8)
    assert len(taken(PlainDecoder(model), PROMPT, 4)) == 4


@each_device
@pytest.mark.parametrize("family", FAMILIES)
def test_there_replies_to_several_prompts_are_one_batch(tmp_path: Path, family: str, device: str) -> None:
    model = load_placed(Checkpoint(save_family(tmp_path / "model", family)), Placement(device, 16)).float()  # type: ignore[arg-type]
    decoder, lengths, written = PlainDecoder(model), (12, 3, 20), ([], [], [])
    samplers = [Sampler(SamplingParams(temperature=0.8, seed=seed)) for seed in range(3)]
    prompts, known = [PROMPT, [*PROMPT, 9, 8, 7] * 50, PROMPT], list[int]()
    ended = lambda index: len(written[index]) == lengths[index]  # noqa: E731 - short
    for step in decoder.candidates(prompts, samplers, ended, lambda: False, known.append):
        for index, token in step.items():
            written[index].append(token)
    assert known == [0, 0, len(PROMPT)]
    for seed, tokens in enumerate(written):
        steps = decoder.generate(prompts[seed], Sampler(SamplingParams(temperature=0.8, seed=seed)), None, lambda: False)
        assert tokens == [token for step in itertools.islice(steps, lengths[seed]) for token in step]
        steps.close()


def test_there_what_several_prompts_begin_with_is_read_once(tmp_path: Path) -> None:
    model = load_placed(Checkpoint(save_tiny(tmp_path / "model")), Placement("cpu", 16))
    read: list[int] = []
    model.get_input_embeddings().register_forward_pre_hook(lambda _, given: read.append(given[0].numel()))
    samplers = [Sampler(SamplingParams()) for _ in range(2)]
    next(PlainDecoder(model).candidates([[*PROMPT, 1], [*PROMPT, 2, 3]], samplers, lambda _: False, lambda: False))
    assert read == [len(PROMPT), 2 * 2]


def test_there_a_batch_has_no_more_tokens_than_what_is_free_has_room_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    model = load_placed(Checkpoint(save_tiny(tmp_path / "model")), Placement("cpu", 16))
    monkeypatch.setattr("jupyter_oci.model.plain_decode.free_beside", lambda loaded: 2 * 10**9 if loaded is model else 0)
    assert PlainDecoder(model).room() == 10**9 // token_bytes(model.config)


class OfAnotherCard(torch.Tensor):
    """States that refuse indices of a card, as torch does where it is not their own."""

    def __getitem__(self, places: Any) -> torch.Tensor:
        given = places if isinstance(places, tuple) else (places,)
        assert {place.device.type for place in given if isinstance(place, torch.Tensor)} <= {"cpu"}
        return super().__getitem__(places)


class Spread:
    """A model whose first layer, and so its tokens, lie on one device, and the states of another layer elsewhere."""

    device = torch.device("meta")

    def get_decoder(self) -> SimpleNamespace:
        return SimpleNamespace(layers=[])

    def forward(self, tokens: torch.Tensor, *, past_key_values: Cache, **_: Any) -> SimpleNamespace:
        rows = torch.zeros(len(tokens), 1, tokens.shape[1], 4).as_subclass(OfAnotherCard)
        past_key_values.update(rows, rows, 0)
        return SimpleNamespace(logits=torch.zeros(len(tokens), 1, 9))

    __call__ = forward


def test_replies_are_one_batch_where_the_layers_lie_on_several_cards() -> None:
    samplers = [Sampler(SamplingParams()) for _ in range(3)]
    ended = iter([False, True, False])
    prompts = [[*PROMPT, 1], [*PROMPT, 2, 3], [*PROMPT, 1]]
    steps = PlainDecoder(Spread()).candidates(prompts, samplers, lambda _: next(ended), lambda: False)
    assert [list(step) for step in itertools.islice(steps, 2)] == [[0, 1, 2], [0, 2]]
