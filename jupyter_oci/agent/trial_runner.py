"""Runs inside the user's kernel: try a program in a process of its own, which holds nothing of the user's.

The source of this file is sent to the kernel, so it needs nothing but the standard library.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Collection

MEMORY_BYTES = 4 << 30
LIMITED = """
import sys
try:
    import resource
    resource.setrlimit(resource.RLIMIT_AS, ({bytes}, {bytes}))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
except (ImportError, ValueError, OSError):
    pass  # a system without such limits: the time limit holds
"""


class TrialTold(Exception):  # noqa: N818 - it is an answer
    """What the program tells; of a cell that is tried, what fails, in words."""

    def __init__(self, told: str = "") -> None:
        super().__init__(told)
        self._last = {name: vars(sys).get(name) for name in ("last_type", "last_value", "last_traceback", "last_exc")}

    def _render_traceback_(self) -> list[str]:
        """Leave the user's error the last one (`%tb`, `%debug`): IPython asks for this when it has put ours in its place."""
        for name, value in self._last.items():
            if value is None:
                vars(sys).pop(name, None)
            else:
                setattr(sys, name, value)
        return []


class NotTried(TrialTold):
    """It cannot be tried apart from the kernel, or there is no process to try it in."""


def try_out(program: str, seconds: float, needs: Collection[str], held: frozenset[str]) -> None:
    """Run the program, which prints `{"told": text}` as its last line.

    Of the names that it `needs` none may be `held` by the kernel: it cannot be tried without what they stand for.

    Raises:
        TrialTold: it told of something, took too long or ended without a word.
        NotTried: it needs what only this kernel holds, or no process can be started here.
    """
    if not held.isdisjoint(needs):
        raise NotTried
    command = [sys.executable, "-I", "-B", "-c", LIMITED.format(bytes=MEMORY_BYTES) + "exec(sys.stdin.read())"]
    with tempfile.TemporaryDirectory() as folder:
        try:
            done = subprocess.run(
                command, input=program, capture_output=True, encoding="utf-8", cwd=folder, timeout=seconds, check=False
            )
        except subprocess.TimeoutExpired:
            raise TrialTold(f"it does not end within {seconds:g} seconds") from None
        except (OSError, ValueError, TypeError) as error:
            raise NotTried(str(error)) from None
    try:
        told = json.loads(done.stdout.splitlines()[-1])["told"]
    except (IndexError, ValueError, KeyError, TypeError):
        raise TrialTold(f"it ended Python (exit code {done.returncode})") from None
    pass_on(told)


def pass_on(told: str) -> None:
    """Tell it, where there is something to tell.

    Raises:
        TrialTold: there is.
    """
    if told:
        raise TrialTold(told)
