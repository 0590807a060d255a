"""The rows of a suite's file: JSON lines of the suite's form, or a sentence that says which line is not, and what is wanted."""

from __future__ import annotations

import gzip
import json
import zlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..errors import ConfigError

_GZIP = b"\x1f\x8b"


@dataclass(frozen=True, slots=True)
class Form:
    """What a field holds: in words, and as a test of its value."""

    told: str
    fits: Callable[[Any], bool]


Fields = Mapping[str, Form]
"""The fields that each row has; the first is its id, which no other row has."""

TEXT = Form("a text", lambda value: isinstance(value, str))
SOME_TEXT = Form("a text that is not empty", lambda value: isinstance(value, str) and bool(value.strip()))
NUMBER = Form("a number", lambda value: isinstance(value, (int, float)))
CALLS = Form("a list of calls, each the list of its arguments", lambda value: value == {} or _all_lists(value))
SOME_CALLS = Form("a list of calls, one or more, each the list of its arguments", lambda value: bool(value) and _all_lists(value))


def rows(path: Path, fields: Fields) -> list[dict[str, Any]]:
    """Read a file of JSON lines, gzipped or not; each row has the fields.

    Raises:
        ConfigError: it cannot be read, or a row is not of that form; the message names the line.
    """
    try:
        content = path.read_bytes()
        zipped = path.suffix == ".gz" or content.startswith(_GZIP)
        lines = (gzip.decompress(content) if zipped else content).decode("utf-8-sig").split("\n")
    except (OSError, EOFError, zlib.error, UnicodeDecodeError) as error:
        raise ConfigError(f"{path} cannot be read: {error}.") from error
    read = list(_rows(path, lines, fields))
    if not read:
        raise ConfigError(f"{path} holds no problem.")
    return read


def _rows(path: Path, lines: list[str], fields: Fields) -> Iterator[dict[str, Any]]:
    name = next(iter(fields))
    seen: set[str] = set()
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except (ValueError, RecursionError) as error:
            raise ConfigError(f"{path}, line {number}: not JSON ({error}).") from error
        for field, form in fields.items():
            if not isinstance(row, dict) or field not in row or not form.fits(row[field]):
                raise ConfigError(f"{path}, line {number}: a problem of this suite has a field {field!r}, {form.told}.")
        if row[name] in seen:
            raise ConfigError(f"{path}, line {number}: a problem above has the {name!r} {row[name]!r} too; give each its own.")
        seen.add(row[name])
        yield row


def _all_lists(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(each, list) for each in value)
