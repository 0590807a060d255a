"""What the command line says of the comparison, and the comparison that it asks for."""

from __future__ import annotations

import argparse
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path

from ....errors import ConfigError
from ....model.catalogue import ModelSpec, find
from ....model.cpus import usable_cores
from ....model.download import fetch
from ...numbers import positive
from .curve import check_place, draw, points_of
from .engines import Setup
from .measure import Comparison, compare


def add_to(parser: argparse.ArgumentParser) -> None:
    """Add its options to the command."""
    options = parser.add_argument_group("options of the measure `model`")
    options.add_argument("--peer-python", metavar="FILE", help="an interpreter that has llama-cpp-python, to compare with")
    options.add_argument(
        "--threads", type=positive, metavar="N", help="threads of all that are compared (default: the usable cores)"
    )
    options.add_argument("--cpu-time", action="store_true", help="CPU seconds of one thread, for a machine that others use too")
    options.add_argument("--rounds", type=positive, default=3, metavar="N", help="times of each reply (default: %(default)s)")
    options.add_argument("--plot", type=Path, metavar="FILE", help="draw tokens per second and time to first token")
    options.add_argument(
        "--beside",
        type=Path,
        nargs="+",
        default=[],
        metavar="JSON",
        help="draw other models too, from what `--plot --json` printed",
    )


def run(arguments: argparse.Namespace, say: Callable[[str], None]) -> Comparison:
    """Compare as asked; `say` hears what is being measured.

    Raises:
        ConfigError: the request cannot be carried out.
    """
    if arguments.plot:
        check_place(arguments.plot)
    spec, cache = find(arguments.model), arguments.cache_dir
    others = dict(map(points_of, arguments.beside))
    model_file = fetch(spec, cache, lambda detail, _: say(detail))
    peer = _peer(arguments, model_file)
    with tempfile.TemporaryDirectory(dir=cache, prefix="bench-") as folder:
        threads = 1 if arguments.cpu_time else arguments.threads or usable_cores()
        setup = Setup(model_file, Path(folder), threads, "cpu" if arguments.cpu_time else "wall", peer)
        comparison = _compare(setup, spec, arguments, say)
    if arguments.plot:
        draw({**others, spec.name: comparison.points}, arguments.plot)
    return comparison


def _compare(setup: Setup, spec: ModelSpec, arguments: argparse.Namespace, say: Callable[[str], None]) -> Comparison:
    steps = compare(setup, spec.name, arguments.rounds, with_curve=arguments.plot is not None)
    while isinstance(step := next(steps), str):
        say(step)
    return step


def _peer(arguments: argparse.Namespace, model_file: Path) -> Path | None:
    if arguments.peer_python is None:
        return None
    if model_file.suffix != ".gguf":
        raise ConfigError("llama-cpp-python reads GGUF files only; leave --peer-python out for this model.")
    found = shutil.which(arguments.peer_python)
    if found is None:
        raise ConfigError(f"There is no interpreter {arguments.peer_python}; name one that has llama-cpp-python.")
    return Path(found)
