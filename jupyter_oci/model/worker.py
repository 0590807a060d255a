"""The model's process: hosts a model behind its standard input and output, one request at a time.

Frames in: `load`, `generate`, `candidates`, `count`, `cancel`, each with the `id` of the call it starts (or cancels: as a
whole, or one `candidate` of it).
Frames out: `progress`, `text`, `ended` (a candidate), then one of `done` and `failed`, with the call's `id`; and `heartbeat`
every second, with the number of `steps` that were computed, of any size: a computation that hangs lets the heart beat, but takes
no more of them.
A reader thread takes the frames, so that a cancel is seen while the main thread computes. End of input ends the process.
"""

from __future__ import annotations

import contextlib
import dataclasses
import importlib
import os
import queue
import sys
import threading
import time
from collections.abc import Callable, Generator, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any, Protocol

from ..config import SamplingParams
from ..errors import ModelError, ModelLoadError, OCIError
from .base import CandidatePart, Message, Usage
from .channel import Channel, Frame
from .confine import confine
from .families import TemplateChoice
from .hardening import harden
from .isolation import leave_network
from .memory import give_back
from .readable import listable_paths, readable_paths

HEARTBEAT = 1.0
REST = 5.0


class Host(Protocol):
    """What the process hosts: `LocalModel`, or another that is built the same way."""

    @property
    def window(self) -> int:
        """Count the tokens that prompt and reply may have together."""
        ...

    @property
    def computed(self) -> dict[str, Any]:
        """Say what it is computed in; see `Placement`."""
        ...

    def calibrate(self, interrupted: Callable[[], bool]) -> bool:
        """Do a little of what can wait; tell whether there was something to do. End soon after `interrupted` says so."""
        ...

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Count each text in the model's tokens; may be called while a reply is generated."""
        ...

    def generate(
        self, messages: Sequence[Message], sampling: SamplingParams, drafts: Sequence[str], cancelled: Callable[[], bool]
    ) -> Generator[str, None, Usage]:
        """Yield the reply's text; end soon after `cancelled` says so."""
        ...

    def candidates(
        self,
        conversations: Sequence[Sequence[Message]],
        samplings: Sequence[SamplingParams],
        enough: Callable[[int], bool],
        cancelled: Callable[[], bool],
    ) -> Iterator[CandidatePart]:
        """Yield the text of several replies, and what each cost when it has ended; end soon after `cancelled` says so."""
        ...


class Worker:
    """Answers the calls that come in through a channel."""

    def __init__(self, channel: Channel, host: str) -> None:
        self._channel = channel
        self._host = host
        self._model: Host | None = None
        self._answers: dict[str, Callable[[Frame], Any]] = {
            "load": self._load,
            "generate": self._generate,
            "candidates": self._candidates,
            "count": self._count,
        }
        self._calls: queue.SimpleQueue[Frame] = queue.SimpleQueue()
        self._cancelled: dict[int, set[int | None]] = {}
        self._num_steps = 0

    def run(self) -> None:
        """Answer until the input ends (the reader then ends the process)."""
        for thread in (self._read, self._beat):
            threading.Thread(target=thread, daemon=True).start()
        while True:
            while self._calls.empty() and self._calibrate():
                pass
            self._answer(self._next())

    def _next(self) -> Frame:
        """Wait for a call; after a while without one, what was freed goes back to the system."""
        try:
            return self._calls.get(timeout=REST)
        except queue.Empty:
            give_back()
            return self._calls.get()

    def _read(self) -> None:
        while frame := self._channel.receive():
            if frame["type"] == "cancel":
                self._cancelled.setdefault(frame["id"], set()).add(frame["candidate"])
            elif frame["type"] == "count":  # at once: a run that only counts must not wait for another's reply
                self._answer(frame)
            else:
                self._calls.put(frame)
        os._exit(0)  # the server is gone: nothing is worth finishing, and the main thread may be deep in a computation

    def _calibrate(self) -> bool:
        """Have the model time itself while nobody asks for anything."""
        try:
            return self._model is not None and self._model.calibrate(lambda: not self._calls.empty())
        except Exception:  # a reply that fails alike is told of
            return False

    def _beat(self) -> None:
        while True:
            self._channel.send({"type": "heartbeat", "steps": self._num_steps})
            time.sleep(HEARTBEAT)

    def _answer(self, frame: Frame) -> None:
        call = frame["id"]
        answer = self._answers[frame["type"]]
        try:
            result = answer(frame)
        except Exception as error:  # whatever a library raises goes to the user as one sentence
            self._channel.send({"type": "failed", "id": call, **_failure(error, loading=frame["type"] == "load")})
        else:
            self._channel.send({"type": "done", "id": call, "result": result})
        self._cancelled.pop(call, None)

    def _load(self, frame: Frame) -> dict[str, Any]:
        def report(detail: str, fraction: float | None) -> None:
            self._channel.send({"type": "progress", "id": frame["id"], "detail": detail, "fraction": fraction})

        module, _, name = self._host.partition(":")
        host = getattr(importlib.import_module(module), name)
        self._model = host.load(
            Path(frame["path"]),
            frame["threads"],
            Path(frame["cache_dir"]),
            report,
            frame["max_window"],
            device=frame["device"],
            choice=TemplateChoice(**frame["template"]),
            draft=Path(frame["draft"]) if frame["draft"] else None,
        )
        return {**self._loaded().computed, "window": self._loaded().window}

    def _generate(self, frame: Frame) -> dict[str, Any]:
        call = frame["id"]
        messages = [Message(**message) for message in frame["messages"]]
        sampling = SamplingParams(**frame["sampling"])
        reply = self._loaded().generate(messages, sampling, frame["drafts"], lambda: self._is_cancelled(call))
        while True:
            try:
                self._channel.send({"type": "text", "id": call, "text": next(reply)})
            except StopIteration as stop:
                return dataclasses.asdict(stop.value)

    def _candidates(self, frame: Frame) -> None:
        call = frame["id"]
        conversations = [[Message(**message) for message in messages] for messages in frame["conversations"]]
        samplings = [SamplingParams(**sampling) for sampling in frame["samplings"]]
        replies = self._loaded().candidates(
            conversations, samplings, partial(self._is_cancelled, call), lambda: self._is_cancelled(call)
        )
        for place, part in replies:
            said = (
                {"type": "text", "text": part} if isinstance(part, str) else {"type": "ended", "usage": dataclasses.asdict(part)}
            )
            self._channel.send({"id": call, "candidate": place, **said})

    def _is_cancelled(self, call: int, candidate: int | None = None) -> bool:
        """Tell whether a call was cancelled, or a candidate of it; a model asks that again and again as it gets on."""
        self._num_steps += 1
        return candidate in self._cancelled.get(call, ())

    def _count(self, frame: Frame) -> list[int]:
        return self._loaded().count_tokens(frame["texts"])

    def _loaded(self) -> Host:
        if self._model is None:
            raise ModelError("The model is not loaded. Send the request again.")
        return self._model


def _failure(error: Exception, *, loading: bool) -> dict[str, str]:
    """Say the error as one of our tree, in one sentence."""
    if isinstance(error, OCIError):
        return {"error": type(error).__name__, "message": str(error)}
    if isinstance(error, MemoryError):
        return {"error": ModelError.__name__, "message": "The model ran out of memory. Take a smaller one, or send fewer cells."}
    kind = ModelLoadError if loading else ModelError
    what = "could not be loaded" if loading else "failed"
    first_line = (str(error).strip().splitlines() or [""])[0][:300]
    return {"error": kind.__name__, "message": f"The model {what} ({type(error).__name__}: {first_line}). Try another model."}


def _private_channel() -> Channel:
    """Take standard input and output for the frames alone; what libraries print goes to standard error."""
    reader, writer = os.dup(0), os.dup(1)
    os.dup2(2, 1)
    sys.stdout = sys.stderr
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    return Channel(os.fdopen(reader, "rb"), os.fdopen(writer, "wb"))


def main() -> None:
    """Host the model class that the first argument names as `module:class`.

    The others are the two folders that it may write to, and the models.
    """
    host, scratch, own, *models = sys.argv[1], *map(Path, sys.argv[2:])
    channel = _private_channel()
    leave_network()
    harden()
    with contextlib.suppress(OSError):  # a container may forbid it; `doctor` tells what is confined
        confine([scratch, own], readable_paths(models), listable_paths(models))
    Worker(channel, host).run()


if __name__ == "__main__":
    main()
