"""The jobs of a step, made once, compute what the layers compute one operation after the other."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from tiny_models import save_tiny

from jupyter_oci.model.checkpoint import Checkpoint
from jupyter_oci.model.lean import LeanForward
from jupyter_oci.model.prefix_cache import KeyValues
from jupyter_oci.model.prepared import load_prepared, prepare
from jupyter_oci.model.step_jobs import StepJobs
from jupyter_oci.model.team import team

pytestmark = pytest.mark.skipif(team() is None, reason="this CPU has no team")


@pytest.fixture(params=["qwen2", "llama"])
def forwards(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[LeanForward]:
    """Give two of the same model; the second does without jobs."""
    folder = prepare(Checkpoint.find(save_tiny(tmp_path / "model", request.param)), tmp_path, lambda *_: None, 4)
    made = [LeanForward(load_prepared(folder, 4), lambda: None) for _ in range(2)]
    monkeypatch.setattr(made[1], "_jobs_for", lambda _: None)
    return made


def test_steps_of_any_width_and_length(forwards: list[LeanForward]) -> None:
    with torch.inference_mode():
        states = [KeyValues.empty(2) for _ in forwards]
        for number, num_rows in enumerate([1, 16, 3, 1, 200, 2, 16, 16, 1, 1000, 1, 5]):
            tokens = torch.randint(0, 250, (num_rows,), generator=torch.Generator().manual_seed(number))
            given, expected = (forward(tokens, each, 1) for forward, each in zip(forwards, states, strict=True))
            assert torch.equal(given, expected)


def test_sequences_of_several_lengths_side_by_side(forwards: list[LeanForward]) -> None:
    with torch.inference_mode():
        states = [[KeyValues.empty(2) for _ in range(3)] for _ in forwards]
        for forward, sequences in zip(forwards, states, strict=True):
            for length, sequence in zip((3, 300, 64), sequences, strict=True):
                forward(torch.arange(length) % 250, sequence, 1)
        for step in range(70):
            given, expected = (
                forward.side_by_side(torch.tensor([step, 7, 9]), sequences)
                for forward, sequences in zip(forwards, states, strict=True)
            )
            assert torch.equal(given, expected)
        assert [sequence.get_seq_length() for sequence in states[0]] == [73, 370, 134]


def test_layers_that_a_stop_left_with_room_of_their_own(forwards: list[LeanForward]) -> None:
    with torch.inference_mode():
        states = [KeyValues.empty(2) for _ in forwards]
        for forward, each in zip(forwards, states, strict=True):
            forward(torch.arange(150), each, 1)
            each.growing[0].extend(600, *each.growing[0].keys.shape[1:3])
            each.truncate(150)
            forward(torch.arange(150), each, 1)
        assert len({layer.values.shape[-2] for layer in states[0].growing}) == 2
        given, expected = (forward(torch.tensor([5, 6]), each, 2) for forward, each in zip(forwards, states, strict=True))
        assert torch.equal(given, expected)


def test_more_threads_and_other_work_between_two_steps(forwards: list[LeanForward]) -> None:
    compiled = team()
    assert compiled is not None
    with torch.inference_mode():
        states = [KeyValues.empty(2) for _ in forwards]
        for num_threads, num_bytes in ((1, 0), (2, 0), (3, 1 << 22), (5, 0), (1, 1 << 24)):
            compiled.set_num_threads(num_threads)
            compiled.room(num_bytes)
            given, expected = (forward(torch.tensor([5, 6]), each, 2) for forward, each in zip(forwards, states, strict=True))
            assert torch.equal(given, expected)


def test_jobs_are_made_once_for_each_width(forwards: list[LeanForward], monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[int] = []
    monkeypatch.setattr(StepJobs, "_jobs", lambda *_, jobs=StepJobs._jobs: (made.append(1), jobs(*_))[1])
    with torch.inference_mode():
        forwards[0](torch.tensor([5]), KeyValues.empty(2), 1)
        settled = len(made)
        for _ in range(5):
            forwards[0](torch.tensor([5]), KeyValues.empty(2), 1)
    assert settled >= 2  # layers
    assert len(made) == settled
