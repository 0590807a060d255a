"""Runs inside the user's kernel: say which files of data lie in its working folder, and what columns their first line names.

The source of this file is sent to the kernel like that of the probe, and needs nothing but the standard library.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterator

DATA = (
    *(
        ".csv",
        ".tsv",
        ".txt",
        ".json",
        ".jsonl",
        ".xlsx",
        ".xls",
        ".ods",
        ".parquet",
        ".feather",
        ".pkl",
        ".pickle",
        ".h5",
        ".hdf5",
    ),
    *(
        ".npy",
        ".npz",
        ".db",
        ".sqlite",
        ".xml",
        ".yaml",
        ".yml",
        ".toml",
        ".gz",
        ".zip",
        ".png",
        ".jpg",
        ".jpeg",
        ".geojson",
        ".nc",
    ),
)
WITH_COLUMNS = (".csv", ".tsv")
MOST_FOLDERS = 10
MOST_ENTRIES = 500  # of one folder that are looked at
MOST_FILES = 50
LONGEST = 150
"""Characters of a path or a first line."""


def answer(seconds: float) -> str:
    """Give [[path, first line], ...] as JSON, newest first, as far as the time goes."""
    deadline = time.monotonic() + seconds
    found = sorted(data_files(deadline), reverse=True)[:MOST_FILES]
    return json.dumps([[path, first_line(path) if time.monotonic() < deadline else ""] for _, path in found])


def data_files(deadline: float) -> Iterator[tuple[float, str]]:
    """Give time of change and path of those in the folder, and in the folders in it."""
    folders = [""]
    for number, folder in enumerate(folders):
        for entry in entries(folder):
            if time.monotonic() > deadline:
                return
            path = f"{folder}/{entry.name}" if folder else entry.name
            if not number and entry.is_dir(follow_symlinks=False) and len(folders) <= MOST_FOLDERS:
                folders.append(path)
            elif entry.name.lower().endswith(DATA) and entry.is_file() and len(path) <= LONGEST:
                yield entry.stat().st_mtime, path


def entries(folder: str) -> Iterator[os.DirEntry[str]]:
    """Give what lies in a folder and is not hidden; nothing of one that cannot be read."""
    try:
        with os.scandir(folder or ".") as found:
            yield from (entry for entry, _ in zip(found, range(MOST_ENTRIES)) if not entry.name.startswith("."))  # noqa: B905
    except OSError:
        return


def first_line(path: str) -> str:
    """Read the first line of a table that is text; nothing of any other file."""
    if not path.lower().endswith(WITH_COLUMNS):
        return ""
    try:
        with open(path, encoding="utf-8-sig") as file:
            return file.readline(LONGEST).strip()
    except (OSError, ValueError):
        return ""
