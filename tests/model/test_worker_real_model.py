"""The real 0.5B model through its process: it answers, stops at once in any phase, and is loaded again after a kill."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

from jupyter_oci.config import ModelConfig, SamplingParams
from jupyter_oci.errors import ContextOverflow, WorkerDied
from jupyter_oci.events import StatusChanged
from jupyter_oci.model.base import Message, Usage
from jupyter_oci.model.client import WorkerModel

pytestmark = [pytest.mark.real_model, pytest.mark.timeout(900)]

COUNT = "Write the numbers from 1 to 400, separated by commas."
LONG = "x = 1  # a line of a notebook\n" * 250
IDLE_AT_LAST = 2.0


@pytest.fixture(scope="module")
def model() -> Iterator[WorkerModel]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", str(Path(__file__).parents[2]))
        model = WorkerModel(ModelConfig("qwen2.5-coder-0.5b-instruct"))
        for _ in model.load():
            pass
        yield model
        model.close()


def chat(model: WorkerModel, prompt: str, max_tokens: int = 200) -> Generator[Any, Any, Usage]:
    return model.generate([Message("user", prompt)], SamplingParams(max_tokens))


def finish(reply: Generator[Any, Any, Usage]) -> tuple[str, Usage]:
    said = ""
    while True:
        try:
            item = next(reply)
        except StopIteration as stop:
            return said, stop.value
        said += item if isinstance(item, str) else ""


def step_until(reply: Generator[Any, Any, Usage], phase: str) -> None:
    while next(reply) != StatusChanged(phase):
        pass


def test_it_writes_a_function(model: WorkerModel):
    said, usage = finish(chat(model, "Write a Python function `double(x)` that returns twice x. Only code."))
    assert "def double" in said
    assert usage.stop_reason == "stop"
    assert 0 < usage.completion_tokens <= 200


def test_it_counts_its_own_tokens(model: WorkerModel):
    assert model.count_tokens(["", "import pandas as pd"]) == [0, 4]


def test_a_prompt_beyond_the_window_is_refused(model: WorkerModel):
    with pytest.raises(ContextOverflow):
        finish(chat(model, LONG * 8))


@pytest.mark.parametrize(("phase", "seconds"), [("thinking", 0.4), ("writing", 0.3)])
def test_it_is_idle_soon_after_a_stop(model: WorkerModel, phase: str, seconds: float):
    reply = chat(model, f"{time.time()}\n{LONG}" if phase == "thinking" else COUNT, max_tokens=1000)
    step_until(reply, phase)
    worker = psutil.Process(model.pid)
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        next(reply)
    started = time.monotonic()
    reply.close()
    assert time.monotonic() - started < IDLE_AT_LAST
    assert worker.is_running(), "it should stop by itself, not be killed"
    assert finish(chat(model, "Say hello."))[0]


def test_after_a_kill_the_next_request_loads_it_again(model: WorkerModel):
    reply = chat(model, COUNT, max_tokens=1000)
    step_until(reply, "writing")
    assert model.pid is not None
    os.kill(model.pid, signal.SIGKILL)
    with pytest.raises(WorkerDied, match="Send the request again"):
        finish(reply)
    assert finish(chat(model, "Say hello."))[0]
