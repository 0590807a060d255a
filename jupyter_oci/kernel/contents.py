"""Runs inside the user's kernel: how texts begin that a request names, and the source of modules that it names.

The source of this file is sent to the kernel with that of the folder, and needs nothing but the standard library. Nothing of a
module is imported or run.
"""

from __future__ import annotations

import json
import keyword
import os
import re
from typing import Any

from .secret import READ_FOR_SECRETS, may_be_key, may_be_secret, reads_as_secret

TEXTS = "csv|tsv|txt|dat|log|md|rst|jsonl?|geojson|xml|html?|ya?ml|toml|ini|cfg"
TEXT = re.compile(rf".+\.({TEXTS})", re.IGNORECASE)
OTHER_FILE = rf"\.(?:{TEXTS}|xlsx?|ods|parquet|pkl|pickle|h5|np[yz]|db|sqlite|gz|zip|png|jpe?g|ipynb|pyc)\b"
OBJECTS = re.compile(r".+\.(geo)?json", re.IGNORECASE)
MODULE = re.compile(r".+\.py")
MOST_PARSED = 100_000  # bytes
MOST_READ_OF_TEXT = 2000  # bytes: more than is told, so that what a secret begins with is seen to be one
MOST_LINES = 5
MOST_CHARACTERS = 500
MOST_KEYS = 12
LONGEST_TEXT = 40
# ASCII: in languages without spaces a name stands right among other letters.
WORD = re.compile(r"\w+", re.ASCII)
SPACE = re.compile(r"\s")
DEFINED = re.compile(rb"^(?:async[ \t]+def|def|class)[ \t]+([A-Za-z]\w*)", re.MULTILINE)
TELLING = re.compile(r"\w_\w|[a-z][A-Z]|\d")


def is_named(path: str, about: str) -> bool:
    """Whether a text has the path of a file, or its name without another folder before it."""
    name = path.rpartition("/")[2]
    if name not in about:
        return False
    about = about.replace("\\", "/")
    after = r"(?![\w-]|\.\w)"
    by_path = re.search(rf"(?<![\w.-]){re.escape(path)}{after}", about, re.ASCII)
    return bool(by_path or re.search(rf"(?<![\w./-]){re.escape(name)}{after}", about, re.ASCII))


def is_module_named(path: str, about: str) -> bool:
    """Whether a text names a module: as a file, imported on a line of its own, called a module, or by a name that is no word."""
    name = dotted(path)
    if is_named(path, about) or not name:
        return bool(name)
    if name not in about:
        return False
    escaped = re.escape(name)
    ways = [rf"^import {escaped}$", rf"`{escaped}`", rf"\bmodule {escaped}\b", rf"(?<![\w.]){escaped} module\b"]
    ways += [rf"(?<![\w.]){escaped}(?![\w-]|{OTHER_FILE})"] if TELLING.search(name) else []
    return any(re.search(way, about, re.MULTILINE | re.ASCII) for way in ways)


def dotted(path: str) -> str:
    """Give the name by which a module is imported from the folder; empty where it cannot be."""
    name = re.sub(r"(?:/__init__)?\.py$", "", path).replace("/", ".")
    return name if all(part.isidentifier() and not keyword.iskeyword(part) for part in name.split(".")) else ""


def has_named(source: bytes, name: str, about: str) -> bool:
    """Whether a text names what a module defines: by a name that is no word, a call, in backticks, or with the module."""
    words = set(WORD.findall(about))
    for found in DEFINED.findall(source):
        defined = found.decode("ascii", "replace")
        ways = rf"(?<!\w){defined}\(|`{defined}`|(?<![\w.]){re.escape(name)}\.{defined}\b"
        if defined in words and (TELLING.search(defined) or re.search(ways, about, re.ASCII)):
            return True
    return False


def begin_of(path: str, size: int) -> bytes:
    """Read the first bytes of a file; nothing if it cannot be read."""
    try:
        file = os.open(path, os.O_RDONLY)
        try:
            return os.read(file, size)
        finally:
            os.close(file)
    except OSError:
        return b""


def contents_of_text(path: str) -> str:
    """Give the first lines of a text, of JSON its keys and first values; nothing of a file named like a secret."""
    if may_be_key(path) or may_be_secret(path):
        return ""
    return (structure(path) if OBJECTS.fullmatch(path) else "") or first_lines(begin_of(path, MOST_READ_OF_TEXT))


def first_lines(begin: bytes) -> str:
    """Give the first lines of a text up to what may be a secret; none if it is no plain text."""
    text = begin.decode("utf-8-sig", "replace").rstrip("\ufffd")
    told, room = [], MOST_CHARACTERS
    for line in map(str.rstrip, text.split("\n")[:MOST_LINES]):
        if "\ufffd" in line or not SPACE.sub("", line).isprintable() or holds_secret(line):
            break
        told.append(line if len(line) <= room else f"{line[:room]}...")
        room -= len(line) + 1
        if room < 0:
            break
    return "\n".join(told).rstrip("\n")


def holds_secret(line: str) -> bool:
    """Whether a line names a secret, as a setting or a column, or reads like one."""
    parts = (line[start : start + READ_FOR_SECRETS] for start in range(0, len(line), READ_FOR_SECRETS // 2))
    return any(map(reads_as_secret, parts)) or any(may_be_secret(word) or may_be_key(word) for word in WORD.findall(line))


def structure(path: str) -> str:
    """Write the keys and first values of JSON, but for what may be a secret; nothing where it is long or broken."""
    source = begin_of(path, MOST_PARSED + 1)
    try:
        value = json.loads(source) if len(source) <= MOST_PARSED else None
        text = json.dumps(outlined(value), ensure_ascii=False)
    except (ValueError, RecursionError):
        return ""
    cut = f"{text[:MOST_CHARACTERS]}..." if len(text) > MOST_CHARACTERS else text
    return cut if isinstance(value, (dict, list)) and SPACE.sub("", cut).isprintable() else ""


def outlined(value: Any) -> Any:
    """Give the first keys of dicts, first items of lists and beginnings of texts; nothing beside what names a secret."""
    if isinstance(value, dict):
        first = list(value.items())[:MOST_KEYS]
        is_secret = any(map(names_secret, value.values()))
        told = {
            "..." if reads_as_secret(key) else key[:LONGEST_TEXT]: "..."
            if is_secret or may_be_secret(key) or may_be_key(key)
            else outlined(item)
            for key, item in first
        }
        return told if len(value) == len(first) else {**told, "...": f"{len(value) - len(first)} more"}
    if isinstance(value, list):
        return [*map(outlined, value[:1]), *([f"... {len(value) - 1} more"] if len(value) > 1 else [])]
    if isinstance(value, str):
        short = value if len(value) <= LONGEST_TEXT else f"{value[:LONGEST_TEXT]}..."
        return "..." if holds_secret(value) else short
    return value


def names_secret(value: Any) -> bool:
    """Whether a value is the name of a secret, or a list that has one: what stands beside it may be the secret."""
    texts = value if isinstance(value, list) else [value]
    return any(type(text) is str and (may_be_secret(text) or may_be_key(text)) for text in texts)
