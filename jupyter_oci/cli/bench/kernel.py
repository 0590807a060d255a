"""How soon a kernel is idle after a stop, how soon its death is noticed, how much of a flood of output is kept."""

from __future__ import annotations

import json
import os
import signal
import time
from collections.abc import Generator, Iterator
from pathlib import Path

from ...config import KernelConfig
from ...errors import KernelError, Stopped
from ...events import ExecutionStarted, KernelOutput, RunEvent
from ...kernel.base import ExecutionResult
from ...kernel.launch import launch_kernel
from ...kernel.session import KernelSession
from .figure import Figure, p95

STOPS = 20
DEATHS = 3
STOPPABLE = ("while True: pass", "import time\ntime.sleep(600)", "while True: print('x' * 80)")
FLOOD_MEGABYTES = 100

Execution = Generator[RunEvent | None, None, ExecutionResult]


def measure(model: str, cache_dir: Path) -> Iterator[Figure]:
    """Stop loops, sleeps and floods; kill kernels; print 100 MB."""
    with launch_kernel(KernelConfig()) as session:
        stops = [_stop(session, STOPPABLE[number % len(STOPPABLE)]) for number in range(STOPS)]
        yield p95("stop to kernel idle", stops, 500)
        yield Figure(f"output kept of {FLOOD_MEGABYTES} MB", _kept(session) / (1 << 20), 1, "MiB")
    yield Figure("kernel death noticed, slowest", max(_death() for _ in range(DEATHS)) * 1000, 4000, samples=DEATHS)


def _stop(session: KernelSession, code: str) -> float:
    """Give the seconds from the stop of `code` to the end of its execution, which the session reports at idle."""
    execution = session.execute("bench", code)
    _run_for(execution, 0.3)
    started = time.perf_counter()
    try:
        execution.throw(Stopped())
        for _ in execution:
            pass
    except (Stopped, StopIteration):
        pass
    return time.perf_counter() - started


def _kept(session: KernelSession) -> int:
    """Give the bytes of all output events of an execution that prints far more."""
    code = f"for _ in range({FLOOD_MEGABYTES}): print('x' * (1 << 20))"
    outputs = [event for event in session.execute("bench", code) if isinstance(event, KernelOutput)]
    return sum(len(json.dumps(event.message["content"])) for event in outputs)


def _death() -> float:
    with launch_kernel(KernelConfig()) as session:
        pid = _kernel_pid(session)
        execution = session.execute("bench", STOPPABLE[1])
        _run_for(execution, 0.3)
        started = time.perf_counter()
        os.kill(pid, signal.SIGKILL)
        try:
            for _ in execution:
                pass
        except KernelError:
            pass
        return time.perf_counter() - started


def _kernel_pid(session: KernelSession) -> int:
    outputs = [event for event in session.execute("bench", "import os\nprint(os.getpid())") if isinstance(event, KernelOutput)]
    return int(next(event.message["content"]["text"] for event in outputs if event.message["msg_type"] == "stream"))


def _run_for(execution: Execution, seconds: float) -> None:
    """Let the code run for a while after it has begun."""
    while not isinstance(next(execution), ExecutionStarted):
        pass
    until = time.perf_counter() + seconds
    while time.perf_counter() < until:
        next(execution)
