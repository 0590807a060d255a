"""What this machine has for a model, and whether one fits it."""

from __future__ import annotations

import os
import platform
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import Literal

import psutil

from ..errors import ModelLoadError
from .bandwidth import known_bandwidth
from .catalogue import ModelSpec
from .download import is_available, kept_bytes, packed_dir
from .memory import available_memory
from .needs import gpu_bytes, loading_bytes, packed_bytes, tokens_per_second, whole_bytes
from .placement import Hardware, Placement, choose

Lack = Literal["", "memory", "graphics memory", "disk", "device"]


@dataclass(frozen=True, slots=True)
class Fit:
    """What there is too little of for a model (empty: nothing), that in words, and about how fast it would write.

    `disk_bytes` is what is still to come of the model and what is made of it then; `least_disk_bytes` is that without the 8 bits,
    which are left out where they lack room, and without what is made of a model whose weights are not known: its process counts
    them before it makes anything. `tokens_per_second` is an estimate for the CPU from the memory's measured bandwidth; None: it
    is not known, or the model goes to a graphics card.
    """

    lacks: Lack
    obstacle: str
    disk_bytes: int
    least_disk_bytes: int
    tokens_per_second: float | None


@dataclass(frozen=True, slots=True)
class Machine:
    """Free bytes of memory and disk, those of graphics cards, bytes per second of the memory (None: not measured)."""

    memory: int
    disk: int
    hardware: Hardware
    bandwidth: float | None

    @classmethod
    def look(cls, cache_dir: Path) -> Machine:
        """Look at what there is now."""
        return cls(available_memory(), _free_disk(cache_dir), hardware(), known_bandwidth(cache_dir))

    def fit(self, spec: ModelSpec, cache_dir: Path, wish: str = "auto") -> Fit:
        """Judge a model of the catalogue or of the user, placed as the setting `device` wishes."""
        if spec.host:
            return Fit("", "", 0, 0, None)
        num_weights = spec.parameters or spec.memory_bytes * 3 // 4  # of unknown ones, by what opening takes
        try:
            placement = choose(wish, num_weights, self.hardware, of_token=spec.state_bytes, is_gguf=spec.format == "gguf")
        except ModelLoadError as error:
            return Fit("device", str(error), 0, 0, None)
        disk = _disk_bytes(spec, num_weights, placement.own_bits, cache_dir)
        least = _disk_bytes(spec, spec.parameters, placement.own_bits and 4, cache_dir)
        rate = None
        if self.bandwidth and spec.parameters and placement.device == "cpu":
            rate = tokens_per_second(spec.parameters, self.bandwidth)
        return Fit(*self._obstacle(spec, num_weights, placement, least, cache_dir), disk, least, rate)

    def _obstacle(self, spec: ModelSpec, num_weights: int, placement: Placement, disk: int, cache_dir: Path) -> tuple[Lack, str]:
        on_card = placement.device != "cpu" and num_weights
        graphics = gpu_bytes(num_weights, placement.bits, spec.state_bytes) if on_card else 0
        room = self.hardware.room(placement.device, is_gguf=spec.format == "gguf")
        memory = _memory_bytes(spec, num_weights, placement, cache_dir)
        needs: tuple[tuple[Lack, int, int], ...] = (
            ("graphics memory", graphics, room),
            ("memory", memory, self.memory),
            ("disk", disk, self.disk),
        )
        return next(
            (
                (what, f"needs {needed / 1e9:.1f} GB of {what}, {free / 1e9:.1f} GB are free")
                for what, needed, free in needs
                if needed > free
            ),
            ("", ""),
        )


@lru_cache(maxsize=1)
def hardware() -> Hardware:
    """Tell what torch will find, without the time that importing it takes; 8 bits are taken to pay on the CPU.

    What is free on NVIDIA's cards is looked at once: what a model of ours takes there later, it gives back for the next.
    """
    cards = _cards() if _torch_knows_cuda() else ()
    is_apple = sys.platform == "darwin" and platform.machine() == "arm64"
    mps = psutil.virtual_memory().total * 2 // 3 if is_apple else 0  # what Metal recommends, or a little less
    return Hardware(cards, mps, find_spec("bitsandbytes") is not None, 8)


def _cards() -> tuple[int, ...]:
    """Give what is free on each NVIDIA graphics card that a process here may see; none where there is no driver."""
    command = ["nvidia-smi", "--query-gpu=uuid,memory.free", "--format=csv,noheader,nounits"]
    try:
        said = subprocess.run(command, capture_output=True, check=True, timeout=20, text=True).stdout
        cards = [line.split(", ") for line in said.splitlines()]
        seen = _seen([uuid for uuid, _ in cards], os.environ.get("CUDA_VISIBLE_DEVICES"))
        return tuple(int(cards[place][1]) << 20 for place in seen)
    except (OSError, ValueError, subprocess.SubprocessError):
        return ()


def _seen(uuids: Sequence[str], visible: str | None) -> Iterator[int]:
    """Give the places of the cards that `visible` names (None: all), as CUDA reads it: up to the first that is none of them.

    Where it names parts of cards (MIG), the driver tells of whole ones only.
    """
    if visible is None or "MIG-" in visible:
        yield from range(len(uuids))
        return
    for name in map(str.strip, visible.split(",")):
        named = [str(place) == name or (name.startswith("GPU-") and uuid.startswith(name)) for place, uuid in enumerate(uuids)]
        if True not in named:
            return
        yield named.index(True)


def _torch_knows_cuda() -> bool:
    """Read it where torch notes what it was built with."""
    torch = find_spec("torch")
    try:
        written = Path(torch.origin or "").with_name("version.py").read_text("utf-8") if torch else ""
    except (OSError, ValueError):
        return False
    return re.search(r"^cuda\b.*= *['\"]", written, re.MULTILINE) is not None


def _memory_bytes(spec: ModelSpec, num_weights: int, placement: Placement, cache_dir: Path) -> int:
    """Give the memory for loading and for states; of safetensors for a graphics card next to none."""
    if placement.own_bits:
        prepared = _prepared_bytes(spec, cache_dir)
        return loading_bytes(prepared, spec.state_bytes) if prepared else spec.memory_bytes
    on_card = placement.device != "cpu" and spec.format == "safetensors"
    return 0 if on_card else whole_bytes(num_weights, spec.format)


def _disk_bytes(spec: ModelSpec, num_weights: int, own_bits: Literal[4, 8, None], cache_dir: Path) -> int:
    """Give the disk that is still to be taken: by the download, less what came before, and by the forms for the CPU."""
    download = 0 if is_available(spec, cache_dir) else max(spec.download_bytes - kept_bytes(spec, cache_dir), 0)
    if own_bits is None or _prepared_bytes(spec, cache_dir):
        return download
    return download + packed_bytes(num_weights, own_bits)


def _prepared_bytes(spec: ModelSpec, cache_dir: Path) -> int:
    """Give the size of the form that is always made, without which nothing is prepared; the 8 bits beside it are optional."""
    return max((file.stat().st_size for file in packed_dir(spec, cache_dir).rglob("int4.safetensors")), default=0)


def _free_disk(folder: Path) -> int:
    """Give what is free where `folder` is, or will be."""
    there = next(parent for parent in (folder, *folder.absolute().parents) if parent.exists())
    return shutil.disk_usage(there).free
