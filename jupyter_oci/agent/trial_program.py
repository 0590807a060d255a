"""Whether cells hold, and which changes of one of them do: in a process beside the user's kernel, or in copies of the kernel.

The source of this file is sent there, so it needs nothing but the standard library; what runs a check is handed in.
"""

from __future__ import annotations

import contextlib
import hashlib
import io
import signal
import time
import traceback
from collections.abc import Callable, Sequence
from typing import Any

RunCheck = Callable[[str, dict[str, Any]], None]
Fails = Callable[..., str]
CHANGE_SECONDS = 0.1  # of computing, for one change of many
CALL_SECONDS = 0.02
LINE_CHARACTERS = 160
LINE_AFTER = ", in "
RAISES = "the cell raises "


class Late(BaseException):
    """A change took too long."""


def what_fails(cells: Sequence[str], check: str, run_check: RunCheck, names: dict[str, Any], flags: int = 0) -> str:
    """Run the cells in a namespace, then the check; say what fails, or nothing. `flags` are of the compiler's."""
    with contextlib.redirect_stdout(io.StringIO()):
        try:
            for number, cell in enumerate(cells):
                code = compile(cell, f"<cell {number}>", "exec", flags, dont_inherit=True)
                exec(code, names)  # noqa: S102 - it was looked at
        except BaseException as error:
            return f"{RAISES}{type(error).__name__}: {error}{_where(error, cells)}"
        try:
            run_check(check, names)
        except Exception as failed:
            return str(failed)
    return ""


def _where(error: BaseException, cells: Sequence[str]) -> str:
    """Name the innermost line of the cells that the error went through; nothing where it has none."""
    sources = {f"<cell {number}>": cell.split("\n") for number, cell in enumerate(cells)}
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if frame.filename in sources]
    if not frames or not frames[-1].lineno:
        return ""
    return f"{LINE_AFTER}`{sources[frames[-1].filename][frames[-1].lineno - 1].strip()[:LINE_CHARACTERS]}`"


class Limit:
    """Ends what computes for more than a time; on systems without such a timer the process's own limit holds."""

    def __init__(self, seconds: float) -> None:
        self._timer = getattr(signal, "setitimer", None)
        self._seconds = seconds

    def __enter__(self) -> None:
        if self._timer:
            signal.signal(signal.SIGVTALRM, _late)
            self._timer(signal.ITIMER_VIRTUAL, self._seconds, self._seconds)

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if self._timer:
            self._timer(signal.ITIMER_VIRTUAL, 0)


class Process:
    """Tries cells in this process, each time in a namespace of their own."""

    def __init__(self, run_check: RunCheck) -> None:
        self._run_check = run_check

    def fails(self, cells: Sequence[str], check: str, *, briefly: bool = False) -> str:
        """Say what fails of the cells and the check; the time is limited where it is one try of many."""
        with Limit(CHANGE_SECONDS) if briefly else contextlib.nullcontext():
            return what_fails(cells, check, self._run_check, {"__name__": "__main__"})


def which_hold(fails: Fails, sources: Sequence[Sequence[str]], check: str, most: int, ends: float) -> list[int]:
    """Give the first cells of all `sources` with which the check holds, `most` of them, as far as it comes until `ends`."""
    holding: list[int] = []
    for number, cells in enumerate(sources):
        if time.monotonic() > ends or len(holding) == most:
            break
        try:
            told = fails(cells, check, briefly=True)
        except KeyboardInterrupt:
            raise  # a stop of the search, which in a copy's case runs in the kernel
        except BaseException:  # noqa: S112 - it does not hold
            continue
        if not told:
            holding.append(number)
    return holding


def answers(sources: Sequence[Sequence[str]], calls: Sequence[str], ends: float) -> list[list[str]]:
    """Give what the calls come to with each of the `sources`, call after call, as far as it comes until `ends`."""
    spaces = [_run(cells) for cells in sources]
    told: list[list[str]] = [[] for _ in sources]
    for call in calls:
        if time.monotonic() > ends:
            break
        for space, answered in zip(spaces, told):  # noqa: B905 - Python 3.9 may be the kernel's
            answered.append(_answer(call, space))
    return told


def _run(cells: Sequence[str]) -> dict[str, Any]:
    space: dict[str, Any] = {"__name__": "__main__"}
    with contextlib.redirect_stdout(io.StringIO()):
        for cell in cells:
            exec(compile(cell, "<cell>", "exec", dont_inherit=True), space)  # noqa: S102 - it has run before
    return space


def _answer(call: str, space: dict[str, Any]) -> str:
    """Give a short digest of what a call comes to, or the kind of error that it raises."""
    try:
        with contextlib.redirect_stdout(io.StringIO()), Limit(CALL_SECONDS):
            value = repr(eval(call, space))  # noqa: S307 - it is known only to compute
            return hashlib.sha256(value.encode("utf-8", "replace")).hexdigest()[:12]
    except BaseException as error:
        return type(error).__name__


def search(
    fails: Fails,
    cells: Sequence[str],
    place: int,
    changes: Sequence[tuple[int, int, str]],
    check: str,
    *,
    calls: Sequence[str],
    seconds: float,
    most: int,
) -> list[tuple[int, list[str]]]:
    """Try changes (start, end, text) of the cell at `place`; give those that hold, and what the calls come to with each."""
    ends = time.monotonic() + seconds
    sources = [[*cells[:place], cells[place][:a] + text + cells[place][b:], *cells[place + 1 :]] for a, b, text in changes]
    holding = which_hold(fails, sources, check, most, ends)
    told = answers([sources[number] for number in holding], calls, ends + seconds / 2) if calls else [[] for _ in holding]
    return list(zip(holding, told))  # noqa: B905 - Python 3.9 may be the kernel's


def _late(*_: object) -> None:
    raise Late
