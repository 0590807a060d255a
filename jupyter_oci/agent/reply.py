"""Take one reply of the model: its prose to the chat, its code token by token into a cell."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Generator, Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from typing import Literal

from ..config import SamplingParams
from ..events import (
    CellOpened,
    ReplyFinished,
    RunEvent,
    SourceDelta,
    SourceFinished,
    StatusChanged,
    TextDelta,
)
from ..model.base import ChatModel, Message, Usage
from .code_blocks import BlockSplitter, Code, Piece, Prose
from .prose import ProseGate
from .python_text import is_within_data
from .repetition import is_endless
from .results import Results

_CHECK_EVERY = 64  # characters between two looks for endless repetition


Fault = Literal["cut", "endless", "thought"]


@dataclass(frozen=True, slots=True)
class CellSlot:
    """Where the code of a reply goes."""

    cell_id: str
    after_cell_id: str | None
    revises: bool = False


@dataclass(frozen=True, slots=True)
class Reply:
    """What the model said. `code` is None without a block; `repeats` when it is one of the known sources.

    `fault` says why the code must not be run: it was cut, went on for ever, or was used up by a thought. `opened` says
    whether something was written into the cell; `unfounded` says why the prose was held back from a sentence on.
    """

    prose: str
    code: str | None
    repeats: bool
    fault: Fault | None
    opened: bool
    unfounded: str | None


def sha256(source: str) -> str:
    """Give the hash of the UTF-8 bytes; a lone surrogate, which has none, counts as `?`."""
    return hashlib.sha256(source.encode("utf-8", "replace")).hexdigest()


@dataclass(slots=True)
class _Writing:
    """The code of the reply. Nothing of it is shown while it may still turn out to be one of the `known` sources."""

    slot: CellSlot | None
    known: Collection[str]
    text: str = ""
    opened: bool = False
    code: str | None = None
    complete: bool = True

    @property
    def repeats(self) -> bool:
        return self.code is not None and self.code.strip() in {source.strip() for source in self.known}

    def add(self, text: str) -> Iterator[RunEvent]:
        self.text += text
        if self.opened or not _begins_one_of(self.text, self.known):
            yield from self._show(text)

    def end(self, code: str, complete: bool) -> Iterator[RunEvent]:
        """Take the block's end. Code that is no more than the beginning of a known source is shown only now."""
        self.code, self.complete = code, complete
        if self.slot is None or self.repeats:
            return
        if not self.opened:
            yield from self._show("")
        yield SourceFinished(self.slot.cell_id, code, sha256(code))

    def _show(self, text: str) -> Iterator[RunEvent]:
        if self.slot is None:
            return
        if not self.opened:
            self.opened, text = True, self.text
            yield CellOpened(self.slot.cell_id, self.slot.after_cell_id, self.slot.revises)
        yield SourceDelta(self.slot.cell_id, text)


class Reading:
    """A reply as it comes, taken apart into prose and code; see `read_reply`."""

    def __init__(self, slot: CellSlot | None, known: Collection[str], results: Results | None = None) -> None:
        self._writing = _Writing(slot, known)
        self._gate = ProseGate(results)
        self._splitter = BlockSplitter()
        self._prose = ""
        self._text = ""
        self._checked = 0
        self._endless = False

    @property
    def enough(self) -> bool:
        """Whether nothing that follows would count."""
        return self._writing.code is not None or self._endless or self._gate.forged

    def add(self, text: str) -> Iterator[RunEvent]:
        """Take more of the reply, and show it."""
        self._text += text
        yield from self._show(self._splitter.feed(text))
        if len(self._text) - self._checked >= _CHECK_EVERY:
            self._checked = len(self._text)
            self._endless = is_endless(self._text) and (
                is_endless(self._text, data=True) or not is_within_data(self._splitter.code)
            )

    def end(self, usage: Usage) -> Generator[RunEvent, None, Reply]:
        """Show what is left, and say what the reply cost; return it."""
        if self._writing.code is None:
            yield from self._show(self._splitter.finish())
        if not self._endless:
            yield from self._say(self._gate.finish())
        yield ReplyFinished(usage.prompt_tokens, usage.cached_tokens, usage.completion_tokens, usage.seconds, usage.stop_reason)
        writing = self._writing
        return Reply(self._prose.strip(), writing.code, writing.repeats, self._fault(usage), writing.opened, self._gate.unfounded)

    def _fault(self, usage: Usage) -> Fault | None:
        if self._endless:
            return "endless"
        if usage.stop_reason != "length":
            return None
        if not self._text:
            return "thought"
        return None if self._writing.complete else "cut"

    def _show(self, pieces: Iterator[Piece]) -> Iterator[RunEvent]:
        for piece in pieces:
            if isinstance(piece, Prose):
                yield from self._say(self._gate.feed(piece.text))
            elif self._gate.forged:
                return
            elif isinstance(piece, Code):
                yield from self._writing.add(piece.text)
            else:
                yield from self._writing.end(piece.code, piece.complete)
                return

    def _say(self, text: str) -> Iterator[RunEvent]:
        if text:
            self._prose += text
            yield TextDelta(text)


def read_reply(
    model: ChatModel,
    messages: Sequence[Message],
    sampling: SamplingParams,
    slot: CellSlot | None,
    *,
    known: Collection[str] = (),
    drafts: Sequence[str] = (),
    results: Results | None = None,
) -> Generator[RunEvent | None, None, Reply]:
    """Stream one reply, up to the end of its first block: what follows it would be guesswork before the result is known.

    Code goes into the slot's cell, without a slot nowhere; a repeat of one of the `known` sources opens no cell. Once there
    are `results`, prose is held to their numbers.
    """
    reading = Reading(slot, known, results)
    with closing(model.generate(messages, sampling, drafts)) as generation:
        usage = yield from _stream(generation, reading)
    return (yield from reading.end(usage))


def without_prose(
    reading: Generator[RunEvent | None, None, Reply], *, unless_code: bool = False
) -> Generator[RunEvent | None, None, Reply]:
    """Pass on all but the prose, which is not for the user; `unless_code`: it is, as soon as code follows it."""
    held: list[RunEvent] = []
    shows = False

    def shown(event: RunEvent | None) -> Iterator[RunEvent | None]:
        nonlocal shows
        if unless_code and isinstance(event, CellOpened):
            shows = True
            yield from held
            held.clear()
        hides = isinstance(event, TextDelta) and not shows
        if event and hides and unless_code:
            held.append(event)
        yield None if hides else event

    reply = yield from passed_on(reading, shown)
    yield from held if reply.code is not None else ()
    return reply


def passed_on(
    reading: Generator[RunEvent | None, None, Reply], change: Callable[[RunEvent | None], Iterable[RunEvent | None]]
) -> Generator[RunEvent | None, None, Reply]:
    """Pass on what `change` makes of each event of a reply."""
    with closing(reading):
        while True:
            try:
                event = next(reading)
            except StopIteration as end:
                reply: Reply = end.value
                return reply
            yield from change(event)


def _stream(
    generation: Generator[str | StatusChanged | None, bool | None, Usage], reading: Reading
) -> Generator[RunEvent | None, None, Usage]:
    """Pass the model's text on until it ends, or until there is enough of it."""
    enough: bool | None = None
    while True:
        try:
            piece = generation.send(enough)
        except StopIteration as end:
            usage: Usage = end.value
            return usage
        if isinstance(piece, str) and not reading.enough:
            yield from reading.add(piece)
        else:
            yield piece if isinstance(piece, StatusChanged) else None
        enough = True if reading.enough else None


def _begins_one_of(text: str, sources: Collection[str]) -> bool:
    return any(source.strip().startswith(text.strip()) for source in sources)
