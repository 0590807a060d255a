"""What a container, a service or a batch job may take: the limits of Linux's control groups, from our own one up to the root."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

_OURS = Path("/proc/self/cgroup")
_MOUNT = Path("/sys/fs/cgroup")
# Limit and usage, of version 2 and version 1. What was only read from files is given up when memory runs short.
_MEMORY = (("memory.max", "memory.current"), ("memory.limit_in_bytes", "memory.usage_in_bytes"))
_GIVEN_UP = re.compile(r"^(total_)?(?:in)?active_file (\d+)$", re.MULTILINE)


def memory_left() -> list[int]:
    """Give the bytes that each group may still take, of those that are limited."""
    left = []
    for group in _groups("memory"):
        for limit, usage in _MEMORY:
            with suppress(OSError, ValueError):  # not of this version, or "max": no limit
                left.append(_number(group / limit) - _number(group / usage) + _given_up(group))
    return left


def cpu_limits() -> list[int]:
    """Give how many CPUs' worth of time each group may take, of those that are limited."""
    return [max(1, -(-quota // period)) for quota, period in map(_quota, _groups("cpu")) if quota > 0]


def _groups(controller: str) -> Iterator[Path]:
    """Yield the folders of the groups that we are in, our own first.

    A container may see another tree than the one that is named: of that the root is left, which is its own group.
    """
    with suppress(OSError):
        for line in _OURS.read_text("utf-8").splitlines():
            _, controllers, name = line.split(":", 2)
            if controllers and controller not in controllers.split(","):
                continue
            mount = _MOUNT / controller if controllers else _MOUNT
            own = mount / name.strip("/")
            yield from (group for group in (own, *own.parents) if group.is_relative_to(mount))


def _quota(group: Path) -> tuple[int, int]:
    """Give a group's microseconds and of how many they are; (0, 1): no limit."""
    with suppress(OSError, ValueError):
        quota, period = (group / "cpu.max").read_text().split()
        return int(quota), int(period)
    with suppress(OSError, ValueError):
        return _number(group / "cpu.cfs_quota_us"), _number(group / "cpu.cfs_period_us")
    return 0, 1


def _number(file: Path) -> int:
    return int(file.read_text())


def _given_up(group: Path) -> int:
    found = _GIVEN_UP.findall((group / "memory.stat").read_text())
    return max(sum(int(size) for prefix, size in found if prefix == kind) for kind in ("", "total_"))
