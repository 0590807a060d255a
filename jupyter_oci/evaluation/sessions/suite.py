"""The sessions of a DSEval file: cells in order, some of which are problems."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ...errors import ConfigError
from ..rows import SOME_TEXT, Fields, Form, rows
from .known import known_options

DEFAULT_SECONDS = 1.0
"""DSEval's limit on an answer that names none."""

NOT_ENCLOSED = "US_Baby_Names_right.csv"
"""The one file that the benchmark names by its address alone. Its session comes last, so that the places of the others, by which
halves are drawn, are the same with it and without."""

_TEMPLATES: dict[str, dict[str, Any]] = {
    "empty": {},
    "basic": {"crash": None},
    "intact": {"crash": None, "namespace_intact": None},
    "comparison": {"crash": None, "namespace_intact": None, "result": None},
}
_CELLS = Form(
    "a list of cells, each with the text 'reference_code' and, where it is a problem, the text 'question'",
    lambda value: isinstance(value, list) and all(map(_is_cell, value)),
)
_FIELDS: Fields = {"problemset": SOME_TEXT, "cells": _CELLS}
_INPUT = re.compile(r"""inputs/([\w.-]+\.\w+)""")


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell: the reference's code, and for a problem its question, validators and limit in seconds."""

    code: str
    question: str = ""
    validators: Mapping[str, Any] | None = None
    seconds: float = DEFAULT_SECONDS

    @property
    def tests(self) -> tuple[Mapping[str, Any], ...]:
        """Give the functions that are under test."""
        return tuple(_table_tests(self.validators or {}))


@dataclass(frozen=True, slots=True)
class Session:
    """One notebook; `inputs` are the files that it reads, by name, each with the address that the suite has of it, if any."""

    name: str
    cells: tuple[Cell, ...]
    inputs: Mapping[str, str]

    @property
    def problems(self) -> dict[str, int]:
        """Give the place of each problem's cell by the problem's id, which is the session's name and a number from 1."""
        places = [place for place, cell in enumerate(self.cells) if cell.question]
        return {f"{self.name}/{number}": place for number, place in enumerate(places, start=1)}


def read_sessions(path: Path) -> tuple[Session, ...]:
    """Read a file of sessions, one a line; one that reads `NOT_ENCLOSED` is the last.

    Raises:
        ConfigError: it cannot be read, or asks for something that this version does not do.
    """
    sessions = []
    for row in rows(path, _FIELDS):
        try:
            sessions.append(_session(row))
        except ConfigError as error:
            raise ConfigError(f"{path}, {row['problemset']}: {error}") from error
    if not any(session.problems for session in sessions):
        raise ConfigError(f"{path} holds no problem: a cell that is one has a 'question'.")
    return tuple(sorted(sessions, key=lambda session: NOT_ENCLOSED in session.inputs))


def inputs_of(path: Path) -> Path:
    """Give the folder of the files that a file's sessions read, `inputs/` and the file's name beside it; it need not be there."""
    return path.parent / "inputs" / path.stem


def missing_inputs(session: Session, folder: Path) -> str:
    """Say what to do about the files that a session reads and that are not in the folder; empty: all are there.

    Where they belong is said as seen from the file of the sessions: the summary of a run is for other machines, too.
    """
    missing = {name: url for name, url in session.inputs.items() if not (folder / name).is_file()}
    place = f"inputs/{folder.name}"
    wanted = [f"download {url} to {place}/{name}" if url else f"put {name} into {place}" for name, url in missing.items()]
    return f"{'; '.join(wanted)} beside {folder.name}.jsonl" if wanted else ""


def _session(row: Mapping[str, Any]) -> Session:
    cells = tuple(_cell(cell) for cell in row["cells"])
    named = (name for cell in row["cells"] for name in _INPUT.findall(f"{cell.get('question', '')}\n{cell['reference_code']}"))
    addresses = {name: str(url) for cell in row["cells"] for name, url in _object(cell, "data").items()}
    return Session(row["problemset"], cells, {**dict.fromkeys(named, ""), **addresses})


def _cell(row: Mapping[str, Any]) -> Cell:
    code = row["reference_code"]
    if not row.get("question"):
        return Cell(code)
    limits = _object(row, "execution")
    seconds = limits.pop("max_time", DEFAULT_SECONDS)
    if limits:
        raise ConfigError(f"A DSEval problem has limits that are not known here: {', '.join(limits)}.")
    if not isinstance(seconds, (int, float)):
        raise ConfigError(f"'max_time' is a number of seconds, not {seconds!r}.")
    return Cell(code, row["question"], _validators(_object(row, "validator")), float(seconds))


def _is_cell(cell: Any) -> bool:
    return isinstance(cell, dict) and isinstance(cell.get("reference_code"), str) and isinstance(cell.get("question") or "", str)


def _object(cell: Mapping[str, Any], name: str) -> dict[str, Any]:
    """Give a copy of what a cell has by names; nothing is none."""
    value = cell.get(name) or {}
    if not isinstance(value, dict):
        raise ConfigError(f"{name!r} of a cell is an object, not {value!r}.")
    return dict(value)


def _validators(given: Mapping[str, Any]) -> dict[str, Any]:
    """Add those that every problem has, unless its template says otherwise."""
    own = dict(given)
    template = str(own.pop("template", "comparison"))
    if template not in _TEMPLATES:
        raise ConfigError(f"There is no template {template!r} of validators: {', '.join(_TEMPLATES)}.")
    validators = {**_TEMPLATES[template], **own}
    known_options(validators)
    return validators


def _table_tests(validators: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    for name, options in validators.items():
        if name == "table_test":
            yield options
        elif name in ("and", "or"):
            yield from _table_tests(options)
