"""Successor: a model that takes the place of another one only when nothing is seen to speak against it."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Generator, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final

import psutil

from ..config import SamplingParams
from ..errors import ModelError
from ..events import StatusChanged
from ..model.base import CandidateSteps, ChatModel, Message, Usage
from ..model.client import WorkerModel
from ..model.integrity import check_memory
from .model_card import State

VETTING: Final = "jupyter_oci.model.vetting:Vetting"


@dataclass(frozen=True, slots=True)
class Former:
    """The model that goes on working: what ending it gives back, in bytes, and how it is ended."""

    memory: Callable[[], int]
    end: Callable[[], None]


class Successor:
    """Behaves as `model`. Before its first load `vetting` looks at its files, and only then the former one ends.

    One that has no process of ours (`vetting` is None) is loaded before the former one ends. May be used from any thread.
    """

    def __init__(self, model: ChatModel, vetting: WorkerModel | None, former: Former) -> None:
        self.model = model
        self._vetting = vetting
        self._former = former
        self._has_taken_over = False
        self._failure = ""

    @property
    def name(self) -> str:
        """Give the name that the user knows it by."""
        return self.model.name

    @property
    def pid(self) -> int | None:
        """Give the id of its process; None: there is none."""
        pid: int | None = getattr(self.model, "pid", None)
        return pid

    def card(self) -> dict[str, Any]:
        """Say where it stands, as its own card does."""
        if self._failure:
            return asdict(State("failed", self._failure))
        shown = self.model if self._has_taken_over or self._vetting is None else self._vetting
        card = getattr(shown, "card", None)
        told: dict[str, Any] = card() if card else asdict(State("ready"))
        return {**told, "state": "loading"} if shown is self._vetting and told["state"] == "ready" else told

    def load(self) -> Generator[StatusChanged | None, None, int]:
        """Take over, if that has not been done, and load; see `ChatModel`."""
        yield from self._take_over()
        return (yield from self.model.load())

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Count each text in the model's own tokens; see `ChatModel`."""
        for _ in self._take_over():
            pass
        return self.model.count_tokens(texts)

    def generate(
        self, messages: Sequence[Message], sampling: SamplingParams, drafts: Sequence[str] = ()
    ) -> Generator[str | StatusChanged | None, bool | None, Usage]:
        """Take over, if that has not been done, and write; see `ChatModel`."""
        yield from self._take_over()
        return (yield from self.model.generate(messages, sampling, drafts))

    def candidates(self, conversations: Sequence[Sequence[Message]], samplings: Sequence[SamplingParams]) -> CandidateSteps:
        """Take over, if that has not been done, and write several; see `ChatModel`."""
        yield from self._take_over()
        yield from self.model.candidates(conversations, samplings)

    def unload(self) -> None:
        """Give the memory back, where the model knows how.

        Raises:
            ModelError: it is in use.
        """
        if unload := getattr(self.model, "unload", None):
            unload()

    def close(self) -> None:
        """End it for good."""
        for part in (self._vetting, self.model):
            if close := getattr(part, "close", None):
                close()

    def _take_over(self) -> Generator[StatusChanged | None, None, None]:
        if self._has_taken_over:
            return
        try:
            if self._vetting is None:
                yield from self.model.load()
            else:
                needed = yield from self._vetting.load()
                if not self._has_taken_over:  # for another request, meanwhile: then the former one gives nothing back any more
                    check_memory(needed, given_back=self._former.memory())
        except ModelError as error:
            self._failure = str(error)
            raise
        finally:
            if self._vetting:
                with contextlib.suppress(ModelError):  # another request waits for what it says
                    self._vetting.unload()
        self._former.end()
        self._has_taken_over = True


def memory_of(model: ChatModel) -> int:
    """Give the bytes of memory that ending the model's process gives back; 0: it has none."""
    pid = getattr(model, "pid", None)
    try:
        return int(psutil.Process(pid).memory_info().rss) if pid else 0
    except psutil.Error:  # it has just ended
        return 0
