"""Liveness: how a server that keeps histories sees whether the one that wrote another one still goes on with it."""

from __future__ import annotations

import contextlib
import logging
from pathlib import Path
from secrets import token_hex

from filelock import BaseFileLock, FileLock, Timeout


class Liveness:
    """A file of this server's own, locked as long as it lives: the operating system lets go of it whatever ends the server."""

    def __init__(self, folder: Path, log: logging.Logger) -> None:
        self._folder = folder
        self._log = log
        self._name = token_hex(16)
        self._lock: BaseFileLock | None = None

    def declare(self) -> str:
        """Give the name by which others find this server, locked from the first call on; empty: nothing can be locked here."""
        if self._lock is None and self._name:
            try:
                self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
                lock = FileLock(self._file(self._name), thread_local=False)
                lock.acquire(blocking=False)
                self._lock = lock
            except (OSError, NotImplementedError, Timeout) as error:
                self._log.warning("Other servers cannot see which runs go on here: %s. The runs go on.", error)
                self._name = ""
        return self._name

    def is_of_another(self, name: str) -> bool:
        """Tell whether `name` is another server that lives; the file of one that does not is removed."""
        file = self._file(name)
        if name in ("", self._name) or not file.exists():
            return False
        with contextlib.suppress(OSError, NotImplementedError):
            try:
                with FileLock(file).acquire(blocking=False):
                    file.unlink(missing_ok=True)
            except Timeout:
                return True
        return False

    def end(self) -> None:
        """Let go of the file and remove it; the runs of this server have ended."""
        if self._lock is not None:
            self._lock.release()
            self._lock = None
            with contextlib.suppress(OSError):
                self._file(self._name).unlink(missing_ok=True)
            self._name = ""

    def _file(self, name: str) -> Path:
        return self._folder / f"{name}.lock"
