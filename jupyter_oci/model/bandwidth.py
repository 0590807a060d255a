"""How fast this machine reads its memory, which bounds how fast a model writes: each token reads nearly all weights once.

Measured in a process of its own (`python -m jupyter_oci.model.bandwidth THREADS`), once, and kept in the folder of the models.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from .cpus import usable_cores
from .hardening import harden
from .memory import available_memory

_KEPT = "machine.json"
_READ = 1 << 30  # bytes, by all threads together: more than the caches hold, which on servers are hundreds of megabytes
_FREE = 3 * _READ  # bytes that are free where it is measured: nobody's work is to be ended for an estimate
_COLUMNS = 4096
_REPEATS = 6
_PATIENCE = 60.0


def known_bandwidth(cache_dir: Path) -> float | None:
    """Give the bytes per second that were measured here; None: nothing was yet."""
    try:
        return float(json.loads((cache_dir / _KEPT).read_text("utf-8"))["bytes_per_second"])
    except (OSError, ValueError, KeyError, TypeError):
        return None


def measured_bandwidth(cache_dir: Path) -> float | None:
    """Give the bytes per second, measuring them at the first time; None: they cannot be measured, or the memory is short."""
    if (known := known_bandwidth(cache_dir)) is not None or available_memory() < _FREE:
        return known
    try:
        measured = bandwidth_of(usable_cores())
        cache_dir.mkdir(parents=True, exist_ok=True)
        (cache_dir / _KEPT).write_text(json.dumps({"bytes_per_second": measured}), "utf-8")
    except (OSError, ValueError, subprocess.SubprocessError):
        return None
    return known_bandwidth(cache_dir)


def bandwidth_of(num_threads: int) -> float:
    """Measure the bytes per second that so many threads read together.

    Raises:
        OSError, ValueError, subprocess.SubprocessError: they cannot be measured.
    """
    command = [sys.executable, "-m", "jupyter_oci.model.bandwidth", str(num_threads)]
    one_each = os.environ | dict.fromkeys(("OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "OMP_NUM_THREADS"), "1")
    said = subprocess.run(command, capture_output=True, check=True, timeout=_PATIENCE, text=True, env=one_each).stdout
    return float(said)


def _measure(num_threads: int) -> float:
    """Read a block on each thread, all at once, in the ways that read fastest; give the most bytes per second of all tries."""
    import numpy as np  # noqa: PLC0415 - only needed here, in the process that measures

    blocks = [np.ones((_READ // 4 // _COLUMNS // num_threads, _COLUMNS), np.float32) for _ in range(num_threads)]
    vector, seconds = blocks[0][0].copy(), []
    with ThreadPoolExecutor(num_threads) as pool:
        for _ in range(_REPEATS):
            for read in (np.max, lambda block: block @ vector):
                start = time.perf_counter()
                list(pool.map(read, blocks))
                seconds.append(time.perf_counter() - start)
    return sum(block.nbytes for block in blocks) / min(seconds)


if __name__ == "__main__":
    harden()
    sys.stdout.write(f"{_measure(int(sys.argv[1])):.0f}\n")
