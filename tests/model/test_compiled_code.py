"""What is compiled is kept, and compiled anew where the kept files were cut short."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="XDG_CACHE_HOME moves the folder on Linux alone")

QUANTIZE = """
import numpy as np
from jupyter_oci.model.int4_grid import quantize_groups
weights = np.linspace(-1, 2, 64, dtype=np.float32).reshape(2, 32)
codes, scales = np.zeros((2, 32), np.uint8), np.zeros((2, 2), np.uint16)
quantize_groups(weights, codes, scales)
print(codes.tolist(), scales.tolist(), sum(quantize_groups.stats.cache_hits.values()))
"""


def quantized(cache: Path) -> tuple[str, int]:
    """Quantise in a process of its own; give the result, and how often what was kept served."""
    environment = {**os.environ, "XDG_CACHE_HOME": str(cache)}
    ran = subprocess.run([sys.executable, "-c", QUANTIZE], env=environment, capture_output=True, text=True, check=True)
    result, _, hits = ran.stdout.strip().rpartition(" ")
    return result, int(hits)


@pytest.mark.timeout(240)
@pytest.mark.parametrize("ending", [".nbi", ".nbc"])
def test_what_was_cut_short_is_compiled_anew(tmp_path: Path, ending: str) -> None:
    first, hits = quantized(tmp_path)
    assert hits == 0
    assert quantized(tmp_path) == (first, 1)
    kept = [path for path in tmp_path.rglob(f"*{ending}") if "quantize_groups" in path.name]
    assert kept
    for path in kept:
        path.write_bytes(path.read_bytes()[:100])
    assert quantized(tmp_path) == (first, 0)
    assert quantized(tmp_path) == (first, 1)
