"""`jupyter oci models`: which models there are, what they need, and which of them are here."""

from __future__ import annotations

import argparse
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table
from rich.text import Text

from ..errors import ConfigError
from ..model.bandwidth import measured_bandwidth
from ..model.catalogue import CATALOGUE, HubSource, ModelSpec, find
from ..model.download import downloaded, fetch, is_available, remove, where_from
from ..model.families import STOP_TOKENS
from ..model.machine import Fit, Machine
from ..model.needs import Bits, gpu_bytes, packed_bytes
from . import model_options

_LEAST_WIDTH = 100  # of the table: in less rich leaves out the last column, whether a model is here and fits
_NOTE = (
    "Memory is what opening a model takes at its peak, GPU what it takes there in bf16 (8 bits half of it, 4 bits a third). "
    "Tokens/s is an estimate for this machine's CPU from the bandwidth of its memory, not a measurement. All are Apache-2.0; "
    "what they were made of has licences of its own: `jupyter oci models show NAME`."
)


def add_to(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add `models` to the command line."""
    parser = commands.add_parser("models", help="list, show, download or remove models")
    actions = parser.add_subparsers(required=True, metavar="ACTION")
    listing = actions.add_parser("list", help="show the catalogue and what is here")
    model_options.add_cache_dir(listing)
    listing.set_defaults(command=show_models)
    for name, command, text in (
        ("show", show_model, "tell all that is known of a model"),
        ("download", download_model, "bring a model into the cache, verified"),
        ("remove", remove_model, "delete a downloaded model and what was prepared from it"),
    ):
        action = actions.add_parser(name, help=text)
        action.add_argument(
            "name", metavar="NAME", help='a name of the list, "auto", a path of yours, or a name on the Hugging Face Hub'
        )
        model_options.add_cache_dir(action)
        action.set_defaults(command=command)


def show_models(arguments: argparse.Namespace) -> int:
    """Print the catalogue as a table, and what else is in the cache."""
    cache_dir, default = arguments.cache_dir, find("auto")
    machine = _look(cache_dir)
    table = Table(box=None, pad_edge=False)
    table.add_column("model", no_wrap=True)
    for title in ("window", "download", "memory", "GPU", "tokens/s"):
        table.add_column(title, justify="right", no_wrap=True)
    table.add_column("here", overflow="fold")
    for spec in (*CATALOGUE, *downloaded(cache_dir)):
        fit = machine.fit(spec, cache_dir)
        sizes = (spec.download_bytes, spec.memory_bytes, _gpu(spec, 16))
        window = f"{spec.context_window:,}" if spec.context_window else ""
        table.add_row(spec.name, window, *map(_size, sizes), _rate(fit), _state(spec, default, fit, cache_dir))
    console = Console()
    console.width = max(console.width, _LEAST_WIDTH)
    console.print(table)
    free = f"Free here: {_size(machine.memory)} of memory, {_size(machine.disk)} of disk."
    console.print(Text(f"\n{free} {_NOTE}", style="dim"))
    return 0


def show_model(arguments: argparse.Namespace) -> int:
    """Print what is known of one model, and of its files here."""
    spec, cache_dir = find(arguments.name), arguments.cache_dir
    fit, origin = _look(cache_dir).fit(spec, cache_dir), where_from(spec, cache_dir)
    estimate = "an estimate for the CPU from the bandwidth of its memory"
    gpu = ", ".join(f"{_size(_gpu(spec, bits))} in {bits} bits" for bits in spec.card_bits) if spec.parameters else ""
    states = f", {spec.state_bytes / 1000:,.0f} kB of memory each" if spec.state_bytes else ""
    facts = {
        "name": spec.name,
        "licence": f"{spec.license}; made of {spec.base}" if spec.base else spec.license,
        "window": f"{spec.context_window:,} tokens{states}" if spec.context_window else "as its files say",
        "template": f"that of its files, else {spec.family!r}" if spec.family else "that of its files",
        "a reply ends at": " ".join(STOP_TOKENS) + " and the tokenizer's own end, those that it has",
        "sources": "; ".join(_source(source) for source in spec.sources) or str(spec.path or spec.host),
        "here": f"{origin.source} at {origin.revision}" if origin else _state(spec, None, fit, cache_dir) or "no",
        "disk": f"{_size(spec.download_bytes)} download, {_size(packed_bytes(spec.parameters))} prepared",
        "memory": f"{_size(spec.memory_bytes)} to open it",
        "GPU memory": gpu,
        "this machine": fit.obstacle or "fits",
        "tokens/s": f"{_rate(fit)}, {estimate}" if fit.tokens_per_second else "",
    }
    table = Table(box=None, show_header=False, pad_edge=False)
    for name, fact in facts.items():
        if fact:
            table.add_row(name, Text(fact))
    Console().print(table)
    return 0


def download_model(arguments: argparse.Namespace) -> int:
    """Bring the model's weights, with a bar that moves."""
    spec = find(arguments.name)
    if is_available(spec, arguments.cache_dir):
        print(f"{spec.title} is here.")
        return 0
    columns = (TextColumn("{task.description}"), BarColumn(), TimeRemainingColumn(compact=True))
    with Progress(*columns, console=Console(stderr=True)) as progress:
        task = progress.add_task(f"Downloading {spec.title}", total=None)

        def report(text: str, fraction: float | None) -> None:
            progress.update(task, description=text, total=None if fraction is None else 1.0, completed=fraction or 0.0)

        place = fetch(spec, arguments.cache_dir, report)
    print(f"{spec.title} is in {place}.")
    return 0


def remove_model(arguments: argparse.Namespace) -> int:
    """Delete what was downloaded and prepared."""
    spec = find(arguments.name)
    if not remove(spec, arguments.cache_dir):
        raise ConfigError(
            f"There is nothing of {spec.title} in {arguments.cache_dir}; name the folder that has it with --cache-dir."
        )
    yours = f"What was prepared from {spec.path} is deleted. The model itself is yours and stays."
    print(yours if spec.path else f"{spec.title} is not in the cache any more.")
    return 0


def _look(cache_dir: Path) -> Machine:
    measured_bandwidth(cache_dir)
    return Machine.look(cache_dir)


def _state(spec: ModelSpec, default: ModelSpec | None, fit: Fit, cache_dir: Path) -> str:
    words = [
        *(["downloaded"] if is_available(spec, cache_dir) else []),
        *(["default"] if spec == default else []),
        *([f"too little {fit.lacks}"] if fit.lacks else []),
    ]
    return ", ".join(words)


def _source(source: object) -> str:
    if isinstance(source, HubSource):
        return f"Hugging Face Hub {source.repository} at {source.revision}"
    return "the package index"


def _rate(fit: Fit) -> str:
    rate = fit.tokens_per_second
    return "" if rate is None else f"~{rate:.0f}" if rate >= 10 else f"~{rate:.1f}"


def _gpu(spec: ModelSpec, bits: Bits) -> int:
    return gpu_bytes(spec.parameters, bits, spec.state_bytes) if spec.parameters else 0


def _size(size: int) -> str:
    return f"{size / 1e9:.1f} GB" if size else ""
