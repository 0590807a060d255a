"""Where a model is placed, by what there is: the one place that decides it, for loading and for telling before what fits."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from ..errors import ModelLoadError
from .needs import Bits, gpu_bytes

Device = Literal["cpu", "cuda", "mps"]

CHOICES: dict[str, tuple[Device, Bits]] = {  # beside "auto" and "cpu"
    "cpu-4bit": ("cpu", 4),
    "cpu-16bit": ("cpu", 16),
    "cuda": ("cuda", 16),
    "cuda-8bit": ("cuda", 8),
    "cuda-4bit": ("cuda", 4),
    "mps": ("mps", 16),
}


@dataclass(frozen=True, slots=True)
class Placement:
    """16 bits are bfloat16; fewer are, on the CPU, our own form of the weights, elsewhere that of bitsandbytes."""

    device: Device
    bits: Bits

    @property
    def own_bits(self) -> Literal[4, 8, None]:
        """The bits of our own form, where the model is computed in it."""
        return self.bits if self.device == "cpu" and self.bits != 16 else None

    @property
    def computed(self) -> dict[str, Any]:
        """Say what a model is computed in, in JSON: its device, and in how many bits it reads and writes."""
        return {"device": self.device, "bits read": self.bits, "bits written": 4 if self.own_bits else self.bits}


@dataclass(frozen=True, slots=True)
class Hardware:
    """What models can be placed on.

    Bytes of each NVIDIA card and of Apple's (0: there is none), whether bitsandbytes is installed, and 8 where 8 bits pay on the
    CPU, else 4.
    """

    cards: tuple[int, ...]
    mps: int
    has_bitsandbytes: bool
    cpu_bits: Literal[4, 8]

    def room(self, device: Device, *, is_gguf: bool) -> int:
        """Give the bytes that a model can have on cards of this kind: a GGUF file is not spread over several."""
        if device == "cuda":
            return max(self.cards, default=0) if is_gguf else sum(self.cards)
        return self.mps if device == "mps" else 0


def choose(wish: str, num_weights: int, hardware: Hardware, *, of_token: int = 0, is_gguf: bool = False) -> Placement:
    """Place a model as the setting `device` wishes; `auto` takes the fastest place in which it fits with the most bits.

    `of_token` are the bytes of a token's states (0: not known).

    Raises:
        ModelLoadError: it cannot be placed so.
    """
    if wish == "auto":
        return _best(num_weights, hardware, of_token=of_token, is_gguf=is_gguf)
    if wish == "cpu":
        return Placement("cpu", hardware.cpu_bits)
    device, bits = CHOICES[wish]
    if device != "cpu" and not hardware.room(device, is_gguf=is_gguf):
        raise ModelLoadError(f"device: torch finds no card for {device!r}; choose 'auto' or 'cpu', or install a torch for it.")
    if device == "cuda" and bits < 16 and is_gguf:
        raise ModelLoadError(f"device: {wish!r} needs a folder of safetensors, not a GGUF file; choose 'cuda' or other files.")
    if device == "cuda" and bits < 16 and not hardware.has_bitsandbytes:
        raise ModelLoadError(f"device: {wish!r} needs the package bitsandbytes; install jupyter_oci[gpu], or choose 'cuda'.")
    return Placement(device, bits)


def _best(num_weights: int, hardware: Hardware, *, of_token: int, is_gguf: bool) -> Placement:
    for bits in (16, 8, 4) if hardware.has_bitsandbytes and not is_gguf else (16,):
        if gpu_bytes(num_weights, bits, of_token) <= hardware.room("cuda", is_gguf=is_gguf):
            return Placement("cuda", bits)
    if gpu_bytes(num_weights, 16, of_token) <= hardware.mps:
        return Placement("mps", 16)
    return Placement("cpu", hardware.cpu_bits)
