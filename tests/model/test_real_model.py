"""The published 0.5B model, through everything that a user's request goes through in the worker."""

from __future__ import annotations

import itertools
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch
from our_rows import with_our_rows

from jupyter_oci.config import SamplingParams
from jupyter_oci.model.attention import NARROW_ROWS
from jupyter_oci.model.base import Message
from jupyter_oci.model.catalogue import find
from jupyter_oci.model.checkpoint import Checkpoint
from jupyter_oci.model.download import default_cache_dir, fetch, packed_dir
from jupyter_oci.model.lean import LeanForward
from jupyter_oci.model.local import LocalModel
from jupyter_oci.model.modules import TransformersForward, modules_of
from jupyter_oci.model.prefix_cache import PrefixCache
from jupyter_oci.model.prepared import load_prepared, prepare
from jupyter_oci.model.prepared_weights import PreparedWeights
from jupyter_oci.model.quantize import OwnBits, best_bits
from jupyter_oci.model.sampling import Sampler

pytestmark = [pytest.mark.real_model, pytest.mark.timeout(900)]

TASK = [Message("user", "Write a Python function `mean(values)` that returns the arithmetic mean of a list. Only the code.")]
CODE = Path(__file__).read_text()[:3000]


@pytest.fixture(scope="module")
def model() -> LocalModel:
    spec, cache = find("qwen2.5-coder-0.5b-instruct"), default_cache_dir()
    path = fetch(spec, cache, lambda *_: None)
    return LocalModel.load(path, None, packed_dir(spec, cache), lambda *_: None, 8192)


def reply_of(model: LocalModel, messages: list[Message], drafts: list[str], max_tokens: int = 200) -> str:
    return "".join(model.generate(messages, SamplingParams(max_tokens=max_tokens), drafts, lambda: False))


def test_it_writes_code_that_runs(model: LocalModel) -> None:
    code = reply_of(model, TASK, []).split("```python")[1].split("```")[0]
    names: dict[str, object] = {}
    exec(code, names)
    assert names["mean"]([1, 2, 6]) == 3  # type: ignore[operator]


def test_none_of_its_control_tokens_can_be_written(model: LocalModel) -> None:
    tokenizer = model._tokenizer
    controls = {str(token): number for number, token in tokenizer.added_tokens_decoder.items()}
    assert len(controls) >= 20
    for mark in controls:
        for text in (mark, f"a{mark}{mark} b", mark[:-1] + mark):
            tokens = model.template.encode_text(text)
            assert not set(controls.values()) & set(tokens)
            assert tokenizer.decode(tokens) == text


@pytest.mark.parametrize("question", ["Explain list comprehensions with examples.", f"Add type hints to this code:\n{CODE}"])
@pytest.mark.parametrize("bits", [4, 8])
def test_drafted_greedy_decoding_equals_plain_token_for_token(model: LocalModel, question: str, bits: OwnBits) -> None:
    decoder, prompt = model.decoder, model.template.encode([Message("user", question)])

    def decode(drafts: list[list[int]] | None, bits: OwnBits) -> tuple[list[int], int]:
        steps = decoder.generate(prompt, Sampler(SamplingParams()), drafts, lambda: False, bits)
        widths: Iterator[list[int]] = itertools.islice(steps, 200)
        taken, num_steps = [], 0
        for step in widths:
            taken += step
            num_steps += 1
            if len(taken) >= 200:
                break
        steps.close()
        return taken[:200], num_steps

    while decoder.calibrate():
        pass
    decode(None, bits)  # so that both find the same states of the prompt
    plain, num_plain = decode(None, bits)
    decoder._step_seconds[bits] = dict.fromkeys(decoder._step_seconds[bits], 1.0)  # always the longest drafts
    drafted, num_drafted = decode([model.template.encode_text(CODE), plain], bits)
    assert drafted == plain
    assert num_drafted < num_plain / 2
    assert max(decoder._step_seconds[8]) == NARROW_ROWS


# (tokens of the prompt before, that the next one begins with alike, that it has besides)
@pytest.mark.parametrize(("before", "alike", "new"), [(700, 650, 100), (700, 698, 1), (1100, 512, 500), (60, 30, 8)])
def test_a_prompt_is_read_to_the_same_bits_whatever_was_read_before(
    model: LocalModel, before: int, alike: int, new: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = model.template.encode_text(Path(__file__).read_text() * 2)
    prompt = text[:alike] + text[before : before + new]
    monkeypatch.setattr(model.decoder, "_prefix_cache", PrefixCache(24, 4096))
    fresh = model.decoder._prefill(prompt, model.decoder._prefix_cache.empty(), 4)
    next(model.decoder.generate(text[:before], Sampler(SamplingParams()), None, lambda: False))
    states = model.decoder._prefix_cache.take(prompt)
    assert torch.equal(model.decoder._prefill(prompt, states, 4), fresh)
    assert 0 < model.decoder.cached_tokens <= alike


@pytest.mark.parametrize("bits", [4, 8])
def test_the_lean_forward_gives_the_logits_and_tokens_of_transformers(model: LocalModel, bits: OwnBits) -> None:
    spec, cache = find("qwen2.5-coder-0.5b-instruct"), default_cache_dir()
    folder = prepare(Checkpoint.find(fetch(spec, cache, lambda *_: None)), packed_dir(spec, cache), lambda *_: None, best_bits())
    models = [modules_of(PreparedWeights(folder, best_bits()), folder), load_prepared(folder, best_bits())]
    for loaded in models:
        loaded.precision.bits = bits
    slow, lean = TransformersForward(with_our_rows(models[0]), lambda: None), LeanForward(models[1], lambda: None)
    tokens = torch.tensor(model.template.encode([Message("user", f"Explain this:\n{CODE[:1500]}")]))
    states, other = model.decoder._prefix_cache.empty(), model.decoder._prefix_cache.empty()
    with torch.inference_mode():
        for _ in range(40):
            logits = lean(tokens, states, 1)
            assert torch.equal(logits, slow(tokens, other, 1))
            tokens = logits.argmax(-1)


def test_single_rows_are_computed_as_transformers_computes_them_but_for_the_last_bits(model: LocalModel) -> None:
    spec, cache = find("qwen2.5-coder-0.5b-instruct"), default_cache_dir()
    folder = prepare(Checkpoint.find(fetch(spec, cache, lambda *_: None)), packed_dir(spec, cache), lambda *_: None, 4)
    models = [modules_of(PreparedWeights(folder, 4), folder), load_prepared(folder, 4)]
    slow, lean = TransformersForward(models[0], lambda: None), LeanForward(models[1], lambda: None)
    tokens = torch.tensor(model.template.encode([Message("user", f"Explain this:\n{CODE[:1500]}")]))
    with torch.inference_mode():
        states = [model.decoder._prefix_cache.empty() for _ in range(2)]
        given, expected = (
            forward(tokens, each, len(tokens)).float().log_softmax(-1) for forward, each in zip((lean, slow), states, strict=True)
        )
    divergence = (expected.exp() * (expected - given)).sum(-1).mean()
    assert divergence < 0.005  # of what 4 bits cost, a tenth


def test_no_special_token_comes_out_of_written_text(model: LocalModel) -> None:
    controls = {str(token): index for index, token in model._tokenizer.added_tokens_decoder.items()}
    assert len(controls) > 10
    for control in controls:
        tokens = model.template.encode_text(f"print('{control}')")
        assert not set(tokens) & set(controls.values())
        assert model._tokenizer.decode(tokens) == f"print('{control}')"


def test_a_prompt_is_encoded_as_the_tokenizer_would(model: LocalModel) -> None:
    chat = [Message("system", "Be brief."), *TASK, Message("assistant", "```python\npass\n```"), Message("user", CODE)]
    rendered = model.template.render(chat)
    model._tokenizer.backend_tokenizer.encode_special_tokens = False
    try:
        expected = model._tokenizer.backend_tokenizer.encode(rendered, add_special_tokens=False).ids
    finally:
        model._tokenizer.backend_tokenizer.encode_special_tokens = True
    assert model.template.encode(chat) == expected


@pytest.mark.parametrize("wait", [0.0, 0.3, 3.0])
def test_a_stop_is_quick_in_prefill_and_decoding(model: LocalModel, wait: float) -> None:
    chat = [Message("user", f"{wait} Repeat this file:\n" + CODE * 3)]
    start = time.perf_counter()
    reply = model.generate(chat, SamplingParams(), [], lambda: time.perf_counter() > start + wait)
    assert "".join(reply) is not None
    assert time.perf_counter() - start < wait + 5


def test_candidates_are_token_for_token_what_they_are_alone(model: LocalModel) -> None:
    samplings = [SamplingParams(80), *(SamplingParams(80, temperature=0.8, seed=seed) for seed in range(3))]
    alone = ["".join(model.generate(TASK, sampling, [], lambda: False)) for sampling in samplings]
    together = [""] * len(samplings)
    for place, part in model.candidates([TASK] * len(samplings), samplings, lambda _: False, lambda: False):
        together[place] += part if isinstance(part, str) else ""
    assert together == alone
    assert len(set(alone)) > 1
