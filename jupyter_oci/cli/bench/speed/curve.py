"""Tokens per second and time to first token against the length of the prompt, as figures and as a picture."""

from __future__ import annotations

import itertools
import json
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from ....errors import ConfigError
from . import works
from .engine import Engine, Timing
from .engines import OURS

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_LENGTHS: Final = (64, 256, 1024, 2048, 4096)
_NUM_TOKENS: Final = 32
_LINES: Final = ("o-", "s--", "^:", "d-.")


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


def points_of(file: Path) -> tuple[str, list[Point]]:
    """Read the model's name and the points of a measurement that was kept, as `--json` printed it.

    Raises:
        ConfigError: the file holds none.
    """
    try:
        comparison = json.loads(file.read_text("utf-8"))["comparison"]
        return comparison["facts"]["model"], [Point(**point) for point in comparison["points"]]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ConfigError(f"{file} holds no measurement; name what `bench model --plot FILE --json` printed.") from error


def check_place(file: Path) -> None:
    """Refuse now what could not be drawn after minutes of measuring.

    Raises:
        ConfigError: matplotlib is not installed, or the file cannot be written.
    """
    try:
        with tempfile.TemporaryDirectory(dir=file.parent) as folder:
            draw({}, Path(folder, file.name))
    except (OSError, ValueError) as error:
        raise ConfigError(f"Cannot draw {file} ({error}). Name a .png, .svg or .pdf file in a folder that is there.") from error


def draw(curves: Mapping[str, Sequence[Point]], file: Path) -> None:
    """Write the picture of the points of one or several models, by their names.

    Raises:
        ConfigError: matplotlib is not installed.
    """
    try:
        picture(curves).savefig(file, dpi=150)
    except ImportError as error:
        raise ConfigError("The picture needs matplotlib: `pip install matplotlib`, or leave --plot out.") from error


def picture(curves: Mapping[str, Sequence[Point]]) -> Figure:
    """Draw a colour for each engine, and a kind of line for each model."""
    from matplotlib.figure import Figure  # noqa: PLC0415 - only who wants a picture needs it

    figure = Figure(figsize=(9, 3.8), layout="constrained")
    first, rate = figure.subplots(1, 2)
    titles = dict.fromkeys(point.title for points in curves.values() for point in points)
    for (model, points), line in zip(curves.items(), itertools.cycle(_LINES)):
        for color, title in enumerate(titles):
            chosen = [point for point in points if point.title == title]
            lengths, style = [point.length for point in chosen], {"color": f"C{color}", "label": f"{title}, {model}"}
            first.plot(lengths, [point.first_token_seconds for point in chosen], line, **style)
            rate.plot(lengths, [point.decode_rate for point in chosen], line, **style)
    first.set(title="Time to the first token", ylabel="seconds", yscale="log")
    first.yaxis.set_major_formatter("{x:g}")
    rate.set(title="Decoding", ylabel="tokens per second", ylim=(0, None))
    for axes in (first, rate):
        axes.set(xlabel="tokens of the prompt", xscale="log", xticks=_LENGTHS, xticklabels=[f"{length:,}" for length in _LENGTHS])
        axes.minorticks_off()
        axes.grid(alpha=0.3)
        axes.spines[["top", "right"]].set_visible(False)
    figure.legend(handles=first.lines, loc="outside lower center", ncols=2, frameon=False)
    return figure
