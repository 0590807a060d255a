"""One model for several problems at a time: what is asked of it at once is written as one batch."""

from __future__ import annotations

import queue
import threading
from collections.abc import Generator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from typing import Any, TypeVar

from ..config import SamplingParams
from ..errors import ContextOverflow
from ..events import StatusChanged
from ..model.base import CandidatePart, CandidateSteps, Message, Usage
from ..model.client import WorkerModel

_PATIENCE = 5.0  # seconds without another request until those that are there begin
_TICK = 0.05
Model = TypeVar("Model")


@dataclass(eq=False, slots=True)
class _Asked:
    """A reply that a request asks for. `said` gets its parts with its place, at last what it cost or why there is none."""

    place: int
    messages: tuple[Message, ...]
    sampling: SamplingParams
    said: queue.SimpleQueue[tuple[int, str | Usage | Exception]]
    enough: bool = False


class BatchedModel:
    """A `ChatModel` for `size` threads. Their requests wait for each other, for some seconds at most.

    Nothing is drafted. Where the model computes in bits of our own, each reply is the one that it would be alone.
    """

    def __init__(self, model: WorkerModel, size: int) -> None:
        self._model = model
        self._size = size
        self._waiting: queue.SimpleQueue[Sequence[_Asked]] = queue.SimpleQueue()
        threading.Thread(target=self._serve, name="batches", daemon=True).start()

    @property
    def name(self) -> str:
        """Give the model's name."""
        return self._model.name

    @property
    def computed(self) -> Mapping[str, Any]:
        """Say what the model is computed in."""
        return self._model.computed

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
        enough: bool | None = None
        with closing(self.candidates([messages], [sampling])) as steps:
            while True:
                item = steps.send((0,) if enough else None)
                part = item[1] if isinstance(item, tuple) else item
                if isinstance(part, Usage):
                    return part
                enough = yield part

    def candidates(self, conversations: Sequence[Sequence[Message]], samplings: Sequence[SamplingParams]) -> CandidateSteps:
        """Yield the replies as they come, which are part of the common batch; see `ChatModel`."""
        said: queue.SimpleQueue[tuple[int, str | Usage | Exception]] = queue.SimpleQueue()
        told = zip(conversations, samplings, strict=True)
        request = [_Asked(place, tuple(messages), sampling, said) for place, (messages, sampling) in enumerate(told)]
        self._waiting.put(request)
        left = len(request)
        try:
            while left:
                item = _next(said)
                left -= isinstance(item, tuple) and isinstance(item[1], Usage)
                for place in (yield item) or ():
                    request[place].enough = True
        finally:
            for asked in request:
                asked.enough = True

    def close(self) -> None:
        """End the model's process; what waits for it fails."""
        self._model.close()

    def _serve(self) -> None:
        while True:
            self._answer(self._gathered())

    def _answer(self, batch: Sequence[_Asked]) -> None:
        """Have a batch written. A prompt that is too long is known before anything is, and fails for itself alone."""
        try:
            self._write(batch)
        except ContextOverflow as error:
            if len(batch) > 1:
                for asked in batch:
                    self._answer([asked])
            else:
                _tell(batch, error)
        except Exception as error:  # whatever it is, those who wait are told, and the next batch is written
            _tell(batch, error)

    def _gathered(self) -> list[_Asked]:
        """Wait for requests, for no longer than another one may be expected."""
        requests = [self._waiting.get()]
        while len(requests) < self._size:
            try:
                requests.append(self._waiting.get(timeout=_PATIENCE))
            except queue.Empty:
                break
        return [asked for request in requests for asked in request]

    def _write(self, batch: Sequence[_Asked]) -> None:
        """Have the replies written, each up to where it is enough."""
        steps = self._model.candidates([asked.messages for asked in batch], [asked.sampling for asked in batch])
        enough: list[int] | None = None
        while True:
            try:
                item = steps.send(enough)
            except StopIteration:
                return
            if isinstance(item, tuple):
                asked = batch[item[0]]
                asked.said.put((asked.place, item[1]))
            enough = [place for place, asked in enumerate(batch) if asked.enough]


def _tell(batch: Sequence[_Asked], error: Exception) -> None:
    for asked in batch:
        asked.said.put((asked.place, error))


def _next(said: queue.SimpleQueue[tuple[int, str | Usage | Exception]]) -> CandidatePart | None:
    """Give what was said next of a request; None: nothing for a moment."""
    try:
        place, part = said.get(timeout=_TICK)
    except queue.Empty:
        return None
    if isinstance(part, Exception):
        raise part
    return place, part


def batched(model: Model, size: int) -> Model | BatchedModel:
    """Have a model of this machine's write what several threads ask of it as batches; a model server does so by itself."""
    return BatchedModel(model, size) if size > 1 and isinstance(model, WorkerModel) else model
