"""Runs inside the user's kernel: say which files lie in its working folder, and what is in those that a request names.

The source of this file is sent to the kernel like that of the probe, and needs nothing but the standard library.
"""

from __future__ import annotations

import json
import os
import re
import threading
import time
from collections.abc import Iterator

from .contents import MODULE, MOST_PARSED, TEXT, begin_of, contents_of_text, dotted, has_named, is_module_named, is_named
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
MOST_TOLD = 3  # texts, and modules, whose contents are told
MOST_MODULES = 20
LONGEST = 150
"""Characters of a path or a first line."""


def answer(seconds: float, about: str = "") -> str:
    """Give [[path, first line, contents], ...] as JSON, newest first; empty if that takes longer: a folder may be far away.

    Contents are those of the files that the text `about` names, as far as there is time. It is done in a thread, so that the
    kernel never waits for a folder longer than that.
    """
    told: list[list[list[str]]] = [[]]
    until = time.monotonic() + seconds
    looking = threading.Thread(target=lambda: told.extend(listings(about, until)), daemon=True)
    looking.start()
    looking.join(seconds)
    return json.dumps(told[-1])


def listings(about: str, until: float) -> Iterator[list[list[str]]]:
    """Give the newest files of data, then the same with ever more of what is in those that a text names."""
    found = [path for _, path in sorted(files(), reverse=True)]
    data = [path for path in found if DATA.fullmatch(path)][:MOST_FILES]
    rows = {path: [path, first_line(path) if place < MOST_READ else "", ""] for place, path in enumerate(data)}
    yield list(rows.values())
    for path, inside in contents(found, about, until):
        rows[path] = [path, first_line(path), inside]
        yield list(rows.values())


def contents(found: list[str], about: str, until: float) -> Iterator[tuple[str, str]]:
    """Give how texts begin that a text names, those by their whole paths first, and the sources of the modules that it names."""
    texts = [path for path in found if TEXT.fullmatch(path) and is_named(path, about)]
    for path in sorted(texts, key=lambda path: -len(path) if path in about else 0)[:MOST_TOLD]:
        if inside := contents_of_text(path):
            yield path, inside
    modules = [path for path in found if about and MODULE.fullmatch(path) and dotted(path)]
    named = [path for path in modules if is_module_named(path, about)]
    others = [path for path in modules if path not in named][:MOST_MODULES]
    told = 0
    for path in (*named, *others):
        if told == MOST_TOLD or time.monotonic() > until:
            return
        source = begin_of(path, MOST_PARSED + 1)
        if len(source) <= MOST_PARSED and (path in named or has_named(source, dotted(path), about)):
            told += 1
            yield path, source.decode("utf-8-sig", "replace")


def files() -> Iterator[tuple[float, str]]:
    """Give time of change and path of what may be told of in the folder, and in the folders in it."""
    here = list(entries(""))
    folders = [name for name, entry in here if entry.is_dir(follow_symlinks=False)]
    below = [entries(folder) for folder in folders] if len(folders) <= MOST_FOLDERS else []
    for each in (here, *below):
        for path, entry in each:
            if any(kind.fullmatch(path) for kind in (DATA, TEXT, MODULE)) and len(path) <= LONGEST:
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
    line = begin_of(path, 4 * LONGEST).partition(b"\n")[0].decode("utf-8-sig", "replace").strip()
    if NO_HEADER.search(line) or not line.replace(delimiter, "").isprintable():
        return ""
    return line if len(line) <= LONGEST else f"{line[:LONGEST].rpartition(delimiter)[0]}{delimiter}..."
