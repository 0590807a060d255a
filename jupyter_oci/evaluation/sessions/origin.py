"""DSEval's own files: programs whose questions stand in YAML above each cell, made into the lines that are read here."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_CELL = "# %%\n"
_PROBLEM = re.compile(r'r?"""(?P<setup>.+?)"""\n(?P<code>.+)', re.DOTALL)

Fetch = Callable[[str], bytes]


@dataclass(frozen=True, slots=True)
class Origin:
    """Where the files of one part of the benchmark are; `inputs` maps the files that its sessions read to their SHA-256."""

    url: str
    title: str
    sessions: tuple[str, ...]
    inputs: Mapping[str, str]

    def assembled(self, fetch: Fetch) -> bytes:
        """Fetch the sessions and give them as JSON lines."""
        lines = (json.dumps(self._row(name, fetch(f"{self.url}/{name}.py").decode())) for name in self.sessions)
        return "".join(f"{line}\n" for line in lines).encode()

    def _row(self, name: str, text: str) -> dict[str, Any]:
        cells = list(cells_of(text))
        return {
            "benchmark": self.title,
            "problemset": name,
            "num_questions": sum("question" in cell for cell in cells),
            "cells": cells,
        }


def read_origins(host: str) -> dict[str, Origin]:
    """Read what is known of the parts that can be fetched from `host`."""
    known = json.loads(Path(__file__).with_name("origin.json").read_text(encoding="utf-8"))
    base = f"{host}/MetaCopilot/dseval/{known['commit']}/benchmarks"
    return {
        part: Origin(f"{base}/{part}", about["title"], tuple(about["sessions"]), about["inputs"])
        for part, about in known["parts"].items()
    }


def cells_of(text: str) -> Iterator[dict[str, Any]]:
    """Read the cells of one program; problems are numbered from 1."""
    import yaml  # noqa: PLC0415 - for this alone

    number = 0
    for section in filter(None, map(str.strip, text.split(_CELL)[1:])):
        problem = _PROBLEM.match(section)
        if problem is None:
            yield {"reference_code": section}
            continue
        number += 1
        yield {**yaml.safe_load(problem["setup"]), "index": number, "reference_code": problem["code"].strip()}
