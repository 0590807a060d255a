"""WorkerModel and its process, with a real process and a small model in it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Generator, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import psutil
import pytest

from jupyter_oci.config import ModelConfig, SamplingParams
from jupyter_oci.errors import ContextOverflow, ModelError, ModelLoadError, WorkerDied
from jupyter_oci.events import StatusChanged
from jupyter_oci.model.base import CandidateSteps, Message, Usage
from jupyter_oci.model.client import WorkerModel
from jupyter_oci.model.confine import active
from jupyter_oci.model.process import WorkerProcess
from jupyter_oci.model.turns import Turns

HERE = Path(__file__).parent
NEVER_HANGS = 20.0

Reply = Generator[Any, Any, Usage]


@pytest.fixture(autouse=True)
def _the_process_finds_the_host(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(HERE.parents[1]), str(HERE)]))


@pytest.fixture
def make(tmp_path: Path) -> Iterator[Callable[..., WorkerModel]]:
    made: list[WorkerModel] = []

    def make(order: str = "fine", idle_unload: float | None = None, **options: Any) -> WorkerModel:
        weights = tmp_path / "weights.gguf"
        weights.write_text(order)
        config = ModelConfig(str(weights), idle_unload=idle_unload)
        made.append(WorkerModel(config, tmp_path / "cache", host="hosts:ObedientHost", **options))
        return made[-1]

    yield make
    for model in made:
        model.close()


@pytest.fixture
def model(make: Callable[..., WorkerModel]) -> WorkerModel:
    return make()


def reply_of(model: WorkerModel, order: str, max_tokens: int = 10_000) -> Reply:
    return model.generate([Message("user", order)], SamplingParams(max_tokens))


def finish(steps: Generator[Any, Any, Any], send: bool | None = None) -> tuple[list[Any], Any]:
    """Run it to its end, sending `send` first; give what it yielded, without the Nones, and what it returned."""
    said = []
    while True:
        try:
            item = steps.send(send)
        except StopIteration as stop:
            return said, stop.value
        send = None
        if item is not None:
            said.append(item)


def step_until(steps: Reply, wanted: Callable[[Any], bool]) -> Any:
    """Step until it yields what is wanted; fail when it takes too long."""
    end = time.monotonic() + NEVER_HANGS
    while time.monotonic() < end:
        item = next(steps)
        if wanted(item):
            return item
    raise AssertionError("it never came")


def wait_until(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + NEVER_HANGS
    while not condition():
        assert time.monotonic() < end, "it never came"
        time.sleep(0.01)


def is_text(item: object) -> bool:
    return isinstance(item, str)


def text(said: list[Any]) -> str:
    return "".join(item for item in said if isinstance(item, str))


def test_a_reply_loads_the_model_then_thinks_then_writes(model: WorkerModel):
    said, usage = finish(reply_of(model, "say déjà \ud800"))
    phases = [item.phase for item in said if isinstance(item, StatusChanged)]
    assert list(dict.fromkeys(phases)) == ["loading", "thinking", "writing"]
    assert text(said) == "déjà \ud800"
    assert (usage.completion_tokens, usage.stop_reason) == (1, "stop")


def test_load_reports_progress_and_returns_the_window(model: WorkerModel):
    said, window = finish(model.load())
    assert window == 512
    assert StatusChanged("loading", "Reading", 0.5) in said
    assert finish(model.load()) == ([], 512)


def test_the_card_follows_the_model(model: WorkerModel):
    assert model.card()["state"] == "available"
    loading = model.load()
    step_until(loading, lambda item: item is not None and item.fraction == 0.5)
    assert model.card() == {"state": "loading", "detail": "Reading", "fraction": 0.5}
    finish(loading)
    assert model.card()["state"] == "ready"
    model.unload()
    assert model.card()["state"] == "available"


def test_tokens_are_counted_while_another_reply_is_written(model: WorkerModel):
    reply = reply_of(model, "words")
    step_until(reply, is_text)
    assert model.count_tokens(["a b c", ""]) == [3, 0]
    reply.close()


def test_enough_ends_the_reply_with_its_cost(model: WorkerModel):
    reply = reply_of(model, "words")
    step_until(reply, is_text)
    said, usage = finish(reply, send=True)
    assert usage.stop_reason == "enough"
    assert not said


@pytest.mark.parametrize("order", ["words", "silent"])
def test_a_closed_reply_leaves_the_model_idle_in_the_same_process(model: WorkerModel, order: str):
    reply = reply_of(model, order)
    step_until(reply, is_text if order == "words" else lambda item: item == StatusChanged("thinking"))
    next(reply)
    pid = model.pid
    reply.close()
    assert text(finish(reply_of(model, "say hello"))[0]) == "hello"
    assert model.pid == pid


def test_a_load_that_is_closed_is_given_up(make: Callable[..., WorkerModel]):
    model = make("slow")
    loading = model.load()
    step_until(loading, lambda item: item is not None and item.fraction == 0.5)
    pid = model.pid
    assert pid is not None
    loading.close()
    assert not psutil.pid_exists(pid)
    assert model.card()["state"] == "available"


def test_what_can_wait_gives_way_to_a_request(make: Callable[..., WorkerModel]):
    model = make("leisurely")
    finish(model.load())
    pid = model.pid
    for order in ("say hello", "say again"):
        assert text(finish(reply_of(model, order))[0]) == order.removeprefix("say ")
    assert model.pid == pid


def test_a_model_that_does_not_listen_is_killed_and_replaced(model: WorkerModel):
    reply = reply_of(model, "deaf")
    step_until(reply, lambda item: item == StatusChanged("thinking"))
    deaf = model.pid
    reply.close()
    assert text(finish(reply_of(model, "say again"))[0]) == "again"
    assert model.pid != deaf


def test_a_process_killed_in_a_reply_is_said_and_the_next_request_loads_anew(model: WorkerModel):
    reply = reply_of(model, "words")
    step_until(reply, is_text)
    assert model.pid is not None
    os.kill(model.pid, signal.SIGKILL)
    with pytest.raises(WorkerDied, match=r"killed, perhaps because the memory ran out.*Send the request again"):
        step_until(reply, lambda item: False)
    assert model.card()["state"] == "available"
    assert text(finish(reply_of(model, "say again"))[0]) == "again"


@pytest.mark.skipif(sys.platform == "win32", reason="signals")
def test_a_process_that_hangs_is_ended(make: Callable[..., WorkerModel]):
    model = make(silence_limit=3.0)
    reply = reply_of(model, "words")
    step_until(reply, is_text)
    hung = model.pid
    assert hung is not None
    os.kill(hung, signal.SIGSTOP)
    with pytest.raises(WorkerDied, match="did not answer for 3 s and was ended"):
        step_until(reply, lambda item: False)
    assert not psutil.pid_exists(hung)


def test_a_computation_that_hangs_is_ended_though_the_heart_beats(make: Callable[..., WorkerModel]):
    model = make(standstill_limit=2.5)
    reply = reply_of(model, "deaf")
    step_until(reply, lambda item: item == StatusChanged("thinking"))
    hung = model.pid
    assert hung is not None
    with pytest.raises(WorkerDied, match="did not get on for 2 s and was ended"):
        step_until(reply, lambda item: False)
    assert not psutil.pid_exists(hung)


def test_a_computation_that_gets_on_without_a_word_is_not_ended(make: Callable[..., WorkerModel]):
    model = make(standstill_limit=2.5)
    reply = reply_of(model, "silent")
    step_until(reply, lambda item: item == StatusChanged("thinking"))
    end = time.monotonic() + 5
    while time.monotonic() < end:
        assert next(reply) is None
    reply.close()
    assert text(finish(reply_of(model, "say so"))[0]) == "so"


def test_a_process_that_died_while_idle_is_not_noticed_by_the_user(model: WorkerModel):
    finish(model.load())
    assert model.pid is not None
    os.kill(model.pid, signal.SIGKILL)
    wait_until(lambda: model.pid is None)
    assert model.count_tokens(["a b"]) == [2]


@pytest.mark.skipif(sys.platform == "win32", reason="process groups")
def test_no_signal_goes_to_a_process_that_has_ended(model: WorkerModel, monkeypatch: pytest.MonkeyPatch):
    finish(model.load())
    ended, signalled, killpg = model.pid, list[int](), os.killpg
    assert ended is not None
    os.kill(ended, signal.SIGKILL)
    wait_until(lambda: model.pid is None)
    monkeypatch.setattr(os, "killpg", lambda group, number: (signalled.append(group), killpg(group, number)))
    finish(model.load())
    model.close()
    assert ended not in signalled
    assert len(signalled) == 1, "only the one that ran"


@pytest.mark.parametrize(
    ("order", "message"),
    [
        ("broken", "The file is broken. Fetch it again."),
        ("strange", "The model could not be loaded (RuntimeError: strange). Try another model."),
    ],
)
def test_a_model_that_cannot_be_loaded_is_said_in_a_sentence(make: Callable[..., WorkerModel], order: str, message: str):
    model = make(order)
    with pytest.raises(ModelLoadError) as error:
        finish(model.load())
    assert str(error.value) == message
    assert model.card() == {"state": "failed", "detail": message, "fraction": None}


def test_weights_that_cannot_be_downloaded_are_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    model = WorkerModel(ModelConfig("nobody/nothing"), tmp_path)
    assert model.card()["state"] == "absent"
    with pytest.raises(ModelLoadError, match="could not be downloaded"):
        finish(model.load())
    assert model.card()["state"] == "failed"


def test_a_process_that_ends_by_itself_leaves_its_last_words(make: Callable[..., WorkerModel]):
    with pytest.raises(WorkerDied, match="the library gave up"):
        finish(make("exit").load())


def test_errors_of_the_model_keep_their_kind_and_spare_the_process(model: WorkerModel):
    with pytest.raises(ContextOverflow, match="Send fewer cells"):
        finish(reply_of(model, "overflow"))
    pid = model.pid
    finish(reply_of(model, "say hello"))
    assert model.pid == pid


def test_two_threads_are_served_in_turn(model: WorkerModel):
    order: list[int] = []

    def work(me: int) -> None:
        for _ in range(4):
            order.append(me)
            finish(reply_of(model, "words", max_tokens=5))

    finish(model.load())
    threads = [threading.Thread(target=work, args=(number,)) for number in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(NEVER_HANGS)
    assert sorted(order) == [0] * 4 + [1] * 4
    assert all(abs(order[:n].count(0) - order[:n].count(1)) <= 2 for n in range(8))


def test_the_place_in_the_line_is_told_and_moves_up(model: WorkerModel):
    first, second, third = (reply_of(model, "words") for _ in range(3))
    step_until(first, is_text)
    assert next(second) == StatusChanged("queued", "2nd in line")
    assert next(third) == StatusChanged("queued", "3rd in line")
    first.close()
    assert step_until(third, lambda item: item is not None) == StatusChanged("queued", "2nd in line")
    step_until(second, is_text)
    second.close()
    step_until(third, is_text)
    third.close()


def test_what_is_closed_in_the_line_never_starts(model: WorkerModel):
    first, second = reply_of(model, "words"), reply_of(model, "words")
    step_until(first, is_text)
    next(second)
    second.close()
    assert is_text(step_until(first, is_text))
    first.close()
    with pytest.raises(StopIteration):
        next(second)


def test_a_line_that_is_too_long_is_refused(make: Callable[..., WorkerModel]):
    model = make(line_limit=1)
    first, second = reply_of(model, "words"), reply_of(model, "words")
    step_until(first, is_text)
    next(second)
    with pytest.raises(ModelError, match="1 requests wait"):
        next(reply_of(model, "words"))
    second.close()
    first.close()


def test_an_idle_model_gives_its_memory_back(make: Callable[..., WorkerModel]):
    model = make(idle_unload=0.2)
    finish(reply_of(model, "say hello"))
    wait_until(lambda: model.pid is None)
    assert model.card()["state"] == "available"
    assert text(finish(reply_of(model, "say again"))[0]) == "again"


def test_an_idle_model_is_not_unloaded_while_it_counts_nor_soon_after(make: Callable[..., WorkerModel]):
    model = make(idle_unload=60.0)
    finish(model.load())
    running, before = model._running, model._idle

    def running_when_the_time_is_up() -> WorkerProcess:
        model._unload_if_idle()
        return running()

    model._running = running_when_the_time_is_up
    assert model.count_tokens(["a b"]) == [2]
    assert model._idle is not before, "the time counts from now on"


def test_what_is_counted_waits_for_an_unload_that_has_begun():
    turns, order = Turns(), list[str]()

    def count() -> None:
        with turns.beside():
            order.append("counted")

    ticket = turns.join_if_free()
    counting = threading.Thread(target=count)
    counting.start()
    time.sleep(0.1)
    order.append("unloaded")
    turns.leave(ticket)
    counting.join(NEVER_HANGS)
    assert order == ["unloaded", "counted"]
    assert turns.join_if_free()


@pytest.mark.skipif(sys.platform != "linux", reason="other systems' libraries give memory back by themselves")
def test_a_model_that_rests_gives_back_what_it_freed(model: WorkerModel):
    finish(reply_of(model, "hoard"))
    assert model.pid is not None
    process = psutil.Process(model.pid)
    assert process.memory_info().rss > 200 << 20
    wait_until(lambda: process.memory_info().rss < 150 << 20)


def test_a_busy_model_is_not_unloaded(make: Callable[..., WorkerModel]):
    model = make(idle_unload=0.2)
    reply = reply_of(model, "words")
    step_until(reply, is_text)
    with pytest.raises(ModelError, match="in use"):
        model.unload()
    time.sleep(0.5)
    step_until(reply, is_text)
    reply.close()


def test_a_closed_model_ends_its_replies_for_good(model: WorkerModel):
    reply = reply_of(model, "words")
    step_until(reply, is_text)
    pid = model.pid
    model.close()
    with pytest.raises(WorkerDied, match="was closed"):
        step_until(reply, lambda item: False)
    assert pid is not None
    assert not psutil.pid_exists(pid)
    with pytest.raises(WorkerDied, match="was closed"):
        next(model.load())


def test_no_secret_reaches_the_process(model: WorkerModel, monkeypatch: pytest.MonkeyPatch):
    secrets = ["HF_TOKEN", "JPY_API_TOKEN", "OPENAI_API_KEY", "AWS_SECRET_ACCESS_KEY", "DATABASE_URL", "PYTHONPATH_TOKEN"]
    for name in secrets:
        monkeypatch.setenv(name, "hidden-value")
    environment = text(finish(reply_of(model, "environment"))[0])
    assert "hidden-value" not in environment
    assert "HF_HUB_OFFLINE=1" in environment


@pytest.mark.skipif(sys.platform != "linux", reason="/proc")
def test_the_process_gives_way_and_stands_alone(model: WorkerModel, tmp_path: Path):
    said = text(finish(reply_of(model, "status"))[0])
    niceness = min(19, os.nice(0) + 3)
    assert said.split() == ["800", str(niceness), "True", str(tmp_path / "cache" / "worker")]


@pytest.mark.skipif(not active()["writes"], reason="this kernel has no Landlock")
def test_the_process_cannot_write_among_the_users_files(model: WorkerModel, tmp_path: Path):
    notebook = tmp_path / "notebook.ipynb"
    notebook.write_text("mine")
    assert text(finish(reply_of(model, f"write to {notebook}"))[0]) == "PermissionError"
    assert notebook.read_text() == "mine"


def test_the_process_listens_on_no_socket(model: WorkerModel):
    finish(model.load())
    process = psutil.Process(model.pid)
    assert not [connection for connection in process.net_connections("all") if connection.status in ("LISTEN", "NONE")]
    assert not [path for path in Path("/proc/net/unix").read_text().split() if "jupyter" in path and "oci" in path]


OWNER = """
import sys, time
from pathlib import Path
from jupyter_oci.config import ModelConfig
from jupyter_oci.model.client import WorkerModel
model = WorkerModel(ModelConfig(sys.argv[1]), Path(sys.argv[2]), host="hosts:ObedientHost")
for _ in model.load():
    pass
print(model.pid, flush=True)
time.sleep(60)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="signals")
@pytest.mark.parametrize("stopped", [False, True], ids=["running", "hanging"])
def test_the_process_dies_with_its_server(tmp_path: Path, stopped: bool):
    if stopped and sys.platform != "linux":
        pytest.skip("only Linux kills a child that cannot read its end of input")
    weights = tmp_path / "weights.gguf"
    weights.write_text("fine")
    command = [sys.executable, "-c", OWNER, str(weights), str(tmp_path / "cache")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as owner:
        assert owner.stdout is not None
        child = psutil.Process(int(owner.stdout.readline()))
        if stopped:
            child.suspend()
        owner.kill()
    child.wait(NEVER_HANGS)
    assert not child.is_running()


def test_the_server_side_imports_nothing_heavy():
    code = "import sys, jupyter_oci.model.client; print(*sys.modules)"
    modules = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert not {"torch", "transformers", "huggingface_hub", "numpy", "gguf"} & set(modules)


def candidates_of_words(model: WorkerModel, lengths: list[int]) -> CandidateSteps:
    return model.candidates([[Message("user", "words")]] * len(lengths), [SamplingParams(length) for length in lengths])


def test_candidates_come_together_each_with_its_place(model: WorkerModel):
    said, _ = finish(candidates_of_words(model, [2, 4]))
    parts = [item for item in said if isinstance(item, tuple)]
    assert [place for place, part in parts if part == "word "] == [0, 1, 0, 1, 1, 1]
    assert [(place, part.completion_tokens) for place, part in parts if isinstance(part, Usage)] == [(0, 2), (1, 4)]
    assert isinstance(parts[4][1], Usage), "the first one's end was not told at once"
    phases = [item.phase for item in said if isinstance(item, StatusChanged)]
    assert list(dict.fromkeys(phases)) == ["loading", "thinking", "writing"]


def test_enough_of_one_candidate_ends_that_one(model: WorkerModel):
    steps, enough, parts = candidates_of_words(model, [10_000, 300]), None, []
    with suppress(StopIteration):
        while True:
            item = steps.send(enough)
            parts += [item] if isinstance(item, tuple) else []
            enough = {0} if parts else None
    assert [part for place, part in parts if place == 0 and part == "word "] == ["word "]
    assert [(place, part.stop_reason) for place, part in parts if isinstance(part, Usage)] == [(0, "enough"), (1, "length")]


def test_candidates_that_are_all_enough_end_and_say_what_they_cost(model: WorkerModel):
    steps, parts = candidates_of_words(model, [100_000] * 2), []
    step_until(steps, lambda item: isinstance(item, tuple))
    with suppress(StopIteration):
        while True:
            item = steps.send({0, 1})
            parts += [item] if isinstance(item, tuple) else []
    assert sorted(place for place, _ in parts) == [0, 1]
    assert all(part.stop_reason == "enough" and part.completion_tokens < 50_000 for _, part in parts)


def test_closed_candidates_leave_the_model_free(model: WorkerModel):
    steps = candidates_of_words(model, [100_000] * 2)
    step_until(steps, lambda item: isinstance(item, tuple))
    steps.close()
    assert text(finish(reply_of(model, "say so"))[0]) == "so"
