"""Runs inside the user's kernel: say which files of data lie in its working folder, and what columns tables name.

The source of this file is sent to the kernel like that of the probe, and needs nothing but the standard library.
"""

from __future__ import annotations

import json
import os
import re
import threading
from collections.abc import Iterator

from .secret import may_be_key, may_be_secret

DATA = re.compile(
    r".+\.(csv|tsv|txt|jsonl?|geojson|xlsx?|ods|parquet|feather|pkl|pickle|h5|hdf5|nc|np[yz]|db|sqlite|xml|ya?ml|toml|gz|zip|png|jpe?g)",
    re.IGNORECASE,
)
DELIMITERS = {".csv": ",", ".tsv": "\t"}
NO_HEADER = re.compile(r"[=@]|(?:^|[,;\t])\s*\"?[-+]?[\d.]+\"?\s*(?:[,;\t]|$)")
MOST_FOLDERS = 50  # in the working folder; where there are more, what is in them is not looked at
MOST_FILES = 50
MOST_READ = 10
LONGEST = 150
"""Characters of a path or a first line."""


def answer(seconds: float) -> str:
    """Give [[path, first line], ...] as JSON, newest first; empty if that takes longer: a folder may be far away.

    It is done in a thread, so that the kernel never waits for a folder longer than that.
    """
    told: list[list[list[str]]] = []
    looking = threading.Thread(target=lambda: told.append(listing()), daemon=True)
    looking.start()
    looking.join(seconds)
    return json.dumps(told[0] if told else [])


def listing() -> list[list[str]]:
    """Give path and first line of the newest files."""
    found = sorted(data_files(), reverse=True)[:MOST_FILES]
    return [[path, first_line(path) if place < MOST_READ else ""] for place, (_, path) in enumerate(found)]


def data_files() -> Iterator[tuple[float, str]]:
    """Give time of change and path of those in the folder, and in the folders in it."""
    here = list(entries(""))
    folders = [name for name, entry in here if entry.is_dir(follow_symlinks=False)]
    below = [entries(folder) for folder in folders] if len(folders) <= MOST_FOLDERS else []
    for each in (here, *below):
        for path, entry in each:
            if DATA.fullmatch(path) and len(path) <= LONGEST:
                try:
                    if entry.is_file():
                        yield entry.stat().st_mtime, path
                except OSError:  # it has gone meanwhile, or may not be looked at
                    continue


def entries(folder: str) -> Iterator[tuple[str, os.DirEntry[str]]]:
    """Give what lies in a folder by its path, but for what is hidden or has no plain name; nothing if it cannot be read."""
    try:
        with os.scandir(folder or ".") as found:
            for entry in found:
                if not entry.name.startswith(".") and entry.name.isprintable():
                    yield f"{folder}/{entry.name}" if folder else entry.name, entry
    except OSError:
        return


def first_line(path: str) -> str:
    """Read the first line of a table that is text, where it looks like names of columns and the file is named as no secret is."""
    delimiter = DELIMITERS.get(path[-4:].lower())
    if delimiter is None or may_be_key(path) or may_be_secret(path):
        return ""
    try:
        file = os.open(path, os.O_RDONLY)
        try:
            begin = os.read(file, 4 * LONGEST)
        finally:
            os.close(file)
    except OSError:
        return ""
    line = begin.partition(b"\n")[0].decode("utf-8-sig", "replace").strip()
    if NO_HEADER.search(line) or not line.replace(delimiter, "").isprintable():
        return ""
    return line if len(line) <= LONGEST else f"{line[:LONGEST].rpartition(delimiter)[0]}{delimiter}..."
