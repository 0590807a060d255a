"""Tokens per second and time to first token against the length of the prompt, as figures and as a picture."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from ....errors import ConfigError
from . import works
from .engine import Engine, Timing
from .engines import OURS

_LENGTHS: Final = (64, 256, 1024, 2048, 4096)
_NUM_TOKENS: Final = 32


@dataclass(frozen=True, slots=True)
class Point:
    """What an engine took for a new prompt of `length` tokens."""

    title: str
    length: int
    first_token_seconds: float
    decode_rate: float


def trace(engines: Sequence[Engine]) -> Iterator[str | list[Point]]:
    """Yield what is being timed, and at last the points."""
    points = []
    ours = next(engine for engine in engines if engine.title == OURS)
    for length in _LENGTHS:
        yield f"a prompt of {length:,} tokens"
        (text,) = ours.ask(do="encode", chats=[], texts=[works.long_text(f"# {length}\n", 8 * length)])["texts"]
        for engine in engines:
            timing: Timing = engine.reply(text[:length], _NUM_TOKENS, None)
            points.append(Point(engine.title, length, timing.first_token_seconds, timing.decode_rate))
    yield points


def draw(points: Sequence[Point], model: str, file: Path) -> None:
    """Write the picture.

    Raises:
        ConfigError: matplotlib is not installed.
    """
    try:
        from matplotlib.figure import Figure  # noqa: PLC0415 - only who wants a picture needs it
    except ImportError as error:
        raise ConfigError("The picture needs matplotlib: `pip install matplotlib`, or leave --plot out.") from error
    figure = Figure(figsize=(8, 3.2), layout="constrained")
    first, rate = figure.subplots(1, 2)
    for title in dict.fromkeys(point.title for point in points):
        chosen = [point for point in points if point.title == title]
        lengths = [point.length for point in chosen]
        first.plot(lengths, [point.first_token_seconds for point in chosen], "o-", label=title)
        rate.plot(lengths, [point.decode_rate for point in chosen], "o-", label=title)
    first.set(title="time to first token, s", yscale="log")
    rate.set(title="decoded tokens per second", ylim=(0, None))
    for axes in (first, rate):
        axes.set(xlabel="tokens of the prompt", xscale="log", xticks=_LENGTHS, xticklabels=map(str, _LENGTHS))
        axes.minorticks_off()
        axes.grid(alpha=0.3)
        axes.legend(frameon=False)
    figure.suptitle(model, fontsize="medium")
    figure.savefig(file, dpi=90)
