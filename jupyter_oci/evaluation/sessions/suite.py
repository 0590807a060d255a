"""The sessions of a DSEval file: cells in order, some of which are problems."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ...errors import ConfigError
from .known import known_options

DEFAULT_SECONDS = 1.0
"""DSEval's limit on an answer that names none."""

_TEMPLATES: dict[str, dict[str, Any]] = {
    "empty": {},
    "basic": {"crash": None},
    "intact": {"crash": None, "namespace_intact": None},
    "comparison": {"crash": None, "namespace_intact": None, "result": None},
}
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
    """Read a file of sessions, one a line.

    Raises:
        ConfigError: it cannot be read, or asks for something that this version does not do.
    """
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
        return tuple(_session(json.loads(line)) for line in lines if line.strip())
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ConfigError(f"{path} cannot be read as DSEval sessions: {error!r}.") from error


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
    addresses = {name: str(url) for cell in row["cells"] for name, url in (cell.get("data") or {}).items()}
    return Session(str(row["problemset"]), cells, {**dict.fromkeys(named, ""), **addresses})


def _cell(row: Mapping[str, Any]) -> Cell:
    code = str(row["reference_code"])
    if not row.get("question"):
        return Cell(code)
    limits = dict(row.get("execution") or {})
    seconds = float(limits.pop("max_time", DEFAULT_SECONDS))
    if limits:
        raise ConfigError(f"A DSEval problem has limits that are not known here: {', '.join(limits)}.")
    return Cell(code, str(row["question"]), _validators(row.get("validator") or {}), seconds)


def _validators(given: Mapping[str, Any]) -> dict[str, Any]:
    """Add those that every problem has, unless its template says otherwise."""
    own = dict(given)
    validators = {**_TEMPLATES[own.pop("template", "comparison")], **own}
    known_options(validators)
    return validators


def _table_tests(validators: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    for name, options in validators.items():
        if name == "table_test":
            yield options
        elif name in ("and", "or"):
            yield from _table_tests(options)
