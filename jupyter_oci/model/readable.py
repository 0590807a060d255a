"""What the model's process has to read: its model, Python with its libraries, and a little of the system."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

from .integrity import ORIGIN

_SYSTEM = ("/usr", "/lib", "/lib32", "/lib64", "/opt/rocm", "/opt/cuda", "/nix/store", "/sys")
_CONFIGURATION = ("ld.so.cache", "ld.so.preload", "localtime", "nsswitch.conf", "passwd", "group", "os-release", "OpenCL")
# Of /proc only what tells of this process and of the hardware: a process of the same user could read others' environments there.
_PROCESSES = ("self", "cpuinfo", "meminfo", "stat", "uptime", "version", "filesystems", "zoneinfo", "devices", "driver", "sys")
# What the libraries read beside a single file of weights, and we; any other file there may be anybody's.
_NOTES = (
    "adapter_config.json",
    "added_tokens.json",
    "chat_template.jinja",
    "config.json",
    "generation_config.json",
    "merges.txt",
    "special_tokens_map.json",
    "tokenizer.json",
    "tokenizer.model",
    "tokenizer_config.json",
    "vocab.json",
    ORIGIN,
)


def readable_paths(models: Iterable[Path]) -> Iterator[Path]:
    """Give the files and folders, those of the models last."""
    yield from map(Path, (sys.prefix, sys.base_prefix, sys.exec_prefix, sys.base_exec_prefix))
    yield from map(_narrowed, filter(None, sys.path))
    yield from map(Path, filter(None, os.environ.get("LD_LIBRARY_PATH", "").split(os.pathsep)))
    yield from map(Path, _SYSTEM)
    yield from (Path("/etc", name) for name in _CONFIGURATION)
    yield from (Path("/proc", name) for name in _PROCESSES)
    for model in models:
        yield from _files_of(model)


def listable_paths(models: Iterable[Path]) -> Iterator[Path]:
    """Give the folders that models lie in which are files: libraries look what else is there."""
    yield from (model.parent for model in models if not model.is_dir())


def _narrowed(entry: str) -> Path:
    """Give an entry of `sys.path`; of a checkout, where we are installed to be edited, the package alone."""
    own = Path(__file__).parents[1]
    return own if Path(entry) == own.parent and own.parent.name not in ("site-packages", "dist-packages") else Path(entry)


def _files_of(model: Path) -> Iterator[Path]:
    """Give a model's folder or file, with what links in it point to and the notes beside it."""
    yield model
    if model.is_dir():
        yield from (file.resolve() for file in model.iterdir() if file.is_symlink())
    else:
        yield from (model.with_name(name) for name in _NOTES)
