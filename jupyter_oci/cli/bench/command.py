"""The command: which measures to take, and how they are shown."""

from __future__ import annotations

import argparse
import dataclasses
import json
import platform
from collections.abc import Callable, Iterator
from pathlib import Path

from rich.console import Console
from rich.table import Table
from rich.text import Text

from ...errors import ConfigError
from .. import model_options
from . import context, kernel, rounds, server, speed, stop
from .figure import Figure

Measure = Callable[[str, Path], Iterator[Figure]]

MEASURES: dict[str, Measure] = {
    "rounds": rounds.measure,
    "context": context.measure,
    "kernel": kernel.measure,
    "stop": stop.measure,
    "server": server.measure,
}


_COMPARISON = "model"
_ALL = [*MEASURES, _COMPARISON]


def add_to(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add `bench` to the command line."""
    parser = commands.add_parser("bench", help="measure the figures we promise on this machine")
    parser.add_argument("measures", nargs="*", metavar="MEASURE", help=f"any of {', '.join(_ALL)} (default: all)")
    parser.add_argument("--model", default="qwen2.5-coder-0.5b-instruct", help="the model to measure (default: %(default)s)")
    parser.add_argument("--json", action="store_true", help="print the figures as one JSON object")
    model_options.add_cache_dir(parser)
    speed.add_to(parser)
    parser.set_defaults(command=measure)


def measure(arguments: argparse.Namespace) -> int:
    """Take the measures and print them; 1 if a target was missed."""
    names = arguments.measures or _ALL
    if unknown := [name for name in names if name not in _ALL]:
        raise ConfigError(f"There is no measure {unknown[0]!r}; choose of {', '.join(_ALL)}.")
    console, figures, comparison = Console(stderr=True), list[Figure](), None
    for name in names:
        with console.status(f"Measuring: {name}") as status:
            if name == _COMPARISON:
                comparison = speed.run(arguments, lambda step: status.update(f"Measuring: {step}"))
            else:
                figures += MEASURES[name](arguments.model, arguments.cache_dir)
    if arguments.json:
        compared = {"comparison": comparison.as_json()} if comparison else {}
        taken = {"machine": _machine(), "figures": [_as_json(figure) for figure in figures], **compared}
        print(json.dumps(taken, indent=2))
    else:
        _print(figures)
        if comparison:
            speed.show(comparison)
    return 0 if all(figure.reached for figure in figures) and (comparison is None or comparison.reached) else 1


def _machine() -> dict[str, str]:
    return {"platform": platform.platform(), "processor": platform.machine(), "python": platform.python_version()}


def _as_json(figure: Figure) -> dict[str, object]:
    return {**dataclasses.asdict(figure), "reached": figure.reached}


def _print(figures: list[Figure]) -> None:
    if not figures:
        return
    table = Table(box=None, pad_edge=False)
    table.add_column("figure")
    for title in ("measured", "at most", "samples"):
        table.add_column(title, justify="right")
    for figure in figures:
        style = "green" if figure.reached else "bold red"
        measured = Text(f"{figure.value:,.1f} {figure.unit}", style=style)
        table.add_row(figure.name, measured, f"{figure.target:,.0f} {figure.unit}", str(figure.samples))
    Console().print(table)
