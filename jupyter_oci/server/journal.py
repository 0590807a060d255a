"""Keep the runs of each notebook as files of JSON lines, so that they outlive the server.

A folder per notebook, in one per folder of notebooks (each named by a hash of its name), so that what is renamed or deleted is
one folder here too. In it a file per run: the header is the first line, each event a line.
Appending is all that ever happens to a file, so a crash costs the last line at most.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import logging
import os
import re
import shutil
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO, Any

from ..events import Mode
from .kept_output import History
from .liveness import Liveness

MAX_RUNS_PER_NOTEBOOK = 50

_RUN_ID = re.compile(r"[0-9a-f]{32}")


@dataclass(frozen=True, slots=True)
class Header:
    """What is known of a run before its first event. `started` is in seconds since the epoch, `client_id` began it."""

    run_id: str
    owner: str
    path: str
    kernel_id: str
    prompt: str
    mode: Mode
    model: str
    started: float
    client_id: str


@dataclass(frozen=True, slots=True)
class Record:
    """A run as read back: its events in order, perhaps without an end. `server` wrote it."""

    header: Header
    events: tuple[dict[str, Any], ...]
    settled: bool
    server: str


class JournalFile:
    """The file of one run that is going on. A write that fails ends the file, never the run."""

    def __init__(self, file: IO[str] | None, log: logging.Logger) -> None:
        self._file = file
        self._log = log
        self._history = History()

    def append(self, event: dict[str, Any]) -> None:
        """Write an event, as the history keeps it."""
        self._write(json.dumps(self._history.of(event), separators=(",", ":")))

    def close(self) -> None:
        """Close the file; twice does nothing."""
        if self._file is not None:
            with contextlib.suppress(OSError):
                self._file.close()
            self._file = None

    def _write(self, line: str) -> None:
        if self._file is None:
            return
        try:
            self._file.write(line + "\n")
            self._file.flush()
        except (OSError, ValueError) as error:
            self._log.warning("The history of a run is no longer written to disk: %s. The run goes on.", error)
            self.close()


class Journal:
    """All files of histories under `folder`. `root` tells notebooks of the same path in different servers apart."""

    def __init__(self, folder: Path, root: str, log: logging.Logger) -> None:
        self._folder = folder
        self._root = root
        self._log = log
        self._liveness = Liveness(folder / "servers", log)

    def create(self, header: Header) -> JournalFile:
        """Begin the file of a run, and drop the notebook's oldest ones beyond what is kept."""
        folder = self._of(header.path)
        try:
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            for old in self._files(folder)[: -MAX_RUNS_PER_NOTEBOOK + 1]:
                old.unlink(missing_ok=True)
            descriptor = os.open(folder / f"{header.run_id}.jsonl", os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except OSError as error:
            self._log.warning("The history of a run cannot be written to %s: %s. The run goes on.", folder, error)
            return JournalFile(None, self._log)
        file = JournalFile(os.fdopen(descriptor, "w", encoding="utf-8", errors="replace"), self._log)
        file._write(json.dumps({"header": asdict(header), "server": self._liveness.declare()}))
        return file

    def read(self, path: str) -> list[Record]:
        """Read all runs of a notebook, oldest first."""
        records = [record for file in self._files(self._of(path)) if (record := _read(file, path))]
        return sorted(records, key=lambda record: record.header.started)

    def goes_on_elsewhere(self, record: Record) -> bool:
        """Tell whether another server, which has the same folder, is still at work on a run."""
        has_ended = any(event["type"] == "run_finished" for event in record.events)
        return not has_ended and self._liveness.is_of_another(record.server)

    def close(self) -> None:
        """Say that no run goes on here any more."""
        self._liveness.end()

    def settle(self, path: str, run_id: str) -> None:
        """Note that the document holds all of this run."""
        with self._reported("mark a run as settled"), self._file(path, run_id).open("a", encoding="utf-8") as file:
            file.write('\n{"settled": true}\n')  # the line before it may be torn

    def remove(self, path: str, run_id: str) -> None:
        """Forget a run."""
        with self._reported("remove the history of a run"):
            self._file(path, run_id).unlink(missing_ok=True)

    def move(self, run_id: str, path: str, new_path: str) -> None:
        """Keep a run under the notebook's new path."""
        with self._reported("move the history of a notebook"):
            self._of(new_path).mkdir(parents=True, exist_ok=True, mode=0o700)
            self._file(path, run_id).rename(self._file(new_path, run_id))

    def rename(self, path: str, new_path: str) -> None:
        """Keep all runs of a notebook, or of those in a folder, under its new path; what was there is forgotten."""
        self.drop(new_path)
        if self._of(path).exists():
            with self._reported("move the history of a notebook"):
                self._of(new_path).parent.mkdir(parents=True, exist_ok=True, mode=0o700)
                self._of(path).rename(self._of(new_path))

    def drop(self, path: str) -> None:
        """Forget all runs of a notebook, or of those in a folder."""
        with self._reported("remove the history of a notebook"), contextlib.suppress(FileNotFoundError):
            shutil.rmtree(self._of(path))

    def _of(self, path: str) -> Path:
        return self._folder.joinpath(*(_hashed(name) for name in (self._root, *path.split("/"))))

    def _file(self, path: str, run_id: str) -> Path:
        assert _RUN_ID.fullmatch(run_id), "ids are made by the server"
        return self._of(path) / f"{run_id}.jsonl"

    def _files(self, folder: Path) -> list[Path]:
        """List the files of a notebook, those that were written longest ago first."""
        with contextlib.suppress(OSError):
            return sorted(folder.glob("*.jsonl"), key=lambda file: file.stat().st_mtime)
        return []

    @contextlib.contextmanager
    def _reported(self, what: str) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            self._log.warning("Could not %s: %s", what, error)


def _hashed(name: str) -> str:
    return hashlib.sha256(name.encode("utf-8", "replace")).hexdigest()[:16]


def _read(file: Path, path: str) -> Record | None:
    """Read a run; None when even its header is unreadable. The path is the caller's: the notebook may have been moved."""
    lines = list(_objects(file))
    try:
        header = Header(**{**lines[0]["header"], "path": path})
    except (IndexError, KeyError, TypeError):
        return None
    events = tuple(line for line in lines[1:] if "seq" in line and "type" in line)
    settled = any("settled" in line for line in lines[1:])
    return Record(header, events, settled, str(lines[0].get("server", "")))


def _objects(file: Path) -> Iterator[dict[str, Any]]:
    """Yield the lines that can be read: a crash or a full disk may have torn one."""
    try:
        text = file.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return
    for line in text.split("\n"):
        with contextlib.suppress(ValueError):
            value = json.loads(line)
            if isinstance(value, dict):
                yield value
