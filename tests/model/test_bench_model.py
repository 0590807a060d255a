"""`jupyter oci bench model`: processes that are timed, here with a tiny model."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import psutil
import pytest
from tiny_models import save_tiny

from jupyter_oci.cli import main
from jupyter_oci.cli.bench.speed import engines, measure, reads, show, works
from jupyter_oci.cli.bench.speed.curve import Point, picture, points_of
from jupyter_oci.cli.bench.speed.engine import Engine, Timing
from jupyter_oci.cli.bench.speed.engines import LOOKUP, OURS, PEER, Setup
from jupyter_oci.cli.bench.speed.measure import Comparison
from jupyter_oci.cli.bench.speed.others import busy_cores
from jupyter_oci.cli.bench.speed.replies import Replies, gain_of_drafts, time_replies
from jupyter_oci.cli.bench.speed.row import Row
from jupyter_oci.errors import OCIError
from jupyter_oci.model.catalogue import DEFAULTS
from jupyter_oci.model.checkpoint import Checkpoint
from jupyter_oci.model.cpus import own_cpus
from jupyter_oci.model.prepared import prepare


class FakeEngine:
    """Replies at 8 tokens per second with drafts and 10 without; `busy` tells at each reply whether other processes compute."""

    title = OURS

    def __init__(self) -> None:
        self.drafted: list[bool] = []
        self.busy: list[bool] = []

    def ask(self, do: str, chats: Sequence[Any] = (), texts: Sequence[str] = (), **_: Any) -> Any:
        answers = {"encode": {"chats": [[1]] * len(chats), "texts": [[1]] * len(texts), "stop": [0]}, "candidates": 1.0}
        return answers.get(do, {"tokens": [1] * 9})

    def reply(self, tokens: Sequence[int], num_tokens: int, drafts: Sequence[Sequence[int]] | None) -> Timing:
        self.drafted.append(drafts is not None)
        self.busy.append(any(child.cmdline()[1] == "-c" for child in psutil.Process().children()))
        return Timing(1.0, 0.5, 2.0 if drafts is not None else 1.8, [1] * 9)


def test_any_model_is_measured_and_the_way_to_a_comparison_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = save_tiny(tmp_path / "model")
    code = main(
        ["bench", "model", "--model", str(folder), "--rounds", "1", "--threads", "1", "--plot", str(tmp_path / "plot.png")]
    )
    said = capsys.readouterr().out
    assert code == 0, said
    together = "decode of 4 candidates at once, all together, tokens/s"
    beside = "decode, all cores busy with others, tokens/s"
    for name in ("decode, tokens/s", together, "revision: repair, s", beside, "load, files in memory, s", "peak memory, GB"):
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


@pytest.mark.skipif(sys.platform != "linux", reason="XDG_CACHE_HOME moves the folder on Linux alone")
def test_the_first_load_ever_finds_no_code_that_an_earlier_run_compiled(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    code = "from jupyter_oci.model.compiled_code import _KEPT_IN; import json; print(json.dumps(str(_KEPT_IN)))"
    monkeypatch.setattr(engines, "Engine", lambda title, _, *others: Engine(title, [sys.executable, "-c", code], *others))
    engine = Setup(tmp_path / "model", tmp_path / "cache", threads=1, clock="wall", peer_python=None).start(OURS)
    engine.close()
    assert Path(engine.facts).is_relative_to(tmp_path / "cache")


def test_ours_is_better_by_more_tokens_or_fewer_seconds() -> None:
    seconds = Row("revision: repair", "s", {OURS: 2.0, PEER: 8.0, LOOKUP: 3.0}, target=4.0)
    assert (seconds.ratio(PEER), seconds.ratio(LOOKUP), seconds.reached) == (4.0, 1.5, True)
    rates = Row("decode", "tokens/s", {OURS: 30.0, PEER: 25.0}, more_is_better=True, target=1.25)
    assert (rates.ratio(PEER), rates.ratio(LOOKUP), rates.reached) == (1.2, None, False)
    assert Row("decode", "tokens/s", {OURS: 30.0}, more_is_better=True, target=1.25).reached, "alone there is nothing to miss"


def test_what_has_a_target_is_never_slower_than_the_peers_prompt_lookup(capsys: pytest.CaptureFixture[str]) -> None:
    values = {OURS: 2.0, PEER: 8.0, LOOKUP: 1.9}
    slower, short = (Row("revision: repair", "s", values, target=target) for target in (4.0, 5.0))
    assert (slower.missed, slower.reached) == ([f"1 times {LOOKUP}"], False)
    assert short.missed == [f"5 times {PEER}", f"1 times {LOOKUP}"]
    assert Row("first token", "s", values).reached, "without a target nothing is asked for"
    show(Comparison([OURS, PEER, LOOKUP], {}, [short], [], {}))
    assert "revision: repair: ours missed 5 times llama-cpp-python and 1 times its prompt lookup" in capsys.readouterr().out


def test_ours_has_limits_of_its_own() -> None:
    assert Row("wait", "s", {OURS: 1.0, PEER: 0.1}, limit=1.0).reached
    assert not Row("wait", "s", {OURS: 1.1, PEER: 9.9}, limit=1.0).reached
    assert Row("gain", "times", {OURS: 0.97}, more_is_better=True, limit=0.97).reached
    assert not Row("gain", "times", {OURS: 0.96}, more_is_better=True, limit=0.97).reached


def test_what_is_to_be_reached_is_known_of_the_defaults_alone() -> None:
    for spec in DEFAULTS:
        assert Row("decode", "tokens/s", {}).judged(spec.name).target is not None
        assert Row("new code with drafts", "times without", {}).judged(spec.name).limit == 0.97
    other = Row("new code with drafts", "times without", {OURS: 0.5}).judged("other")
    assert (other.limit, other.target, other.reached) == (None, None, True)


def test_drafts_are_timed_by_turns_on_the_same_prompt() -> None:
    engine = FakeEngine()
    assert gain_of_drafts(engine, works.new_code(1)) == pytest.approx(0.8)  # type: ignore[arg-type] - it is enough of one
    assert engine.drafted == [True, False, False, True]


@pytest.mark.parametrize("beside_others", [True, False])
def test_one_reply_is_timed_beside_others_where_that_tells_something(*, beside_others: bool) -> None:
    engine = FakeEngine()
    *_, replies = time_replies([engine], 1, beside_others=beside_others)  # type: ignore[list-item] - it is enough of one
    assert isinstance(replies, Replies)
    assert sum(engine.busy) == beside_others
    setup = Setup(Path("model"), Path("cache"), threads=1, clock="wall", peer_python=None)
    rows = {row.name: row.values[OURS] for row in measure._wait_rows(setup, replies)}
    assert rows["longest wait for a token"] == 0.5
    assert rows.get("decode, all cores busy with others") == (pytest.approx(10) if beside_others else None)


def test_every_core_is_kept_busy_and_left_again() -> None:
    with busy_cores() as pids:
        assert len(pids) == len(own_cpus())
        assert all(psutil.Process(pid).status() != psutil.STATUS_ZOMBIE for pid in pids)
    assert not any(map(psutil.pid_exists, pids))


@pytest.mark.skipif(sys.platform == "win32", reason="signals")
def test_cores_are_left_when_the_bench_is_killed() -> None:
    code = "import time\nfrom jupyter_oci.cli.bench.speed.others import busy_cores\n"
    code += "with busy_cores() as pids:\n    print(*pids, flush=True)\n    time.sleep(60)"
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True) as bench:
        assert bench.stdout is not None
        spinning = [psutil.Process(int(pid)) for pid in bench.stdout.readline().split()]
        os.kill(bench.pid, signal.SIGKILL)
    assert spinning
    gone, left = psutil.wait_procs(spinning, timeout=30)
    assert (len(gone), left) == (len(spinning), [])


def test_the_curves_of_several_models_are_drawn_in_one_picture(tmp_path: Path) -> None:
    points = [Point(title, length, 1.0, 2.0) for title in (OURS, PEER) for length in (64, 256)]
    kept = Comparison([OURS, PEER], {"model": "small"}, [], points, {})
    (file := tmp_path / "small.json").write_text(json.dumps({"comparison": kept.as_json()}))
    name, read = points_of(file)
    assert (name, read) == ("small", points)
    axes, _ = picture({name: read, "large": points}).axes
    assert [line.get_label() for line in axes.lines] == [
        f"{title}, {model}" for model in ("small", "large") for title in (OURS, PEER)
    ]
    assert len({(line.get_color(), line.get_linestyle()) for line in axes.lines}) == 4
    assert axes.lines[0].get_color() == axes.lines[2].get_color(), "an engine has one colour"


@pytest.mark.parametrize("content", [None, "", "[]", "{}", '{"comparison": {"facts": {}, "points": []}}'])
def test_what_is_no_measurement_is_not_drawn(tmp_path: Path, content: str | None, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "some.json"
    if content is not None:
        file.write_text(content)
    folder = save_tiny(tmp_path / "model")
    assert main(["bench", "model", "--model", str(folder), "--plot", str(tmp_path / "plot.png"), "--beside", str(file)]) == 2
    assert "some.json holds no measurement" in capsys.readouterr().err


def test_the_bandwidth_is_that_of_the_threads_that_are_compared(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ours = SimpleNamespace(title=OURS, facts={"folder": ""}, ask=lambda **_: {"prepared": 5, "gguf": None})
    monkeypatch.setattr(measure, "bandwidth_of", lambda num_threads: num_threads * 1e9)
    setup = Setup(tmp_path / "model", tmp_path, threads=3, clock="wall", peer_python=None)
    assert measure._memory([ours], setup) == {"prepared": 5, "gguf": None, "bandwidth": 3e9}


def test_a_rate_counts_from_the_first_token() -> None:
    assert Timing(first_token_seconds=1.0, longest_wait_seconds=1.0, seconds=3.0, tokens=[1, 2, 3, 4, 5]).decode_rate == 2.0


def test_a_token_reads_all_weights_and_of_embeddings_one_row(tmp_path: Path) -> None:
    prepared = prepare(Checkpoint.find(save_tiny(tmp_path / "model")), tmp_path, lambda *_: None, 4)
    content, embeddings = (prepared / "int4.safetensors").read_bytes(), 320 * 64 * 2
    size = len(content) - int.from_bytes(content[:8], "little")
    assert 0 <= size - reads.of_prepared(prepared) - embeddings < 1000, "besides the file's own header"


@pytest.mark.parametrize("name", ["missing/plot.png", "plot.nonsense"])
def test_a_picture_that_cannot_be_drawn_is_told_of_before_the_measurement(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["bench", "model", "--model", str(tmp_path / "no model"), "--plot", str(tmp_path / name)]) == 2
    assert f"Cannot draw {tmp_path / name}" in capsys.readouterr().err
    assert not list(tmp_path.iterdir())
