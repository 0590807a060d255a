"""Start the processes to be compared: ours, and llama-cpp-python as installed and with its own prompt lookup."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from . import peer
from .engine import Engine

OURS, PEER, LOOKUP = "ours", "llama-cpp-python", "its prompt lookup"
_WINDOW = 4608


@dataclass(frozen=True, slots=True)
class Setup:
    """What is compared.

    `cache_dir`, empty at first, is for our quantised weights, and on Linux for our compiled code. `clock` "cpu" counts the CPU
    seconds of replies, which with one thread tell the same on a machine that others use, too. `peer_python` None: ours alone.
    """

    model_file: Path
    cache_dir: Path
    threads: int
    clock: Literal["wall", "cpu"]
    peer_python: Path | None

    @property
    def titles(self) -> list[str]:
        """Give the titles of the columns."""
        return [OURS] if self.peer_python is None else [OURS, PEER, LOOKUP]

    def start(self, title: str) -> Engine:
        """Start the process of a column and load its model."""
        if title == OURS:
            arguments = [str(self.model_file), str(self.cache_dir), str(self.threads), self.clock]
            command = [sys.executable, "-m", f"{__package__}.ours", *arguments]
            return Engine(title, command, {"XDG_CACHE_HOME": str(self.cache_dir)})
        kind = "lookup" if title == LOOKUP else "plain"
        arguments = [str(self.model_file), str(self.threads), self.clock, str(_WINDOW), kind]
        return Engine(title, [str(self.peer_python), "-I", peer.__file__, *arguments])


@contextmanager
def started(setup: Setup, titles: list[str]) -> Iterator[list[Engine]]:
    """Give the engines of these columns, and end them afterwards."""
    engines: list[Engine] = []
    try:
        for title in titles:
            engines.append(setup.start(title))
        yield engines
    finally:
        for engine in engines:
            engine.close()


def forget_pages(place: Path) -> bool:
    """Have the system drop what it keeps in memory of a file, or of a folder's files; tell whether it can be asked to."""
    if not hasattr(os, "posix_fadvise"):
        return False
    for file in [place] if place.is_file() else [file for file in place.rglob("*") if file.is_file()]:
        with file.open("rb") as opened:
            os.fsync(opened.fileno())
            os.posix_fadvise(opened.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
    return True
