"""Outcome: what one answer left behind."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from .calls import Call
from .namespace import Change


@dataclass(frozen=True)
class Outcome:
    """`result` is the last value that a cell of the answer displayed, `error` how its last failing cell ended, "" if none did.

    `names` is what the kernel held then, `changes` what became of the user's names, `stream` what was printed, `calls` what the
    functions under test did.
    """

    result: Any
    error: str
    stream: str
    names: Mapping[str, Any]
    changes: Mapping[str, Change]
    calls: Mapping[str, tuple[Call, ...]] = field(default_factory=dict)
