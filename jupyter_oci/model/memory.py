"""How much memory is free for a model, of the machine or of the container around us, and what is given back."""

from __future__ import annotations

import ctypes
from contextlib import suppress
from pathlib import Path

import psutil

_CGROUP = Path("/sys/fs/cgroup")


def available_memory() -> int:
    """Give the bytes that can be taken now without swapping."""
    return min([int(psutil.virtual_memory().available), *_container_limit()])


def give_back() -> None:
    """Give the memory that was freed back to the system, where the C library keeps it (glibc): copies of weights are large."""
    with suppress(OSError, AttributeError):
        ctypes.CDLL(None).malloc_trim(0)


def _container_limit() -> list[int]:
    """Give what is left of a container's limit, in bytes, where Linux sets one (psutil sees the whole machine)."""
    for limit, usage in (("memory.max", "memory.current"), ("memory/memory.limit_in_bytes", "memory/memory.usage_in_bytes")):
        try:
            return [int((_CGROUP / limit).read_text()) - int((_CGROUP / usage).read_text())]
        except (OSError, ValueError):  # not mounted, or "max": no limit
            continue
    return []
