from __future__ import annotations

import os
import threading
from collections.abc import Callable, Generator, Sequence
from pathlib import Path
from typing import Any

import pytest
import torch
from dequantized import dequantized
from tiny_models import EACH_FORM, save_tiny, tiny_tokenizer
from transformers import AutoModelForCausalLM

from jupyter_oci.config import SamplingParams
from jupyter_oci.errors import ContextOverflow, ModelLoadError
from jupyter_oci.model import int8
from jupyter_oci.model.base import UNWRITTEN, Message, Usage
from jupyter_oci.model.checkpoint import Checkpoint
from jupyter_oci.model.cores import FreeCores
from jupyter_oci.model.decode import Decoder
from jupyter_oci.model.local import LocalModel
from jupyter_oci.model.prefix_cache import PrefixCache, token_bytes
from jupyter_oci.model.prepared import load_prepared, open_prepared, prepare
from jupyter_oci.model.prepared_weights import HEAD
from jupyter_oci.model.quantize import FORMS, OwnBits, linears
from jupyter_oci.model.team import team

QUESTION = [Message("system", "Write code."), Message("user", "Sum the column 'price'.")]
LONG = [Message("user", "x = [1, 2, 3]  # and so on\n" * 40)]


def load(path: Path, cache: Path, reports: list[str] | None = None, max_window: int = 2048) -> LocalModel:
    heard = [] if reports is None else reports
    return LocalModel.load(path, 1, cache, lambda detail, fraction: heard.append(detail), max_window)


def ask(
    model: LocalModel,
    messages: Sequence[Message] = QUESTION,
    drafts: Sequence[str] = (),
    cancelled: Callable[[], bool] = lambda: False,
    **sampling: Any,
) -> tuple[str, Usage]:
    return finish(model.generate(messages, SamplingParams(**{"max_tokens": 60} | sampling), drafts, cancelled))


def finish(reply: Generator[str, None, Usage]) -> tuple[str, Usage]:
    text = ""
    while True:
        try:
            text += next(reply)
        except StopIteration as stop:
            return text, stop.value


class After:
    """Says no a number of times, then yes."""

    def __init__(self, times: int) -> None:
        self.left = times

    def __call__(self) -> bool:
        self.left -= 1
        return self.left < 0


@pytest.fixture(params=["llama", "qwen2"])
def folder(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    return save_tiny(tmp_path / "model", request.param)


@pytest.fixture
def model(folder: Path, tmp_path: Path) -> LocalModel:
    return load(folder, tmp_path / "cache")


def test_a_reply_is_streamed_and_counted(model: LocalModel) -> None:
    text, usage = ask(model, max_tokens=20)
    assert text
    assert 0 < usage.completion_tokens <= 20
    assert usage.prompt_tokens > sum(model.count_tokens([message.content for message in QUESTION]))
    assert usage.stop_reason == ("length" if usage.completion_tokens == 20 else "stop")


def test_a_second_load_takes_the_prepared_weights_and_answers_the_same(folder: Path, tmp_path: Path) -> None:
    reports: list[str] = []
    first = ask(load(folder, tmp_path / "cache", reports))[0]
    assert any("first time" in report for report in reports)
    reports.clear()
    assert ask(load(folder, tmp_path / "cache", reports))[0] == first
    assert not any("first time" in report for report in reports)


def test_prepared_weights_that_the_memory_does_not_take_are_refused(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    load(folder, tmp_path)
    monkeypatch.setattr("jupyter_oci.model.integrity.available_memory", lambda: 100_000)
    with pytest.raises(ModelLoadError, match="too large for this machine"):
        load(folder, tmp_path)


def test_changed_weights_are_prepared_again(tmp_path: Path) -> None:
    first = ask(load(save_tiny(tmp_path / "model"), tmp_path / "cache"))[0]
    assert ask(load(save_tiny(tmp_path / "model", seed=1), tmp_path / "cache"))[0] != first


def test_damaged_prepared_weights_are_made_again(folder: Path, tmp_path: Path) -> None:
    first = ask(load(folder, tmp_path / "cache"))[0]
    prepared = list((tmp_path / "cache").rglob("int*.safetensors"))
    assert prepared
    for file in prepared:
        file.write_bytes(file.read_bytes()[:1000])
        assert ask(load(folder, tmp_path / "cache"))[0] == first


@pytest.mark.parametrize("place", [0.0, 0.01, 0.5, 1.0], ids=["length", "header", "middle", "end"])
@pytest.mark.parametrize("damage", [b"\0" * 100, b"\x55"], ids=["a hole", "a flipped byte"])
@pytest.mark.parametrize("bits", EACH_FORM)
def test_prepared_weights_that_were_damaged_inside_are_made_again(
    folder: Path, tmp_path: Path, bits: OwnBits, damage: bytes, place: float
) -> None:
    prepared = prepare(Checkpoint.find(folder), tmp_path, lambda *_: None, bits)
    file = prepared / FORMS[bits].file
    whole = file.read_bytes()
    of_head = 320 * (64 + 4) if bits == 8 and team() else 0  # at the end, and nobody reads it
    start = int(place * (len(whole) - len(damage) - of_head))
    file.write_bytes(whole[:start] + damage + whole[start + len(damage) :])
    reports: list[str] = []
    open_prepared(Checkpoint.find(folder), tmp_path, lambda detail, _: reports.append(detail), bits)
    assert any("first time" in report for report in reports)
    assert file.read_bytes() == whole


def test_what_comes_back_damaged_again_and_again_is_not_used(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("jupyter_oci.model.weights_file.zlib.crc32", lambda *_: next(count))
    count = iter(range(1 << 30))
    with pytest.raises(ModelLoadError, match="comes back otherwise"):
        load(folder, tmp_path / "cache")


def test_what_one_process_makes_another_waits_for_and_uses(folder: Path, tmp_path: Path) -> None:
    said: list[str] = []
    waits, checkpoint = threading.Event(), Checkpoint.find(folder)

    def second(detail: str, _: float | None) -> None:
        said.append(detail)
        waits.set()

    def first(detail: str, _: float | None) -> None:
        if "Compressing" in detail and not waits.is_set():
            other.start()
            assert waits.wait(60)

    other = threading.Thread(target=prepare, args=(checkpoint, tmp_path, second, 4))
    made = prepare(checkpoint, tmp_path, first, 4)
    other.join(60)
    assert set(said) == {"Another process reads the model for the first time"}
    assert (made / "int4.safetensors").is_file()
    assert list(made.parent.iterdir()) == [made]


def test_what_was_made_of_files_before_they_changed_is_removed_and_of_other_files_is_not(folder: Path, tmp_path: Path) -> None:
    other = prepare(Checkpoint.find(save_tiny(tmp_path / "draft")), tmp_path, lambda *_: None, 4)
    prepare(Checkpoint.find(folder), tmp_path, lambda *_: None, 4)
    os.utime(folder / "config.json", (1, 1))
    changed = prepare(Checkpoint.find(folder), tmp_path, lambda *_: None, 4)
    assert sorted(changed.parent.iterdir()) == sorted([changed, other])


@pytest.mark.skipif(not int8.is_exact(), reason="no exact 8-bit kernel for this CPU")
def test_what_is_kept_of_another_form_keeps_its_checksum(folder: Path, tmp_path: Path) -> None:
    checkpoint = Checkpoint.find(folder)
    place = prepare(checkpoint, tmp_path, lambda *_: None, 8)
    in8 = (place / "int8.safetensors").read_bytes()
    middle = len(in8) // 2
    (place / "int8.safetensors").write_bytes(in8[:middle] + bytes([in8[middle] ^ 1]) + in8[middle + 1 :])
    (place / "int4.safetensors").unlink()
    prepare(checkpoint, tmp_path, lambda *_: None, 4)
    open_prepared(checkpoint, tmp_path, lambda *_: None, 8)
    assert (place / "int8.safetensors").read_bytes() == in8


@pytest.mark.skipif(not int8.is_exact(), reason="no exact 8-bit kernel for this CPU")
def test_a_model_in_4_bits_gets_its_8_bits_beside_them(folder: Path, tmp_path: Path) -> None:
    checkpoint = Checkpoint.find(folder)
    place = prepare(checkpoint, tmp_path, lambda *_: None, 4)
    in4 = (place / "int4.safetensors").stat()
    assert not (place / "int8.safetensors").exists()
    assert prepare(checkpoint, tmp_path, lambda *_: None, 8) == place
    assert (place / "int4.safetensors").stat().st_mtime_ns == in4.st_mtime_ns
    model = load_prepared(place, 8)
    assert model.precision.bits == 4
    assert all(layer.down.linear8 for layer in model.layers)


def test_what_an_earlier_version_prepared_is_removed_and_what_a_later_one_did_is_not(folder: Path, tmp_path: Path) -> None:
    checkpoint = Checkpoint.find(folder)
    name = prepare(checkpoint, tmp_path / "elsewhere", lambda *_: None, 4).name.rpartition("-v")[0]
    outdated, later = (tmp_path / "prepared" / f"{name}-v{version}" for version in (1, 99))
    for other in (outdated, later):
        other.mkdir(parents=True)
        (other / "int4.safetensors").touch()
    place = prepare(checkpoint, tmp_path, lambda *_: None, 4)
    assert sorted(place.parent.iterdir()) == sorted([place, later])


def test_shards_are_read_as_one_model(tmp_path: Path) -> None:
    whole, shards = save_tiny(tmp_path / "whole"), save_tiny(tmp_path / "shards", max_shard_size="50KB")
    assert len(list(shards.glob("*.safetensors"))) > 1
    assert ask(load(whole, tmp_path / "cache"))[0] == ask(load(shards, tmp_path / "cache"))[0]


@pytest.mark.parametrize(
    "sizes", [{"tie_word_embeddings": True}, {"vocab_size": 300}, {"tie_word_embeddings": True, "vocab_size": 300}]
)
def test_odd_vocabularies_and_tied_heads_load(tmp_path: Path, sizes: dict[str, Any]) -> None:
    assert ask(load(save_tiny(tmp_path / "model", **sizes), tmp_path / "cache"))[1].completion_tokens > 0


def test_a_repeated_prompt_needs_no_prefill_and_is_answered_the_same(model: LocalModel) -> None:
    first, cold = ask(model, LONG)
    second, warm = ask(model, LONG)
    assert (second, cold.cached_tokens, warm.cached_tokens) == (first, 0, warm.prompt_tokens - 1)


def test_a_chat_that_goes_on_reuses_what_was_read_and_said(model: LocalModel) -> None:
    text, first = ask(model, LONG)
    _, usage = ask(model, [*LONG, Message("assistant", text), Message("user", "Again.")])
    assert usage.cached_tokens >= first.prompt_tokens


def test_sampling_repeats_with_its_seed_and_only_then(model: LocalModel) -> None:
    first = ask(model, temperature=1.0, seed=1)[0]
    assert ask(model, temperature=1.0, seed=1)[0] == first
    assert ask(model, temperature=1.0, seed=2)[0] != first


def test_drafts_change_neither_a_greedy_nor_a_seeded_reply(model: LocalModel) -> None:
    for sampling in ({}, {"temperature": 0.8, "top_p": 0.9, "seed": 3}):
        poor, _ = ask(model, LONG, drafts=["%%"], **sampling)
        assert ask(model, LONG, drafts=[poor, "x = [1, 2, 3]"], **sampling)[0] == poor


def test_a_request_over_the_window_is_refused_with_both_numbers(folder: Path, tmp_path: Path) -> None:
    model = load(folder, tmp_path / "cache", max_window=100)
    assert model.window == 100
    with pytest.raises(ContextOverflow, match=r"\d+ tokens.*100"):
        ask(model, LONG)


def test_the_window_is_no_longer_than_the_memory_has_room_for(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("jupyter_oci.model.prefix_cache._LEAST_BYTES", 0)
    bytes_a_token = 2 * 2 * 2 * 64 * 2
    monkeypatch.setattr("jupyter_oci.model.local.available_memory", lambda: 2 * 100 * bytes_a_token)
    assert load(folder, tmp_path / "cache").window == 100


def test_a_reply_ends_where_the_window_does(folder: Path, tmp_path: Path) -> None:
    _, usage = ask(load(folder, tmp_path / "cache", max_window=100), max_tokens=1000)
    assert usage.prompt_tokens + usage.completion_tokens <= 100


@pytest.mark.parametrize("layers", [0, 1, 3, 4, 9])
def test_a_stop_in_any_phase_leaves_the_model_as_good_as_new(model: LocalModel, layers: int) -> None:
    _, stopped = ask(model, LONG, cancelled=After(layers))
    assert stopped.stop_reason == "enough"
    assert stopped.completion_tokens <= layers
    after = ask(model, LONG)[0]
    assert ask(model, LONG)[0] == after


def test_a_closed_reply_leaves_the_model_usable(model: LocalModel) -> None:
    reply = model.generate(LONG, SamplingParams(max_tokens=50), [], lambda: False)
    next(reply)
    reply.close()
    assert ask(model, LONG)[1].cached_tokens > 0


def test_counting_counts_control_tokens_as_the_text_they_are(model: LocalModel) -> None:
    assert model.count_tokens(["abc", "", "<|im_end|>"]) == [3, 0, len("<|im_end|>")]


def test_a_file_that_is_no_gguf_and_a_missing_path_are_refused(tmp_path: Path) -> None:
    (tmp_path / "model.gguf").write_bytes(b"nothing of the kind")
    with pytest.raises(ModelLoadError, match="not a GGUF file"):
        load(tmp_path / "model.gguf", tmp_path / "cache")
    with pytest.raises(ModelLoadError, match="no model at"):
        load(tmp_path / "missing", tmp_path / "cache")
    (tmp_path / "model.gguf").unlink()
    with pytest.raises(ModelLoadError, match="exactly one GGUF"):
        load(tmp_path, tmp_path / "cache")


@pytest.mark.parametrize("bits", EACH_FORM)
def test_the_model_computes_what_transformers_computes_with_the_same_quantised_values(
    folder: Path, tmp_path: Path, bits: OwnBits
) -> None:
    reference = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.bfloat16).float()
    for name, linear in linears(reference):
        form = FORMS[4 if name == HEAD and team() else bits]
        linear.weight.data = dequantized(form.quantize(linear.weight.data))
    tokens = tiny_tokenizer()("def mean(values):\n    return sum(values) / len(values)\n" * 15)["input_ids"]
    expected = reference(torch.tensor([tokens])).logits[0, -1]
    model = load_prepared(prepare(Checkpoint.find(folder), tmp_path, lambda *_: None, bits), bits)
    decoder = Decoder(model, PrefixCache(2, 1 << 24), FreeCores(1))
    computed = decoder._prefill(tokens, decoder._prefix_cache.empty(), bits)[0]
    assert torch.nn.functional.cosine_similarity(computed, expected, dim=0) > 0.999


def ask_all(
    model: LocalModel,
    samplings: Sequence[SamplingParams],
    enough: Callable[[int], bool] = lambda _: False,
    cancelled: Callable[[], bool] = lambda: False,
) -> tuple[list[str], list[Usage]]:
    texts, usages = [""] * len(samplings), dict[int, Usage]()
    for place, part in model.candidates([QUESTION] * len(samplings), samplings, enough, cancelled):
        assert place not in usages, "it had ended"
        if isinstance(part, Usage):
            usages[place] = part
        else:
            texts[place] += part
    return texts, [usages[place] for place in range(len(samplings))]


def test_candidates_are_the_replies_that_their_samplings_give_alone(model: LocalModel) -> None:
    samplings = [SamplingParams(9), SamplingParams(40, temperature=0.7, seed=1), SamplingParams(25, temperature=1.0, seed=2)]
    alone = [finish(model.generate(QUESTION, sampling, [], lambda: False)) for sampling in samplings]
    texts, usages = ask_all(model, samplings)
    assert texts == [text for text, _ in alone]
    for usage, (_, expected) in zip(usages, alone, strict=True):
        assert (usage.completion_tokens, usage.stop_reason) == (expected.completion_tokens, expected.stop_reason)
    assert usages[1].cached_tokens == usages[1].prompt_tokens - 1


@pytest.mark.parametrize(("num_places", "batches"), [(2, [2, 2]), (3, [3, 1]), (0, [1] * 4)])
def test_candidates_that_have_no_room_at_once_are_several_batches(
    model: LocalModel, monkeypatch: pytest.MonkeyPatch, num_places: int, batches: list[int]
) -> None:
    samplings = [SamplingParams(20, temperature=1.0, seed=seed) for seed in range(4)]
    texts, usages = ask_all(model, samplings)
    decoded, at_once = model.decoder.candidates, []
    monkeypatch.setattr(
        model.decoder, "candidates", lambda prompts, *more: at_once.append(len(prompts)) or decoded(prompts, *more)
    )
    monkeypatch.setattr(model.decoder, "room", lambda: num_places * (usages[0].prompt_tokens + 20))
    again, _ = ask_all(model, samplings)
    assert again == texts
    assert at_once == batches


def test_of_several_batches_those_that_never_began_cost_nothing(model: LocalModel, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(model.decoder, "room", lambda: 0)
    _, usages = ask_all(model, [SamplingParams(1000)] * 2, cancelled=After(8))
    assert usages[0].completion_tokens > 0
    assert usages[1] == UNWRITTEN


def test_a_batch_has_the_room_that_is_free_and_none_where_it_gains_nothing(
    model: LocalModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("jupyter_oci.model.decode.available_memory", lambda: 8 << 30)
    monkeypatch.setattr("jupyter_oci.model.decode.team", lambda: True)
    assert model.decoder.room() == (4 << 30) // token_bytes(model.decoder._config)
    monkeypatch.setattr("jupyter_oci.model.decode.team", lambda: None)
    assert model.decoder.room() == 0


def test_a_candidate_that_is_enough_ends_and_the_others_go_on(model: LocalModel) -> None:
    _, usages = ask_all(model, [SamplingParams(20, temperature=1.0, seed=seed) for seed in (1, 2)], lambda index: index == 0)
    assert (usages[0].completion_tokens, usages[0].stop_reason) == (1, "enough")
    assert usages[1].stop_reason != "enough"


def test_all_candidates_stop_together(model: LocalModel) -> None:
    _, usages = ask_all(model, [SamplingParams(1000)] * 2, cancelled=After(12))
    assert [usage.stop_reason for usage in usages] == ["enough", "enough"]
    assert all(0 < usage.completion_tokens < 12 for usage in usages)


def test_no_candidate_of_a_prompt_that_does_not_fit(folder: Path, tmp_path: Path) -> None:
    small = load(folder, tmp_path / "cache", max_window=16)
    with pytest.raises(ContextOverflow, match="at most 16"):
        ask_all(small, [SamplingParams()])
