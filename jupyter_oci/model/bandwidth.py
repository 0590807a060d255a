"""How fast this machine reads its memory, which bounds how fast a model writes: each token reads nearly all weights once.

Measured once, in a process of its own (`python -m jupyter_oci.model.bandwidth`), and kept in the folder of the models.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psutil

_KEPT = "machine.json"
_BLOCK = 64 << 20  # bytes for each core: more than its caches hold
_REPEATS = 12
_PATIENCE = 60.0


def known_bandwidth(cache_dir: Path) -> float | None:
    """Give the bytes per second that were measured here; None: nothing was yet."""
    try:
        return float(json.loads((cache_dir / _KEPT).read_text("utf-8"))["bytes_per_second"])
    except (OSError, ValueError, KeyError, TypeError):
        return None


def measured_bandwidth(cache_dir: Path) -> float | None:
    """Give the bytes per second, measuring them at the first time; None: they cannot be measured."""
    if (known := known_bandwidth(cache_dir)) is not None:
        return known
    command = [sys.executable, "-m", "jupyter_oci.model.bandwidth"]
    try:
        said = subprocess.run(command, capture_output=True, check=True, timeout=_PATIENCE, text=True).stdout
        cache_dir.mkdir(parents=True, exist_ok=True)
        (cache_dir / _KEPT).write_text(json.dumps({"bytes_per_second": float(said)}), "utf-8")
    except (OSError, ValueError, subprocess.SubprocessError):
        return None
    return known_bandwidth(cache_dir)


def measure() -> float:
    """Read blocks of memory on all physical cores at once; give the most bytes per second of several tries."""
    import numpy as np  # noqa: PLC0415 - only needed here, in the process that measures

    cores = psutil.cpu_count(logical=False) or 1
    blocks = [np.ones(_BLOCK // 8) for _ in range(cores)]
    seconds = []
    with ThreadPoolExecutor(cores) as pool:
        for _ in range(_REPEATS):
            start = time.perf_counter()
            list(pool.map(np.max, blocks))
            seconds.append(time.perf_counter() - start)
    return cores * _BLOCK / min(seconds)


if __name__ == "__main__":
    sys.stdout.write(f"{measure():.0f}\n")
