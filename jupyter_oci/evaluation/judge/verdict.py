"""Limits, Verdict, Reference: what a judgement is given and what it gives."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

Status = Literal["passed", "wrong", "error", "timeout", "memory", "died"]

# How an answer is compared with the expected value; evalplus has all but the first as special cases of a few problems.
Oracle = Literal["equal", "any", "or_zero", "is_given", "root", "root_of_tuple"]


@dataclass(frozen=True, slots=True)
class Limits:
    """What the code under test may use. Times in seconds of wall time, sizes in bytes.

    `seconds` is for the program and all calls together, `program_seconds` for the program itself. `memory` bounds the address
    space, `file_size` every single file, `folder_size` what lies in its folder, which is looked at twice a second; `processes`
    (which counts threads) is not enforced by Linux for the superuser.
    """

    seconds: float = 10.0
    program_seconds: float = 10.0
    memory: int = 4 << 30
    file_size: int = 16 << 20
    folder_size: int = 256 << 20
    open_files: int = 64
    processes: int = 64


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of the code. `detail` is the first failing input, a traceback, or how it ended; empty when it passed.

    wrong: a check failed · error: the code raised · timeout, memory: a limit · died: its process ended, or spoke nonsense.
    """

    status: Status
    detail: str = ""

    @property
    def passed(self) -> bool:
        """Tell whether every check held."""
        return self.status == "passed"


@dataclass(frozen=True, slots=True)
class Reference:
    """What a canonical solution answered, and in how many seconds. Shapes: one each per input, save those `too_large` to give."""

    outputs: tuple[Any, ...]
    seconds: tuple[float, ...]
    too_large: tuple[int, ...] = ()
