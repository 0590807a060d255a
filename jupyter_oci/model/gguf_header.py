"""transformers reads the header of a GGUF file, with its whole vocabulary, for configuration, tokenizer and weights each."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import gguf
import numpy as np


@contextmanager
def read_once() -> Iterator[None]:
    """Have each header read once within this block, and faster. For one thread at a time."""
    known: dict[str, gguf.GGUFReader] = {}

    def reader(path: str | Path) -> gguf.GGUFReader:
        return known.get(str(path)) or known.setdefault(str(path), _FastReader(path))

    original = gguf.GGUFReader
    gguf.GGUFReader = reader  # type: ignore[assignment,misc]
    try:
        yield
    finally:
        gguf.GGUFReader = original  # type: ignore[misc]


class _FastReader(gguf.GGUFReader):
    """Takes slices of a plain array: those of a mapped file's kind take twice as long, half a million times."""

    @property
    def data(self) -> Any:
        return self._data

    @data.setter
    def data(self, mapped: Any) -> None:
        self._data = mapped.view(np.ndarray)
