"""The rounds of one run of the agent, gathered from its events and from what the model wrote."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace

from ..events import FeedbackGiven, RoundStarted, RunEvent, RunFinished, SourceFinished
from ..model.base import ChatModel
from .record import Round
from .recorded import RecordedModel


@dataclass(slots=True)
class _Open:
    """A round that is under way. `code` is None as long as nothing is written into a cell."""

    began: float
    code: str | None = None
    told: str = ""


class Recorder:
    """Sees the events of a run; `model` is the model to run it with. `cell_id` None: the code of any cell counts."""

    def __init__(self, model: ChatModel, cell_id: str | None = None) -> None:
        self.model = RecordedModel(model)
        self._cell_id = cell_id
        self._open: _Open | None = None
        self._rounds: list[Round] = []

    @property
    def count(self) -> int:
        """Give the number of rounds that have ended."""
        return len(self._rounds)

    def see(self, event: RunEvent) -> None:
        """Take note of an event."""
        if isinstance(event, (RoundStarted, RunFinished)):
            self._close()
            self._open = _Open(time.monotonic()) if isinstance(event, RoundStarted) else None
        elif self._open is None:
            return
        elif isinstance(event, FeedbackGiven):
            self._open.told = event.text
        elif isinstance(event, SourceFinished) and self._cell_id in (None, event.cell_id):
            self._open.code = event.source

    def rounds(self, before: str, judge: Callable[[str], Mapping[str, bool]]) -> Iterator[Round]:
        """Give the rounds with their verdicts. One that writes nothing leaves the code as it was, at first `before`."""
        verdicts: dict[str, Mapping[str, bool]] = {}
        code = before
        for each in self._rounds:
            code = each.code or code
            if code not in verdicts:
                verdicts[code] = judge(code)
            yield replace(each, verdicts=verdicts[code])

    def _close(self) -> None:
        """Make a round of what happened since it began; a reply that was of no use is part of it."""
        exchanges = self.model.take()
        if self._open is None:
            return
        self._rounds.append(
            Round(
                reply="\n\n".join(exchange.reply for exchange in exchanges),
                code=self._open.code or "",
                told=self._open.told,
                verdicts={},
                prompt_tokens=sum(exchange.usage.prompt_tokens for exchange in exchanges),
                completion_tokens=sum(exchange.usage.completion_tokens for exchange in exchanges),
                seconds=time.monotonic() - self._open.began,
            )
        )
