"""Step through what a WorkerModel yields."""

from __future__ import annotations

import time
from collections.abc import Callable, Generator
from typing import Any

from jupyter_oci.config import SamplingParams
from jupyter_oci.model.base import Message, Usage
from jupyter_oci.model.client import WorkerModel

NEVER_HANGS = 20.0

Reply = Generator[Any, Any, Usage]


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
