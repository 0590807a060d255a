"""The file of an evaluation's records: a JSON line per problem, whole after any crash, and never of two kinds of run."""

from __future__ import annotations

import dataclasses
import json
import os
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from ..errors import ConfigError
from .manifest import BEGAN, COMPUTED, SURROUNDINGS
from .record import Record, Round

RECORDS = "records.jsonl"
MANIFEST = "manifest.json"


class Results:
    """The records in a folder, by problem, and the `manifest` that says what they are records of.

    `lost` counts the lines that could not be read; their problems are done again.
    """

    def __init__(self, folder: Path, manifest: Mapping[str, Any]) -> None:
        self.folder = folder
        self.manifest = dict(manifest)
        self.lost = 0
        self._records: dict[str, Record] = {}
        self._lock = threading.Lock()

    @property
    def done(self) -> frozenset[str]:
        """Give the problems that have a record."""
        return frozenset(self._records)

    def records(self, problems: Sequence[str]) -> list[Record]:
        """Give the records there are of these problems, in this order."""
        return [self._records[problem] for problem in problems if problem in self._records]

    def agree(self, computed: Mapping[str, Any]) -> None:
        """Note what the models are computed in, and of which weights, or see that records which are there were computed so.

        Raises:
            ConfigError: they were not.
        """
        there = self.manifest.get(COMPUTED, {})
        if self._records and (differing := differences(there, computed)):
            raise ConfigError(
                f"The records in {self.folder} were computed otherwise ({differing}): run it with the same weights, when "
                "memory, processor and cards are as free as then, or name another folder with --output, and fix bits and window "
                "there by --device and --window."
            )
        if there != computed:
            self.manifest[COMPUTED] = dict(computed)
            _write(self.folder, self.manifest)

    def add(self, record: Record) -> None:
        """Write the record, unless it is there; it is on the disk when this returns. Safe to call from several threads."""
        with self._lock:
            if self._records.get(record.problem) == record:
                return
            with (self.folder / RECORDS).open("a", encoding="utf-8") as file:
                file.write(f"{json.dumps(dataclasses.asdict(record))}\n")
                file.flush()
                os.fsync(file.fileno())
            self._records[record.problem] = record

    def read(self) -> None:
        """Take what is there; lines that a crash or an editor broke are left out, and the file is whole again."""
        path = self.folder / RECORDS
        lines = path.read_bytes().splitlines(keepends=True) if path.exists() else []
        kept = []
        for line in lines:
            record = _record(line)
            if record is None:
                self.lost += 1
                continue
            self._records[record.problem] = record
            kept.append(line)
        if self.lost:
            _replace(path, b"".join(kept))


def read_results(folder: Path) -> tuple[dict[str, Any], list[Record]]:
    """Give the manifest of a folder's results and the records, and leave them as they are; a broken line is none.

    Raises:
        ConfigError: there are none.
    """
    try:
        manifest = json.loads((folder / MANIFEST).read_text("utf-8"))
        lines = (folder / RECORDS).read_bytes().splitlines(keepends=True)
    except (OSError, ValueError) as error:
        raise ConfigError(f"{folder} holds no results of an evaluation ({error}).") from error
    records = {record.problem: record for record in map(_record, lines) if record is not None}
    return manifest, list(records.values())


@contextmanager
def open_results(folder: Path, manifest: Mapping[str, Any]) -> Iterator[Results]:
    """Open a folder's results, for this process alone; `manifest` says what they are results of.

    Raises:
        ConfigError: they are of another run than the manifest's, another process writes them, or the folder cannot be written.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock = FileLock(folder / ".lock", timeout=0)
        lock.acquire()
    except Timeout:
        raise ConfigError(f"Another process writes to {folder}: wait for it, or name another folder with --output.") from None
    except OSError as error:
        raise ConfigError(f"Cannot write to {folder}: {error.strerror or error}.") from error
    try:
        results = Results(folder, _agreed(folder, manifest))
        results.read()
        yield results
    finally:
        lock.release()


def differences(there: Mapping[str, Any], now: Mapping[str, Any]) -> str:
    """Say of what differs what it was and what it is now; empty: nothing does."""
    differing = [name for name in {**there, **now} if there.get(name) != now.get(name)]
    return ", ".join(f"{name} {there.get(name, 'not known')}, now {now.get(name, 'not known')}" for name in differing)


def _agreed(folder: Path, manifest: Mapping[str, Any]) -> dict[str, Any]:
    """See that the manifest of the records there says the same, save of what may change, or write it; give what holds now."""
    path, records = folder / MANIFEST, folder / RECORDS
    if not records.exists() or not records.stat().st_size:
        _write(folder, manifest)
        return dict(manifest)
    if not path.exists():
        raise ConfigError(f"{folder} holds records without their {MANIFEST}: name another folder with --output.")
    try:
        there = json.loads(path.read_text("utf-8"))
    except ValueError as error:
        raise ConfigError(f"{path} cannot be read ({error}): name another folder with --output.") from error
    wanted = json.loads(json.dumps(manifest))
    may_differ = (SURROUNDINGS, COMPUTED, BEGAN)
    differing = [key for key in {**there, **wanted} if key not in may_differ and there.get(key) != wanted.get(key)]
    if differing:
        raise ConfigError(
            f"{folder} holds results of another run ({', '.join(differing)} differ): name another folder with --output, "
            "or run it as before."
        )
    return {**wanted, **{key: there[key] for key in (COMPUTED, BEGAN) if key in there}}


def _write(folder: Path, manifest: Mapping[str, Any]) -> None:
    _replace(folder / MANIFEST, f"{json.dumps(manifest, indent=2)}\n".encode())


def _record(line: bytes) -> Record | None:
    """Read a record; None: the line is cut or is none."""
    try:
        value = json.loads(line) if line.endswith(b"\n") else None
        if not isinstance(value, dict):
            return None
        return Record(**{**value, "rounds": tuple(Round(**each) for each in value["rounds"])})
    except (ValueError, TypeError, KeyError):
        return None


def _replace(path: Path, content: bytes) -> None:
    """Write a file in one step."""
    staged = path.with_suffix(".new")
    staged.write_bytes(content)
    staged.replace(path)
