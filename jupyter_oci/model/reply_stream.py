"""Replies on their way from the model's process to the caller of `generate` or `candidates`."""

from __future__ import annotations

from collections.abc import Generator

from ..events import StatusChanged
from .base import CandidateText, Usage
from .process import Call


def reply_stream(call: Call) -> Generator[str | StatusChanged | None, bool | None, Usage]:
    """Yield the text of a `generate` call; return its cost. Text that comes after "enough" is dropped."""
    enough = writing = False
    said: list[str | StatusChanged | None] = [StatusChanged("thinking")]
    frames = call.frames()
    try:
        while True:
            for item in said:
                if (yield item) and not enough:
                    enough = True
                    call.cancel()
            frame = next(frames)
            text = frame["text"] if frame and not enough else None
            said = [text] if writing or not text else [StatusChanged("writing"), text]
            writing = writing or bool(text)
    except StopIteration as stop:
        return Usage(**stop.value)
    finally:
        call.settle()


def candidates_stream(call: Call) -> Generator[CandidateText | StatusChanged | None, bool | None, list[Usage]]:
    """Yield the text of a `candidates` call; return what each cost. Text of one that comes after its "enough" is dropped."""
    enough, writing = set[int](), False
    said: list[CandidateText | StatusChanged | None] = [StatusChanged("thinking")]
    frames = call.frames()
    try:
        while True:
            for item in said:
                if (yield item) and isinstance(item, tuple):
                    enough.add(item[0])
                    call.cancel(item[0])
            frame = next(frames)
            text = (frame["candidate"], frame["text"]) if frame and frame["candidate"] not in enough else None
            said = [text] if writing or not text else [StatusChanged("writing"), text]
            writing = writing or bool(text)
    except StopIteration as stop:
        return [Usage(**usage) for usage in stop.value]
    finally:
        call.settle()
