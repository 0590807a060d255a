"""What is noted beside prepared weights: the files that they were made of, and checksums by which damage is seen."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Final

from .weights_file import Checksums

_NAME: Final = "prepared.json"


@dataclass(frozen=True, slots=True)
class Note:
    """`source` is the path of the files; `checksums` are those of a prepared file's tensors, by its name."""

    source: str = ""
    checksums: Mapping[str, Checksums] = field(default_factory=dict)

    @classmethod
    def of(cls, folder: Path) -> Note:
        """Read what was noted in a folder; earlier versions noted nothing."""
        try:
            return cls(**json.loads((folder / _NAME).read_text("utf-8")))
        except (OSError, ValueError, TypeError):
            return cls()

    def keep(self, folder: Path) -> None:
        """Write it into a folder."""
        (folder / _NAME).write_text(json.dumps(asdict(self)), "utf-8")


def write_through(folder: Path) -> None:
    """Wait until the files of a folder are on the disk, so that a loss of power leaves no holes in them."""
    for file in (file for file in folder.rglob("*") if file.is_file()):
        with file.open("rb+") as opened:
            os.fsync(opened.fileno())
