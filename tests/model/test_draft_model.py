"""A smaller model that drafts: what it drafts, that it changes no token, and when it is not asked."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path

import pytest
from tiny_models import save_tiny, tiny_tokenizer

from jupyter_oci.config import SamplingParams
from jupyter_oci.model.attention import NARROW_ROWS
from jupyter_oci.model.base import Message
from jupyter_oci.model.checkpoint import Checkpoint
from jupyter_oci.model.cores import FreeCores
from jupyter_oci.model.decode import Cancelled, Decoder
from jupyter_oci.model.draft_model import DraftModel
from jupyter_oci.model.local import LocalModel
from jupyter_oci.model.prefix_cache import PrefixCache
from jupyter_oci.model.prepared import load_prepared, prepare
from jupyter_oci.model.sampling import Sampler
from jupyter_oci.model.speculation import Speculation

SOON = dict.fromkeys((1, 2, 4, 8, NARROW_ROWS), 1.0)  # rows for nothing: the longest drafts pay
PROMPT = [(7 * number) % 250 for number in range(40)]


def tiny(place: Path, seed: int) -> Path:
    return prepare(Checkpoint.find(save_tiny(place / f"model-{seed}", "qwen2", seed=seed)), place, lambda *_: None, 4)


def decoder(folder: Path, drafting: Path | None = None) -> Decoder:
    small = DraftModel(load_prepared(drafting, 4)) if drafting else None
    made = Decoder(load_prepared(folder, 4), PrefixCache(2, 1 << 24), FreeCores(1), small)
    assert made.is_sound()
    if small:
        small.token_seconds = small.reading_seconds = 0.0
        made._step_seconds = {4: SOON, 8: SOON}
    return made


def decode(made: Decoder, prompt: Sequence[int], count: int, sampler: Sampler) -> tuple[list[int], int]:
    """Give the tokens and the number of steps."""
    steps = made.generate(prompt, sampler, [] if made._draft_model else None, lambda: False)
    taken, num_steps = list[int](), 0
    while len(taken) < count:
        taken += next(steps)
        num_steps += 1
    steps.close()
    return taken[:count], num_steps


@pytest.mark.parametrize("seed", [0, 1], ids=["the same weights", "others"])
@pytest.mark.parametrize("temperature", [0.0, 0.8])
def test_a_reply_that_a_model_drafts_is_token_for_token_the_plain_one(tmp_path: Path, seed: int, temperature: float) -> None:
    large = tiny(tmp_path, 0)
    small = tiny(tmp_path, seed) if seed else large
    plain, drafted = decoder(large), decoder(large, small)
    for prompt in (PROMPT, PROMPT[:20], [*PROMPT, 5, 6, 7]):  # its states of the earlier prompt serve the later one
        expected, num_plain = decode(plain, prompt, 90, Sampler(SamplingParams(temperature=temperature, seed=3)))
        tokens, num_steps = decode(drafted, prompt, 90, Sampler(SamplingParams(temperature=temperature, seed=3)))
        assert tokens == expected
        if seed == 0 and temperature == 0:
            assert num_steps < num_plain / 3


def test_it_drafts_what_it_would_say_itself(tmp_path: Path) -> None:
    folder = tiny(tmp_path, 2)
    small = DraftModel(load_prepared(folder, 4))
    expected, _ = decode(decoder(folder), PROMPT, 12, Sampler(SamplingParams()))
    assert small.draft(PROMPT, 12) == expected
    assert small.num_unread([*PROMPT, *expected[:3], 250]) == 1
    assert small.draft([*PROMPT, *expected[:3]], 5) == expected[3:8]
    assert small.draft(PROMPT, 1) == expected[:1]


def test_a_stop_while_it_drafts_harms_nothing(tmp_path: Path) -> None:
    made = decoder(tiny(tmp_path, 0), tiny(tmp_path, 1))
    expected, _ = decode(made, PROMPT, 40, Sampler(SamplingParams()))
    for stopped_at in range(5, 60, 9):
        layers = iter(range(stopped_at))
        with pytest.raises(Cancelled):
            list(made.generate(PROMPT, Sampler(SamplingParams()), [], partial(_is_used_up, layers)))
        assert decode(made, PROMPT, 40, Sampler(SamplingParams()))[0] == expected


def _is_used_up(layers: Iterator[int]) -> bool:
    return next(layers, None) is None


class Counting(DraftModel):
    """Says always the same, at a price."""

    def __init__(self, token_seconds: float, reading_seconds: float) -> None:
        self.token_seconds, self.reading_seconds = token_seconds, reading_seconds

    def num_unread(self, tokens: Sequence[int]) -> int:
        return len(tokens)

    def draft(self, tokens: Sequence[int], length: int) -> list[int]:
        return [9] * length


@pytest.mark.parametrize(
    ("token_seconds", "reading_seconds", "is_asked"),
    [(0.1, 0.01, True), (1.0, 0.01, False), (0.1, 10.0, False)],
    ids=["fast", "as slow as a step", "slow at reading"],
)
def test_it_is_asked_where_it_saves_time_alone(token_seconds: float, reading_seconds: float, is_asked: bool) -> None:
    speculation = Speculation(PROMPT, [], SOON, Counting(token_seconds, reading_seconds))
    assert bool(speculation.draft([1])) is is_asked


def test_it_is_asked_no_more_when_nothing_of_it_is_accepted_and_not_where_the_conversation_drafts() -> None:
    speculation = Speculation(PROMPT, [], {1: 1.0, 2: 1.4, 4: 2.0}, Counting(0.1, 0.0))
    lengths = []
    for token in range(100, 140):
        lengths.append(len(speculation.draft([token])))
        speculation.learn([token + 1])
    assert lengths[0] > 0
    assert 0 in lengths
    said = Speculation([1, 2, 3, 4, 5, 6, 1, 2], [], SOON, Counting(0.0, 0.0))
    assert said.draft([3])[:3] == [4, 5, 6]


def test_a_model_that_has_other_tokens_is_not_used(tmp_path: Path) -> None:
    large, small = save_tiny(tmp_path / "large"), save_tiny(tmp_path / "small")
    told: list[str] = []

    def load() -> LocalModel:
        return LocalModel.load(large, 1, tmp_path / "cache", lambda text, _: told.append(text), 2048, "cpu", draft=small)

    assert isinstance(load().decoder._draft_model, DraftModel)
    other = tiny_tokenizer()
    other.add_tokens(["<another>"])
    other.save_pretrained(small)
    model = load()
    assert model.decoder._draft_model is None
    assert "The draft model has other tokens than the model, and is not used" in told
    assert "".join(model.generate([Message("user", "x")], SamplingParams(max_tokens=3), [], lambda: False)) is not None
