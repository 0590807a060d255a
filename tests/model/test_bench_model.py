"""`jupyter oci bench model`: processes that are timed, here with a tiny model."""

from __future__ import annotations

import sys
from pathlib import Path
from types import SimpleNamespace

import pytest
from tiny_models import save_tiny

from jupyter_oci.cli import main
from jupyter_oci.cli.bench.speed import measure, reads
from jupyter_oci.cli.bench.speed.engine import Engine, Timing
from jupyter_oci.cli.bench.speed.engines import LOOKUP, OURS, PEER, Setup
from jupyter_oci.cli.bench.speed.row import Row
from jupyter_oci.errors import OCIError
from jupyter_oci.model.checkpoint import Checkpoint
from jupyter_oci.model.prepared import prepare


def test_any_model_is_measured_and_the_way_to_a_comparison_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = save_tiny(tmp_path / "model")
    code = main(
        ["bench", "model", "--model", str(folder), "--rounds", "1", "--threads", "1", "--plot", str(tmp_path / "plot.png")]
    )
    said = capsys.readouterr().out
    assert code == 0, said
    together = "decode of 4 candidates at once, all together, tokens/s"
    for name in ("decode, tokens/s", together, "revision: repair, s", "load, files in memory, s", "peak memory, GB"):
        assert name in said
    assert "pip install llama-cpp-python" in said
    assert said.count("has the same tokens as plain greedy decoding, both with kept states") == 2
    assert (tmp_path / "plot.png").read_bytes().startswith(b"\x89PNG")


def test_a_peer_that_cannot_read_the_model_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = save_tiny(tmp_path / "model")
    assert main(["bench", "model", "--model", str(folder), "--peer-python", "python3"]) == 2
    assert "GGUF files only" in capsys.readouterr().err


@pytest.mark.parametrize(("code", "reason"), [("", "without a word"), ("raise SystemExit('one\\ntwo')", "two")])
def test_a_measured_process_that_ends_is_said_with_its_last_words(code: str, reason: str) -> None:
    with pytest.raises(OCIError, match=rf"of ours ended \({reason}\). It was `{sys.executable} -c "):
        Engine(OURS, [sys.executable, "-c", code])


def test_ours_is_better_by_more_tokens_or_fewer_seconds() -> None:
    seconds = Row("revision: repair", "s", {OURS: 2.0, PEER: 8.0, LOOKUP: 3.0}, target=4.0)
    assert (seconds.ratio(PEER), seconds.ratio(LOOKUP), seconds.reached) == (4.0, 1.5, True)
    rates = Row("decode", "tokens/s", {OURS: 30.0, PEER: 25.0}, more_is_better=True, target=1.25)
    assert (rates.ratio(PEER), rates.ratio(LOOKUP), rates.reached) == (1.2, None, False)
    assert Row("decode", "tokens/s", {OURS: 30.0}, more_is_better=True, target=1.25).reached, "alone there is nothing to miss"


def test_the_bandwidth_is_that_of_the_threads_that_are_compared(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ours = SimpleNamespace(title=OURS, facts={"folder": ""}, ask=lambda **_: {"prepared": 5, "gguf": None})
    monkeypatch.setattr(measure, "bandwidth_of", lambda num_threads: num_threads * 1e9)
    setup = Setup(tmp_path / "model", tmp_path, threads=3, clock="wall", peer_python=None)
    assert measure._memory([ours], setup) == {"prepared": 5, "gguf": None, "bandwidth": 3e9}


def test_a_rate_counts_from_the_first_token() -> None:
    assert Timing(first_token_seconds=1.0, seconds=3.0, tokens=[1, 2, 3, 4, 5]).decode_rate == 2.0


def test_a_token_reads_all_weights_and_of_embeddings_one_row(tmp_path: Path) -> None:
    prepared = prepare(Checkpoint.find(save_tiny(tmp_path / "model")), tmp_path, lambda *_: None, 4)
    size, embeddings = (prepared / "int4.safetensors").stat().st_size, 320 * 64 * 2
    assert 0 <= size - reads.of_prepared(prepared) - embeddings < 5000, "besides the file's own header"
