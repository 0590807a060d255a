"""What this machine has for a model, and whether one fits it."""

from __future__ import annotations

import shutil
import subprocess
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Literal

from .bandwidth import known_bandwidth
from .catalogue import ModelSpec
from .download import is_available, packed_dir
from .memory import available_memory
from .needs import gpu_bytes, loading_bytes, packed_bytes, tokens_per_second

Lack = Literal["", "memory", "disk"]


@dataclass(frozen=True, slots=True)
class Fit:
    """What there is too little of for a model (empty: nothing), that in words, and about how fast it would write.

    `tokens_per_second` is an estimate for the CPU from the memory's measured bandwidth; None: it is not known.
    """

    lacks: Lack
    obstacle: str
    tokens_per_second: float | None


@dataclass(frozen=True, slots=True)
class Machine:
    """Free bytes of memory and disk, all bytes of NVIDIA graphics cards, bytes per second of the memory (None: not measured)."""

    memory: int
    disk: int
    gpu_memory: int
    bandwidth: float | None

    @classmethod
    def look(cls, cache_dir: Path) -> Machine:
        """Look at what there is now."""
        return cls(available_memory(), _free_disk(cache_dir), gpu_memory(), known_bandwidth(cache_dir))

    def fit(self, spec: ModelSpec, cache_dir: Path) -> Fit:
        """Judge a model of the catalogue or of the user."""
        if spec.host:
            return Fit("", "", None)
        on_gpu = bool(spec.parameters) and gpu_bytes(spec.parameters, 4) <= self.gpu_memory
        rate = None
        if self.bandwidth and spec.parameters and not self.gpu_memory:
            rate = tokens_per_second(spec.parameters, self.bandwidth)
        return Fit(*self._obstacle(spec, cache_dir, on_gpu=on_gpu), rate)

    def _obstacle(self, spec: ModelSpec, cache_dir: Path, *, on_gpu: bool) -> tuple[Lack, str]:
        prepared = _file_bytes(packed_dir(spec, cache_dir))
        memory = loading_bytes(prepared) if prepared else spec.memory_bytes
        disk = 0 if is_available(spec, cache_dir) else spec.download_bytes + packed_bytes(spec.parameters)
        if memory > self.memory and not on_gpu:
            return "memory", f"needs {memory / 1e9:.1f} GB of memory, {self.memory / 1e9:.1f} GB are free"
        if disk > self.disk:
            return "disk", f"needs {disk / 1e9:.1f} GB of disk, {self.disk / 1e9:.1f} GB are free"
        return "", ""


@lru_cache(maxsize=1)
def gpu_memory() -> int:
    """Add up the memory of the NVIDIA graphics cards; 0: there is none, or no driver."""
    command = ["nvidia-smi", "--query-gpu=memory.total", "--format=csv,noheader,nounits"]
    try:
        said = subprocess.run(command, capture_output=True, check=True, timeout=20, text=True).stdout
        return sum(int(line) << 20 for line in said.split())
    except (OSError, ValueError, subprocess.SubprocessError):
        return 0


def _free_disk(folder: Path) -> int:
    """Give what is free where `folder` is, or will be."""
    there = next(parent for parent in (folder, *folder.absolute().parents) if parent.exists())
    return shutil.disk_usage(there).free


def _file_bytes(folder: Path) -> int:
    return sum(file.stat().st_size for file in folder.rglob("*.safetensors"))
