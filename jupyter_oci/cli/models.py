"""`jupyter oci models`: which models there are, and which of them are here."""

from __future__ import annotations

import argparse

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from ..model.catalogue import CATALOGUE, ModelSpec, find, fits
from ..model.download import default_cache_dir, fetch, is_available, remove


def add_to(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add `models` to the command line."""
    parser = commands.add_parser("models", help="list, download or remove models")
    actions = parser.add_subparsers(required=True, metavar="ACTION")
    actions.add_parser("list", help="show the catalogue and what is here").set_defaults(command=show_models)
    for name, command, text in (
        ("download", download_model, "bring a model into the cache, verified"),
        ("remove", remove_model, "delete a downloaded model and what was prepared from it"),
    ):
        action = actions.add_parser(name, help=text)
        action.add_argument("name", metavar="NAME", help='a name of the list, "auto", or a name on the Hugging Face Hub')
        action.set_defaults(command=command)


def show_models(arguments: argparse.Namespace) -> int:
    """Print the catalogue as a table."""
    table = Table(box=None, pad_edge=False)
    for title in ("model", "license", "download", "memory", "here"):
        table.add_column(title, justify="right" if title in ("download", "memory") else "left", no_wrap=title != "here")
    default = find("auto")
    for spec in CATALOGUE:
        table.add_row(spec.name, spec.license, _size(spec.download_bytes), _size(spec.memory_bytes), _state(spec, default))
    Console().print(table)
    return 0


def download_model(arguments: argparse.Namespace) -> int:
    """Bring the model's weights, with a bar that moves."""
    spec = find(arguments.name)
    if is_available(spec, default_cache_dir()):
        print(f"{spec.title} is here.")
        return 0
    columns = (TextColumn("{task.description}"), BarColumn(), TimeRemainingColumn(compact=True))
    with Progress(*columns, console=Console(stderr=True)) as progress:
        task = progress.add_task(f"Downloading {spec.title}", total=None)

        def report(text: str, fraction: float | None) -> None:
            progress.update(task, description=text, total=None if fraction is None else 1.0, completed=fraction or 0.0)

        place = fetch(spec, default_cache_dir(), report)
    print(f"{spec.title} is in {place}.")
    return 0


def remove_model(arguments: argparse.Namespace) -> int:
    """Delete what was downloaded and prepared."""
    spec = find(arguments.name)
    remove(spec, default_cache_dir())
    print(f"{spec.title} is not in the cache any more.")
    return 0


def _state(spec: ModelSpec, default: ModelSpec) -> str:
    words = [
        *(["downloaded"] if is_available(spec, default_cache_dir()) else []),
        *(["default here"] if spec == default else []),
        *([] if fits(spec) else ["does not fit the free memory"]),
    ]
    return ", ".join(words)


def _size(size: int) -> str:
    return f"{size / 1e9:.1f} GB" if size else ""
