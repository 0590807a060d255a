"""One model for several problems at a time: what is asked of it at once is written as one batch."""

from __future__ import annotations

import queue
import threading
from collections.abc import Generator, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from ..config import SamplingParams
from ..errors import ContextOverflow
from ..events import StatusChanged
from ..model.base import Message, Usage
from ..model.client import WorkerModel

_PATIENCE = 5.0  # seconds without another request until those that are there begin
_TICK = 0.05
Model = TypeVar("Model")


@dataclass(eq=False, slots=True)
class _Asked:
    """One request. `said` gets the pieces of its reply, then what it cost, or why there is none."""

    messages: tuple[Message, ...]
    sampling: SamplingParams
    said: queue.SimpleQueue[str | Usage | Exception] = field(default_factory=queue.SimpleQueue)
    enough: bool = False


class BatchedModel:
    """A `ChatModel` for `size` threads. Their requests wait for each other, for some seconds at most.

    Nothing is drafted. Where the model computes in bits of our own, each reply is the one that it would be alone.
    """

    def __init__(self, model: WorkerModel, size: int) -> None:
        self._model = model
        self._size = size
        self._waiting: queue.SimpleQueue[_Asked] = queue.SimpleQueue()
        threading.Thread(target=self._serve, name="batches", daemon=True).start()

    @property
    def name(self) -> str:
        """Give the model's name."""
        return self._model.name

    def load(self) -> Generator[StatusChanged | None, None, int]:
        """Make the model ready."""
        return self._model.load()

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Count each text in the model's own tokens."""
        return self._model.count_tokens(texts)

    def generate(
        self,
        messages: Sequence[Message],
        sampling: SamplingParams,
        drafts: Sequence[str] = (),  # noqa: ARG002 - a batch has none
    ) -> Generator[str | StatusChanged | None, bool | None, Usage]:
        """Yield the reply's text as it comes; see `ChatModel`."""
        asked = _Asked(tuple(messages), sampling)
        self._waiting.put(asked)
        try:
            while True:
                try:
                    said = asked.said.get(timeout=_TICK)
                except queue.Empty:
                    yield None
                    continue
                if isinstance(said, Usage):
                    return said
                if isinstance(said, Exception):
                    raise said
                asked.enough = bool((yield said)) or asked.enough
        finally:
            asked.enough = True

    def close(self) -> None:
        """End the model's process; what waits for it fails."""
        self._model.close()

    def _serve(self) -> None:
        while True:
            self._answer(self._gathered())

    def _answer(self, batch: Sequence[_Asked]) -> None:
        """Have a batch written. A prompt that is too long is known before anything is, and fails for itself alone."""
        ends: Sequence[Usage | Exception]
        try:
            ends = self._written(batch)
        except ContextOverflow as error:
            if len(batch) > 1:
                for asked in batch:
                    self._answer([asked])
                return
            ends = [error]
        except Exception as error:  # whatever it is, those who wait are told, and the next batch is written
            ends = [error] * len(batch)
        for asked, end in zip(batch, ends, strict=True):
            asked.said.put(end)

    def _gathered(self) -> list[_Asked]:
        """Wait for requests, for no longer than another one may be expected."""
        batch = [self._waiting.get()]
        while len(batch) < self._size:
            try:
                batch.append(self._waiting.get(timeout=_PATIENCE))
            except queue.Empty:
                break
        return batch

    def _written(self, batch: Sequence[_Asked]) -> list[Usage]:
        """Have the replies written, each up to where it is enough; give what each cost."""
        steps = self._model.candidates([asked.messages for asked in batch], [asked.sampling for asked in batch])
        enough: bool | None = None
        while True:
            try:
                item = steps.send(enough)
            except StopIteration as stop:
                costs: list[Usage] = stop.value
                return costs
            enough = None
            if isinstance(item, tuple):
                asked = batch[item[0]]
                asked.said.put(item[1])
                enough = asked.enough or None


def batched(model: Model, size: int) -> Model | BatchedModel:
    """Have a model of this machine's write what several threads ask of it as batches; a model server does so by itself."""
    return BatchedModel(model, size) if size > 1 and isinstance(model, WorkerModel) else model
