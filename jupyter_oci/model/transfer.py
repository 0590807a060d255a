"""A download as a child process: its progress is the bytes on disk, cancelling it is ending it."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from ..errors import ModelLoadError, Stopped

Cancelled = Callable[[], bool]

_POLL = 0.1


def transfer(
    program: Sequence[str],
    folder: Path,
    *,
    environment: Mapping[str, str],
    on_bytes: Callable[[int], None],
    cancelled: Cancelled,
    patience: float,
) -> None:
    """Run a module (with its arguments) that downloads into `folder`; give `on_bytes` the folder's size in bytes as it grows.

    It ends when this process does: what outlived a killed server would write into what the next one resumes.

    Raises:
        ModelLoadError: it failed (the message is the last line it said), or brought nothing for `patience` seconds.
        Stopped: `cancelled` said so.
    """
    folder.mkdir(parents=True, exist_ok=True)
    log = folder / "log.txt"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "jupyter_oci.model.tethered", *program],
            cwd=folder,
            env={**os.environ, **environment},
            stdin=subprocess.PIPE,
            stdout=output,
            stderr=output,
        )
    try:
        _watch(process, folder, on_bytes, cancelled, patience)
    finally:
        process.kill()
        process.communicate()
    if process.returncode:
        raise ModelLoadError(_last_words(log))


def _watch(
    process: subprocess.Popen[bytes], folder: Path, on_bytes: Callable[[int], None], cancelled: Cancelled, patience: float
) -> None:
    size, grown = -1, time.monotonic()
    while process.poll() is None:
        if cancelled():
            raise Stopped
        now = folder_bytes(folder)
        if now != size:
            size, grown = now, time.monotonic()
            on_bytes(size)
        elif time.monotonic() - grown > patience:
            raise ModelLoadError(f"nothing came for {patience:.0f} s")
        time.sleep(_POLL)


def folder_bytes(folder: Path) -> int:
    """Add up the sizes of all files below, in bytes; files that vanish meanwhile do not count."""
    total = 0
    for parent, _, names in os.walk(folder):  # unlike rglob it passes over folders that vanish
        for name in names:
            with contextlib.suppress(OSError):
                total += Path(parent, name).stat().st_size
    return total


def _last_words(log: Path) -> str:
    lines = [line.strip() for line in log.read_text("utf-8", "replace").splitlines() if line.strip()]
    errors = [line for line in lines if line.startswith("ERROR")]
    return (errors or lines or ["no reason was given"])[-1][:300].rstrip(".")
