"""How many threads to compute with: no more than there are cores that nobody else uses.

The threads of one operation wait for each other, so one that shares its core with a busy kernel holds up all others.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import psutil
import torch

from .cpus import own_cpus
from .team import team

_EVERY = 0.15  # seconds between looks
_STALE = (
    2.0  # seconds after which the load since the last look tells nothing of now: mostly our own kernel's, between two replies
)
_SLACK = 0.25  # of a core: others always do a little


def threads_beside(most: int, cpus: int, others: float) -> int:
    """Give the threads, 1 to `most`, that fit on `cpus` of which others keep `others` busy."""
    return max(1, min(most, int(cpus - others + _SLACK)))


class FreeCores:
    """Sets the number of threads, `most` at best, to what other processes leave free. For the thread that computes."""

    def __init__(self, most: int) -> None:
        self._most = self.num_threads = most
        self._cpus = own_cpus()
        self._process = psutil.Process()
        self._looked_at, self._others = time.monotonic(), self._seconds_of_others()
        self._by_team = False
        self._set_num_threads()

    def adapt(self) -> None:
        """Look again, unless that was a moment ago."""
        now = time.monotonic()
        if (passed := now - self._looked_at) < _EVERY:
            return
        others = self._seconds_of_others()
        busy = (others - self._others) / passed
        self._looked_at, self._others = now, others
        if passed > _STALE:
            return
        num_threads = threads_beside(self._most, len(self._cpus), busy)
        if num_threads != self.num_threads:
            self.num_threads = num_threads
            self._set_num_threads()

    def divide(self, *, by_team: bool) -> None:
        """Say whose threads compute the next step: the team's alone, or torch's, and between its products the team's.

        Each wait for work in a loop, on the others' cores; the team's not for long where torch's are next.
        """
        self._by_team = by_team
        self._set_num_threads()

    def _set_num_threads(self) -> None:
        torch.set_num_threads(1 if self._by_team else self.num_threads)
        if compiled := team():
            compiled.set_num_threads(self.num_threads, alone=self._by_team)

    def _seconds_of_others(self) -> float:
        """Add up the seconds that our CPUs have worked for anybody but this process."""
        per_cpu = psutil.cpu_times(percpu=True)
        own = self._process.cpu_times()
        busy = sum(_busy(per_cpu[cpu]) for cpu in self._cpus if cpu < len(per_cpu))
        return float(busy - own.user - own.system)


@contextmanager
def one_at_a_time_a_thread() -> Iterator[ThreadPoolExecutor]:
    """Give as many threads as torch uses, each computing alone.

    Torch's own threads wait for each other after every small operation, for long where another process is busy.
    """
    num_threads = torch.get_num_threads()
    try:
        with ThreadPoolExecutor(num_threads, initializer=torch.set_num_threads, initargs=(1,)) as pool:
            yield pool
    finally:
        torch.set_num_threads(num_threads)


def _busy(times: object) -> float:
    """Give the busy seconds of a CPU; those of a virtual machine's guests are part of its user time already."""
    idle = ("idle", "iowait", "guest", "guest_nice")
    return sum(seconds for name, seconds in times._asdict().items() if name not in idle)  # type: ignore[attr-defined]
