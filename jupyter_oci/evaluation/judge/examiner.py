"""The trusted process of a judgement: fork the candidate, put the checks to it, report.

It reads its job only after the fork, so that no check and no expected value is ever in the candidate's memory.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, NoReturn

from .candidate import answer_calls
from .confinement import limit, shut_in
from .inputs import answers_to, compare_answers
from .remote import Broken, Line
from .script import run_check
from .verdict import Limits, Verdict

_GRACE = 5


def main() -> None:
    """Read the limits from the command line and the job from the standard input; write the report, with the job's token."""
    limits = Limits(**json.loads(sys.argv[1]))
    line, pid = _fork(limits)
    job = json.load(sys.stdin)
    signal.signal(signal.SIGALRM, lambda *_: os._exit(1))  # as the first of its name space it has no default action
    signal.alarm(int(limits.seconds) + _GRACE)
    report = _examine(job, line, limits)
    with contextlib.suppress(ProcessLookupError):
        os.killpg(pid, signal.SIGKILL)
    sys.stdout.write(json.dumps({"token": job["token"], **report}))
    sys.stdout.flush()


def _fork(limits: Limits) -> tuple[Line, int]:
    ours, theirs = socket.socketpair()
    pid = os.fork()
    if pid == 0:
        _become_candidate(theirs, limits)
    theirs.close()
    return Line(ours), pid


def _become_candidate(line: socket.socket, limits: Limits) -> NoReturn:
    """Let go of all that is the examiner's, then answer."""
    os.setsid()
    nothing = os.open(os.devnull, os.O_RDWR)
    for standard in range(3):
        os.dup2(nothing, standard)
    descriptor = os.dup2(line.fileno(), 3)
    os.closerange(4, 1 << 16)
    limit(limits)
    shut_in(Path.cwd())
    answer_calls(socket.socket(fileno=descriptor))
    os._exit(0)


def _examine(job: dict[str, Any], line: Line, limits: Limits) -> dict[str, Any]:
    kinds: dict[str, Callable[[dict[str, Any], Line], Any]] = {
        "script": run_check,
        "inputs": compare_answers,
        "reference": answers_to,
    }
    line.until(time.monotonic() + limits.seconds)
    try:
        outcome = kinds[job["kind"]](job, line)
    except Broken as broken:
        outcome = Verdict(broken.status, str(broken))
    except Exception as error:  # whatever an answer does to the comparison, it is the answer's failure
        if job["kind"] != "inputs":
            raise
        outcome = Verdict("wrong", f"The answer cannot be compared: {type(error).__name__}.")
    if line.broken:
        outcome = Verdict(line.broken.status, str(line.broken))
    if isinstance(outcome, Verdict):
        return {"status": outcome.status, "detail": outcome.detail}
    return {"reference": outcome}
