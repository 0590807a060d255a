"""Which CPUs are ours."""

from __future__ import annotations

import os

import psutil

from .cgroup import cpu_limits


def usable_cores() -> int:
    """Count the physical cores that this process may use: the machine's, or fewer in a container, a job or an affinity."""
    physical = psutil.cpu_count(logical=False) or os.cpu_count() or 1
    return max(1, min([physical, len(own_cpus()), *cpu_limits()]))


def own_cpus() -> list[int]:
    """Give the numbers of the CPUs that this process may run on."""
    affinity = getattr(psutil.Process(), "cpu_affinity", None)  # not on macOS
    return affinity() if affinity else list(range(os.cpu_count() or 1))
