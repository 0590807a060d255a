"""Explain a notion or an error that the user describes, in prose. A cell is explained by the agent itself."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import closing

from ..agent.repetition import is_endless
from ..config import SamplingParams
from ..events import StatusChanged
from ..model.base import ChatModel, Message
from .screen import Screen

_SYSTEM = """\
You explain Python code, errors and notions to the user of a Jupyter notebook, in a few short sentences of plain text.
Say what happens and why. For an error, say its cause, and how to mend it, in words. Write no code block and no heading."""
_SAMPLING = SamplingParams(max_tokens=400)
_CHECK_EVERY = 64


def explain(model: ChatModel, what: str, screen: Screen) -> None:
    """Stream the explanation to the screen."""
    messages = (Message("system", _SYSTEM), Message("user", f"# Request\n{what}"))
    _drain(model.load(), screen)
    text, checked = "", 0
    with closing(model.generate(messages, _SAMPLING)) as reply:
        for piece in reply:
            if isinstance(piece, str):
                text += piece
                screen.write(piece)
            elif isinstance(piece, StatusChanged):
                show_status(piece, screen)
            if len(text) - checked >= _CHECK_EVERY:
                checked = len(text)
                if is_endless(text):
                    break
    screen.end()


def show_status(event: StatusChanged, screen: Screen) -> None:
    """Say what goes on, with its progress."""
    under_way = event.fraction is not None and event.fraction < 1
    screen.status(_phase_text(event), slow=event.phase == "queued" or under_way)


def _phase_text(event: StatusChanged) -> str:
    words = {"queued": "Waiting for the model", "loading": "Loading the model", "thinking": "Thinking", "writing": "Writing"}
    text = words.get(event.phase, event.phase.capitalize())
    percent = f"{event.fraction:.0%}" if event.fraction is not None else ""
    more = ", ".join(part for part in (event.detail, percent) if part)
    return f"{text}: {more}" if more else text


def _drain(steps: Generator[StatusChanged | None, None, int], screen: Screen) -> None:
    with closing(steps):
        for step in steps:
            if step is not None:
                show_status(step, screen)
