"""What becomes of a reply, and of the next one, when the model's process hangs or dies; and it dies with its server."""

from __future__ import annotations

import errno
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest
from worker_steps import NEVER_HANGS, finish, is_text, reply_of, step_until, text, wait_until

from jupyter_oci.errors import WorkerDied
from jupyter_oci.events import StatusChanged
from jupyter_oci.model.client import WorkerModel


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


def test_a_process_that_ends_by_itself_leaves_its_last_words(make: Callable[..., WorkerModel]):
    with pytest.raises(WorkerDied, match="the library gave up"):
        finish(make("exit").load())


def test_a_process_for_which_nothing_can_be_opened_is_said(model: WorkerModel, monkeypatch: pytest.MonkeyPatch):
    def too_many(*_: object) -> None:
        raise OSError(errno.EMFILE, "Too many open files")

    monkeypatch.setattr(tempfile, "TemporaryFile", too_many)
    with pytest.raises(WorkerDied, match=r"could not be started .*Too many open files"):
        finish(reply_of(model, "Hello"))


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
