"""See that a model's files are whole before a library opens them, and that the machine can take what is in them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

from ..errors import ModelLoadError
from .memory import available_memory

ORIGIN: Final = "origin.json"
_LFS_POINTER: Final = b"version https://git-lfs"
_CHUNK: Final = 1 << 20


def sha256(file: Path) -> str:
    """Give the SHA-256 of a file's bytes, in hexadecimal."""
    digest = hashlib.sha256()
    with file.open("rb") as stream:
        while chunk := stream.read(_CHUNK):
            digest.update(chunk)
    return digest.hexdigest()


@dataclass(frozen=True, slots=True)
class Origin:
    """Where downloaded files are from: the source in words, the revision that came, and each file's SHA-256 where it is known."""

    source: str
    revision: str
    sha256: Mapping[str, str]


def keep_origin(folder: Path, origin: Origin) -> None:
    """Note beside downloaded files what they were, so that damage to them is seen later."""
    (folder / ORIGIN).write_text(json.dumps(asdict(origin), indent=2), "utf-8")


def origin_of(folder: Path) -> Origin | None:
    """Read what was noted beside files; None: nothing that can be read."""
    try:
        return Origin(**json.loads((folder / ORIGIN).read_text("utf-8")))
    except (OSError, ValueError, TypeError):
        return None


def noted_sha256(files: Sequence[Path]) -> str:
    """Give what was noted of weights when they came: the file's SHA-256, of several files that of theirs; empty: nothing was."""
    origins = [origin_of(file.parent) for file in files]
    noted = [origin.sha256.get(file.name, "") if origin else "" for origin, file in zip(origins, files, strict=True)]
    if not all(noted):
        return ""
    return noted[0] if len(noted) == 1 else hashlib.sha256("".join(noted).encode()).hexdigest()


def check_files(files: Iterable[Path]) -> None:
    """Look at the first bytes of weights.

    Raises:
        ModelLoadError: one of the files is empty, or stands for another.
    """
    for file in files:
        with file.open("rb") as stream:
            head = stream.read(len(_LFS_POINTER))
        if not head:
            raise ModelLoadError(f"{file} is empty; fetch the model again.")
        if head == _LFS_POINTER:
            raise ModelLoadError(
                f"{file} only points to the weights; run `git lfs pull` in its folder, or fetch the model again."
            )


def check_checksums(files: Iterable[Path]) -> None:
    """Compare weights with what was noted beside them when they came. Reads them through.

    Raises:
        ModelLoadError: one was changed since.
    """
    for file in files:
        origin = origin_of(file.parent)
        known = origin.sha256.get(file.name) if origin else None
        if known and sha256(file) != known:
            raise ModelLoadError(
                f"{file} is damaged: its SHA-256 is not that of its download; remove the model and fetch it again."
            )


def check_memory(needed: int, *, given_back: int = 0) -> None:
    """See that `needed` bytes are free, with those that another model gives back before.

    Raises:
        ModelLoadError: they are not.
    """
    free = available_memory() + given_back
    if needed > free:
        raise ModelLoadError(
            f"The model is too large for this machine: to open it takes {needed / 1e9:.1f} GB of memory, "
            f"{free / 1e9:.1f} GB are free; choose a smaller one, or close other programs."
        )
