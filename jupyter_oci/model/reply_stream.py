"""Replies on their way from the model's process to the caller of `generate` or `candidates`."""

from __future__ import annotations

from collections.abc import Collection, Generator

from ..events import StatusChanged
from .base import CandidatePart, CandidateSteps, Usage
from .channel import Frame
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


def candidates_stream(call: Call, count: int) -> CandidateSteps:
    """Yield what a `candidates` call says of its `count` replies. Text of one that comes after its "enough" is dropped."""
    enough, writing = set[int](), False
    said: list[CandidatePart | StatusChanged | None] = [StatusChanged("thinking")]
    frames = call.frames()
    try:
        while True:
            for item in said:
                _cancel(call, enough, (yield item) or (), count)
            frame = next(frames)
            part = _part(frame, enough) if frame else None
            said = [part] if writing or not part else [StatusChanged("writing"), part]
            writing = writing or part is not None
    except StopIteration:
        return
    finally:
        call.settle()


def _part(frame: Frame, enough: Collection[int]) -> CandidatePart | None:
    place = frame["candidate"]
    if frame["type"] == "text":
        return None if place in enough else (place, frame["text"])
    return place, Usage(**frame["usage"])


def _cancel(call: Call, enough: set[int], more: Collection[int], count: int) -> None:
    """Have more of the replies ended, once; when all are, the call with them, so that it leaves the step that it is at."""
    new = set(more) - enough
    enough |= new
    for place in new if len(enough) < count else ():
        call.cancel(place)
    if new and len(enough) == count:
        call.cancel()
