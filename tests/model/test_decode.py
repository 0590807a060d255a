from __future__ import annotations

import itertools
from collections.abc import Sequence
from pathlib import Path

import pytest
import torch
from family_models import save_family
from tiny_models import EACH_FORM, save_tiny

from jupyter_oci.config import SamplingParams
from jupyter_oci.model.attention import NARROW_ROWS
from jupyter_oci.model.checkpoint import Checkpoint
from jupyter_oci.model.cores import FreeCores
from jupyter_oci.model.decode import _STEP_ROWS, PREFILL_CHUNK, Cancelled, Decoder, verify
from jupyter_oci.model.prefix_cache import PrefixCache
from jupyter_oci.model.prepared import load_prepared, prepare
from jupyter_oci.model.quantize import OwnBits
from jupyter_oci.model.sampling import Sampler

GREEDY = Sampler(SamplingParams())


@pytest.fixture(scope="module", params=EACH_FORM)
def bits(request: pytest.FixtureRequest) -> OwnBits:
    return request.param  # type: ignore[no-any-return]


@pytest.fixture(scope="module", params=["llama", "qwen2", "qwen3"])
def decoder(request: pytest.FixtureRequest, bits: OwnBits, tmp_path_factory: pytest.TempPathFactory) -> Decoder:
    place = tmp_path_factory.mktemp("decode")
    folder = prepare(Checkpoint.find(save_tiny(place / "model", request.param)), place, lambda *_: None, bits)
    made = Decoder(load_prepared(folder, bits), PrefixCache(2, 1 << 24), FreeCores(1))
    assert made.is_sound()
    while made.calibrate():
        pass
    return made


def prompt_of(length: int, seed: int = 0) -> list[int]:
    return torch.randint(0, 250, (length,), generator=torch.Generator().manual_seed(seed)).tolist()


def decode(
    decoder: Decoder, prompt: Sequence[int], count: int, drafts: list[list[int]] | None, bits: OwnBits | None = None
) -> list[int]:
    steps = decoder.generate(prompt, GREEDY, drafts, lambda: False, bits)
    tokens = list(itertools.islice(itertools.chain.from_iterable(steps), count))
    steps.close()
    return tokens


@pytest.mark.parametrize("written_in", [4, 8])
def test_decoding_equals_the_argmax_of_one_step_after_another(decoder: Decoder, written_in: OwnBits) -> None:
    prompt = prompt_of(30)
    states = decoder._prefix_cache.empty()
    logits, expected = decoder._prefill(prompt, states, written_in), []
    for _ in range(40):
        expected.append(int(logits[-1].argmax()))
        logits = decoder._forward(expected[-1:], states, written_in, keep=1)
    assert decode(decoder, prompt, 40, None, written_in) == expected


@pytest.mark.parametrize("written_in", [4, 8])
@pytest.mark.parametrize("length", [1, 17, 600])
def test_drafted_decoding_equals_plain_decoding_token_for_token(decoder: Decoder, length: int, written_in: OwnBits) -> None:
    prompt = prompt_of(length)
    plain = decode(decoder, prompt, 150, None, written_in)
    wrong_at_times = [token if index % 9 else 7 for index, token in enumerate(plain)]
    for drafts in ([], [plain], [wrong_at_times], [prompt_of(100, seed=5)]):
        assert decode(decoder, prompt, 150, drafts, written_in) == plain


@pytest.mark.parametrize("by_team", [True, False])
def test_without_a_team_a_reply_that_may_repeat_something_is_written_in_8_bits(
    decoder: Decoder, by_team: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("jupyter_oci.model.decode.team", lambda: object() if by_team else None)
    prompt = prompt_of(40, seed=3)
    for drafts, written_in in (([], 4), ([prompt_of(9, seed=4)], 4 if by_team else 8)):
        assert decode(decoder, prompt, 60, drafts) == decode(decoder, prompt, 60, None, written_in)
        assert decoder._precision.bits == written_in


def test_a_draft_is_accepted_several_tokens_a_step(decoder: Decoder) -> None:
    prompt = prompt_of(20)
    bits = decoder.bits_for([prompt])
    plain = decode(decoder, prompt, 100, None, bits)
    decoder._step_seconds[bits] = dict.fromkeys(decoder._step_seconds[bits], 1.0)  # rows for nothing: the longest drafts pay
    steps = decoder.generate(prompt, GREEDY, [plain], lambda: False)
    longest = max(len(step) for step in itertools.islice(steps, 30))
    assert 1 < longest <= NARROW_ROWS


@pytest.mark.parametrize("written_in", [4, 8])
def test_a_narrow_step_is_bit_for_bit_its_rows_one_by_one(decoder: Decoder, written_in: OwnBits) -> None:
    prompt, rows = prompt_of(55), prompt_of(NARROW_ROWS, seed=1)
    together, apart = decoder._prefix_cache.empty(), decoder._prefix_cache.empty()
    decoder._prefill(prompt, together, written_in), decoder._prefill(prompt, apart, written_in)
    logits = decoder._forward(rows, together, written_in, keep=len(rows))
    one_by_one = torch.cat([decoder._forward([row], apart, written_in, keep=1) for row in rows])
    assert torch.equal(logits, one_by_one)


def test_a_cancelled_prefill_keeps_the_whole_chunks(decoder: Decoder) -> None:
    prompt = prompt_of(2 * PREFILL_CHUNK + 50, seed=9)
    calls = itertools.count()
    with pytest.raises(Cancelled):
        next(decoder.generate(prompt, GREEDY, None, lambda: next(calls) == 3))
    decode(decoder, prompt, 1, None)
    assert decoder.cached_tokens == PREFILL_CHUNK


# (tokens of the prompt before, that the next one begins with alike, that it has besides)
FORKS = [
    (700, 650, 100),
    (700, 300, 5),
    (700, 698, 1),
    (1100, 512, 500),
    (600, 40, 490),
    (530, 525, 300),
    (120, 119, 16),
    (60, 30, 8),
]


@pytest.mark.parametrize(("before", "alike", "new"), FORKS)
def test_a_reply_is_token_for_token_the_same_whatever_was_read_before(
    decoder: Decoder, before: int, alike: int, new: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = prompt_of(before, seed=20)
    prompt = first[:alike] + prompt_of(new, seed=21)
    monkeypatch.setattr(decoder, "_prefix_cache", PrefixCache(2, 1 << 24))
    fresh_states = decoder._prefix_cache.empty()
    fresh_logits = decoder._prefill(prompt, fresh_states, 4)
    fresh = decode(decoder, prompt, 40, None)
    decoder._prefix_cache = PrefixCache(2, 1 << 24)
    decode(decoder, first, 30, None)
    kept_states = decoder._prefix_cache.take(prompt)
    assert kept_states.get_seq_length() == alike
    assert torch.equal(decoder._prefill(prompt, kept_states, 4), fresh_logits)
    assert 0 < decoder.cached_tokens <= alike
    assert decode(decoder, prompt, 40, None) == fresh


def test_after_a_reply_that_was_kept_the_next_one_is_the_same_but_for_the_rounding(decoder: Decoder) -> None:
    prompt = prompt_of(300, seed=22)
    prompt += [*decode(decoder, prompt, 60, None), *prompt_of(40, seed=23)]
    kept = decoder._prefix_cache.take(prompt)
    assert kept.get_seq_length() == 359
    logits = decoder._prefill(prompt, kept, 4), decoder._prefill(prompt, decoder._prefix_cache.empty(), 4)
    assert torch.nn.functional.cosine_similarity(*logits) > 0.99


def test_verification_ends_at_the_first_token_that_differs() -> None:
    logits = torch.eye(5)
    assert verify(logits[:1], [], GREEDY) == [0]
    assert verify(logits[:4], [0, 1, 2], GREEDY) == [0, 1, 2, 3]
    assert verify(logits[:4], [0, 4, 2], GREEDY) == [0, 1]


def drawn(seed: int) -> Sampler:
    return Sampler(SamplingParams(temperature=0.9, seed=seed))


def alone(decoder: Decoder, prompt: Sequence[int], sampler: Sampler, count: int) -> list[int]:
    steps = decoder.generate(prompt, sampler, None, lambda: False)
    tokens = list(itertools.islice(itertools.chain.from_iterable(steps), count))
    steps.close()
    return tokens


def together(decoder: Decoder, prompt: Sequence[int], samplers: Sequence[Sampler], counts: Sequence[int]) -> list[list[int]]:
    return several(decoder, [prompt] * len(samplers), samplers, counts)


def several(
    decoder: Decoder, prompts: Sequence[Sequence[int]], samplers: Sequence[Sampler], counts: Sequence[int]
) -> list[list[int]]:
    written: list[list[int]] = [[] for _ in samplers]
    for step in decoder.candidates(prompts, samplers, lambda index: len(written[index]) == counts[index], lambda: False):
        for index, token in step.items():
            written[index].append(token)
    return written


@pytest.mark.parametrize("length", [1, 63, 600])
def test_each_candidate_of_a_batch_is_token_for_token_what_it_is_alone(decoder: Decoder, length: int) -> None:
    prompt, counts = prompt_of(length, seed=2), [90, 5, 1, *[70] * NARROW_ROWS]  # more of them than a narrow step has rows
    expected = [alone(decoder, prompt, GREEDY, counts[0])]
    expected += [alone(decoder, prompt, drawn(seed), count) for seed, count in enumerate(counts[1:])]
    samplers = [GREEDY, *(drawn(seed) for seed in range(len(counts) - 1))]
    assert together(decoder, prompt, samplers, counts) == expected


def test_replies_to_several_prompts_are_token_for_token_what_they_are_alone(decoder: Decoder) -> None:
    shared = prompt_of(200, seed=3)
    prompts = [shared, [*shared, 7, 8], prompt_of(20, seed=4), shared[:90], prompt_of(600, seed=5)]
    alone_with = [GREEDY, drawn(1), GREEDY, drawn(2), GREEDY]
    expected = [alone(decoder, prompt, sampler, 40) for prompt, sampler in zip(prompts, alone_with, strict=True)]
    assert several(decoder, prompts, [GREEDY, drawn(1), GREEDY, drawn(2), GREEDY], [40] * 5) == expected


def test_candidates_of_other_architectures_equal_those_alone_too(tmp_path: Path, bits: OwnBits) -> None:
    folder = prepare(Checkpoint.find(save_family(tmp_path / "model", "starcoder2")), tmp_path, lambda *_: None, bits)
    model = load_prepared(folder, bits)
    decoder = Decoder(model, PrefixCache(model.config.num_hidden_layers, 1 << 24), FreeCores(1))
    prompt = [5, 6, 7, 8] * 10
    written = together(decoder, prompt, [drawn(1), drawn(2), GREEDY], [30] * 3)
    assert written == [alone(decoder, prompt, sampler, 30) for sampler in (drawn(1), drawn(2), GREEDY)]


def test_candidates_read_their_prompt_once_and_leave_it_in_the_cache(decoder: Decoder) -> None:
    prompt = prompt_of(300, seed=11)
    known: list[int] = []
    steps = decoder.candidates([prompt] * 4, [GREEDY] * 4, lambda _: True, lambda: False, known.append)
    assert len(list(steps)) == 1
    assert known == [0, *[len(prompt) - 1] * 3]
    decode(decoder, [*prompt, 3], 1, None)
    assert decoder.cached_tokens == len(prompt)


def test_a_cancelled_batch_harms_nothing(decoder: Decoder) -> None:
    prompt, calls = prompt_of(40, seed=12), itertools.count()
    expected = decode(decoder, prompt, 20, None)
    with pytest.raises(Cancelled):
        list(decoder.candidates([prompt] * 2, [drawn(1), drawn(2)], lambda _: False, lambda: next(calls) == 9))
    assert decode(decoder, prompt, 20, None) == expected
    assert together(decoder, prompt, [GREEDY, GREEDY], [20, 7]) == [expected, expected[:7]]


def test_timing_ends_between_two_layers_and_is_made_up_for(decoder: Decoder) -> None:
    del decoder._step_seconds[4][NARROW_ROWS]
    calls = itertools.count()
    assert decoder.calibrate(lambda: next(calls) == 1)
    assert next(calls) == 2, "it was not asked again"
    assert NARROW_ROWS not in decoder._step_seconds[4]
    assert decoder.calibrate()
    assert decoder._step_seconds[4][NARROW_ROWS] > 0


def test_what_can_wait_is_timed_later_and_nothing_is_drafted_before(tmp_path: Path) -> None:
    folder = prepare(Checkpoint.find(save_tiny(tmp_path / "model")), tmp_path, lambda *_: None, 4)
    fresh = Decoder(load_prepared(folder, 4), PrefixCache(2, 1 << 24), FreeCores(1))
    assert fresh.is_sound()
    prompt = prompt_of(20) * 3
    steps = fresh.generate(prompt, GREEDY, [prompt], lambda: False)
    assert [len(next(steps)) for _ in range(20)] == [1] * 20
    steps.close()
    assert sum(iter(fresh.calibrate, False)) == sum(map(len, _STEP_ROWS.values()))
    assert {bits: list(timed) for bits, timed in fresh._step_seconds.items()} == {
        bits: list(rows) for bits, rows in _STEP_ROWS.items()
    }
