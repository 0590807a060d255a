"""Runs in a process of its own, beside the user's kernel: whether cells hold, and which changes of one of them do.

The source of this file is sent to it, so it needs nothing but the standard library; what runs a check is handed in.
"""

from __future__ import annotations

import contextlib
import io
import signal
import time
from collections.abc import Callable, Sequence
from typing import Any

RunCheck = Callable[[str, dict[str, Any]], None]
CHANGE_SECONDS = 0.1  # of computing, for one change of many


class Late(BaseException):
    """A change took too long."""


def what_fails(cells: Sequence[str], check: str, run_check: RunCheck) -> str:
    """Run the cells in a namespace of their own, then the check; say what fails, or nothing."""
    names: dict[str, Any] = {"__name__": "__main__"}
    with contextlib.redirect_stdout(io.StringIO()):
        try:
            for cell in cells:
                exec(compile(cell, "<cell>", "exec"), names)  # noqa: S102 - it is known only to compute
        except BaseException as error:
            return f"the cell raises {type(error).__name__}: {error}"
        try:
            run_check(check, names)
        except Exception as failed:
            return str(failed)
    return ""


def which_hold(
    cells: Sequence[str],
    place: int,
    changes: Sequence[tuple[int, int, str]],
    check: str,
    run_check: RunCheck,
    *,
    seconds: float,
    most: int,
) -> list[int]:
    """Try changes (start, end, text) of the cell at `place` for so many seconds; give the first that hold, `most` of them."""
    holding: list[int] = []
    ends = time.monotonic() + seconds
    limited = hasattr(signal, "setitimer")
    if limited:
        signal.signal(signal.SIGVTALRM, _late)
    for number, (start, end, text) in enumerate(changes):
        if time.monotonic() > ends or len(holding) == most:
            break
        changed = [*cells]
        changed[place] = cells[place][:start] + text + cells[place][end:]
        if limited:
            signal.setitimer(signal.ITIMER_VIRTUAL, CHANGE_SECONDS, CHANGE_SECONDS)
        try:
            if not what_fails(changed, check, run_check):
                holding.append(number)
        except BaseException:  # noqa: S112 - it does not hold
            continue
    return holding


def _late(*_: object) -> None:
    raise Late
