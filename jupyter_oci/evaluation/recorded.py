"""A model whose exchanges are kept, word for word, for one problem."""

from __future__ import annotations

from collections.abc import Collection, Generator, Sequence
from contextlib import closing
from dataclasses import dataclass

from ..config import SamplingParams
from ..events import StatusChanged
from ..model.base import UNWRITTEN, CandidateSteps, ChatModel, Message, Usage


@dataclass(frozen=True, slots=True)
class Exchange:
    """One reply as the model wrote it, and what it cost."""

    messages: tuple[Message, ...]
    reply: str
    usage: Usage


class RecordedModel:
    """The model that it is given, with its exchanges."""

    def __init__(self, model: ChatModel) -> None:
        self._model = model
        self._exchanges: list[Exchange] = []

    @property
    def name(self) -> str:
        """Give the model's name."""
        return self._model.name

    def take(self) -> tuple[Exchange, ...]:
        """Give the exchanges since the last time."""
        taken, self._exchanges = tuple(self._exchanges), []
        return taken

    def load(self) -> Generator[StatusChanged | None, None, int]:
        """Make the model ready."""
        return self._model.load()

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Count each text in the model's own tokens."""
        return self._model.count_tokens(texts)

    def generate(
        self, messages: Sequence[Message], sampling: SamplingParams, drafts: Sequence[str] = ()
    ) -> Generator[str | StatusChanged | None, bool | None, Usage]:
        """Pass on what the model writes, and keep it."""
        pieces: list[str] = []
        enough: bool | None = None
        with closing(self._model.generate(messages, sampling, drafts)) as steps:
            while True:
                try:
                    piece = steps.send(enough)
                except StopIteration as end:
                    self._exchanges.append(Exchange(tuple(messages), "".join(pieces), end.value))
                    return end.value  # type: ignore[no-any-return]
                pieces += [piece] if isinstance(piece, str) else []
                enough = yield piece

    def candidates(self, conversations: Sequence[Sequence[Message]], samplings: Sequence[SamplingParams]) -> CandidateSteps:
        """Pass on what the model writes, and keep what was begun, in the order in which it was asked for."""
        texts, costs = [""] * len(conversations), dict[int, Usage]()
        enough: Collection[int] | None = None
        with closing(self._model.candidates(conversations, samplings)) as steps:
            while True:
                try:
                    item = steps.send(enough)
                except StopIteration:
                    break
                if isinstance(item, tuple):
                    place, part = item
                    if isinstance(part, str):
                        texts[place] += part
                    else:
                        costs[place] = part
                enough = yield item
        begun = [place for place in sorted(costs) if costs[place] != UNWRITTEN]
        self._exchanges += [Exchange(tuple(conversations[place]), texts[place], costs[place]) for place in begun]
