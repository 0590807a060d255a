"""WorkerModel loads its model, tells of it, and gives the memory back."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest
from worker_steps import NEVER_HANGS, finish, is_text, reply_of, step_until, text, wait_until

from jupyter_oci.config import ModelConfig
from jupyter_oci.errors import ModelError, ModelLoadError
from jupyter_oci.events import StatusChanged
from jupyter_oci.model.client import WorkerModel
from jupyter_oci.model.process import WorkerProcess
from jupyter_oci.model.turns import Turns


def test_load_reports_progress_and_returns_the_window(model: WorkerModel):
    said, window = finish(model.load())
    assert window == 512
    assert StatusChanged("loading", "Reading", 0.5) in said
    assert finish(model.load()) == ([], 512)


def test_it_says_what_the_model_is_computed_in_once_it_is_loaded(model: WorkerModel):
    assert model.computed == {}
    finish(model.load())
    assert model.computed == {"device": "cpu", "bits read": 8, "bits written": 4, "window": 512}


def test_the_card_follows_the_model(model: WorkerModel):
    assert model.card()["state"] == "available"
    loading = model.load()
    step_until(loading, lambda item: item is not None and item.fraction == 0.5)
    assert model.card() == {"state": "loading", "detail": "Reading", "fraction": 0.5}
    finish(loading)
    assert model.card()["state"] == "ready"
    model.unload()
    assert model.card()["state"] == "available"


def test_where_the_cache_is_only_read_the_process_works_in_the_users_own(
    make: Callable[..., WorkerModel], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "home"))
    (tmp_path / "cache").mkdir()
    (tmp_path / "cache" / "worker").write_text("no folder can be made here")
    model = make()
    finish(model.load())
    assert model.pid is not None
    assert Path(psutil.Process(model.pid).cwd()) == tmp_path / "home" / "jupyter-oci" / "worker"


def test_where_the_cache_is_only_read_and_nothing_is_prepared_it_says_who_can_help(
    make: Callable[..., WorkerModel], tmp_path: Path
):
    (tmp_path / "cache").mkdir()
    (tmp_path / "cache" / "packed").write_text("no folder can be made here")
    with pytest.raises(
        ModelLoadError, match=r"has not been prepared in .*cache, .* Have it loaded once by someone who may write"
    ):
        finish(make().load())


def test_a_load_that_is_closed_is_given_up(make: Callable[..., WorkerModel]):
    model = make("slow")
    loading = model.load()
    step_until(loading, lambda item: item is not None and item.fraction == 0.5)
    pid = model.pid
    assert pid is not None
    loading.close()
    assert not psutil.pid_exists(pid)
    assert model.card()["state"] == "available"


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
