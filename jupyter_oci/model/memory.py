"""How much memory is free for a model, of the machine or of the container or job around us, and what is given back."""

from __future__ import annotations

import ctypes
import sys
from contextlib import suppress

import psutil

from .cgroup import memory_left


def available_memory() -> int:
    """Give the bytes that can be taken now without swapping."""
    return min([int(psutil.virtual_memory().available), *memory_left()])


def give_back() -> None:
    """Give the memory that was freed back to the system, where the C library keeps it (glibc): copies of weights are large."""
    if sys.platform == "linux":
        with suppress(OSError, AttributeError):
            ctypes.CDLL(None).malloc_trim(0)
