"""A lock that one process holds at a time: what takes long is done once, and the others wait for it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

_TRY_SECONDS: Final = 0.2


@contextmanager
def alone(lock_file: Path, waits: Callable[[], None]) -> Iterator[None]:
    """Hold the lock of a file, which stays there; `waits` is called again and again while another process has it, and may raise.

    Raises:
        OSError: the file cannot be written.
    """
    from filelock import FileLock, Timeout  # noqa: PLC0415 - keeps the import of the client cheap

    lock = FileLock(lock_file)
    while True:
        try:
            lock.acquire(timeout=_TRY_SECONDS)
            break
        except Timeout:
            waits()
    try:
        yield
    finally:
        lock.release()
