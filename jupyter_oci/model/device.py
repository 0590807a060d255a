"""Where a model computes: on the CPU, on NVIDIA's graphics cards or on Apple's, and in how many bits its weights are there."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.util import find_spec
from typing import Any, Literal

import torch
from transformers import BitsAndBytesConfig

from ..errors import ModelLoadError
from .checkpoint import Checkpoint, count_weights
from .needs import Bits, gpu_bytes
from .quantize import OwnBits, best_bits

Device = Literal["cpu", "cuda", "mps"]

_CHOICES: dict[str, tuple[Device, Bits]] = {  # beside "auto" and "cpu"
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
    def own_bits(self) -> OwnBits | None:
        """The bits of our own form, where the model is computed in it."""
        return self.bits if self.device == "cpu" and self.bits != 16 else None


@dataclass(frozen=True, slots=True)
class Hardware:
    """What models can be placed on.

    Free bytes of all NVIDIA cards together and of Apple's (0: there is none), whether bitsandbytes is installed, and 8 where 8
    bits pay on the CPU, else 4.
    """

    cuda: int
    mps: int
    has_bitsandbytes: bool
    cpu_bits: OwnBits

    @classmethod
    def look(cls) -> Hardware:
        """See what torch can use."""
        cards = range(torch.cuda.device_count()) if torch.cuda.is_available() else ()
        mps = torch.mps.recommended_max_memory() - torch.mps.driver_allocated_memory() if torch.backends.mps.is_available() else 0
        cuda = sum(torch.cuda.mem_get_info(card)[0] for card in cards)
        return cls(cuda, mps, find_spec("bitsandbytes") is not None, best_bits())


def choose(wish: str, num_weights: int, hardware: Hardware, *, can_quantize: bool = True) -> Placement:
    """Place a model as the setting `device` wishes; `auto` takes the fastest place in which it fits with the most bits.

    `can_quantize` says whether its files let bitsandbytes do its work.

    Raises:
        ModelLoadError: it cannot be placed so.
    """
    if wish == "auto":
        return _best(num_weights, hardware, can_quantize=can_quantize and hardware.has_bitsandbytes)
    if wish == "cpu":
        return Placement("cpu", hardware.cpu_bits)
    device, bits = _CHOICES[wish]
    if device != "cpu" and not getattr(hardware, device):
        raise ModelLoadError(f"device: torch finds no card for {device!r}; choose 'auto' or 'cpu', or install a torch for it.")
    if device == "cuda" and bits < 16 and not can_quantize:
        raise ModelLoadError(f"device: {wish!r} needs a folder of safetensors, not a GGUF file; choose 'cuda' or other files.")
    if device == "cuda" and bits < 16 and not hardware.has_bitsandbytes:
        raise ModelLoadError(f"device: {wish!r} needs the package bitsandbytes; install jupyter_oci[gpu], or choose 'cuda'.")
    return Placement(device, bits)


def placed(wish: str, checkpoint: Checkpoint) -> Placement:
    """Place the model of `checkpoint` on this machine; see `choose`."""
    hardware = Hardware.look()
    if wish == "cpu" or (wish == "auto" and not hardware.cuda and not hardware.mps):
        return Placement("cpu", hardware.cpu_bits)
    return choose(wish, count_weights(checkpoint.config()), hardware, can_quantize=checkpoint.gguf_file is None)


def load_placed(checkpoint: Checkpoint, placement: Placement) -> Any:
    """Load the model where it was placed, over all cards where there are several.

    Raises:
        ModelLoadError: it cannot be used, or does not fit.
    """
    if checkpoint.gguf_file:
        model = checkpoint.model(checkpoint.config()).to(placement.device)
    else:
        where = "auto" if placement.device == "cuda" else {"": placement.device}
        form = {"quantization_config": config} if (config := _quantization(placement)) else {}
        model = checkpoint.model(checkpoint.config(), device_map=where, **form)
    elsewhere = {parameter.device.type for parameter in model.parameters()} - {placement.device}
    if elsewhere:
        raise ModelLoadError(f"The model does not fit on {placement.device}; choose fewer bits, a smaller model, or the CPU.")
    return model


def _best(num_weights: int, hardware: Hardware, *, can_quantize: bool) -> Placement:
    for bits in (16, 8, 4) if can_quantize else (16,):
        if gpu_bytes(num_weights, bits) <= hardware.cuda:
            return Placement("cuda", bits)
    if gpu_bytes(num_weights, 16) <= hardware.mps:
        return Placement("mps", 16)
    return Placement("cpu", hardware.cpu_bits)


def _quantization(placement: Placement) -> BitsAndBytesConfig | None:
    if placement.bits == 16:
        return None
    if placement.bits == 8:
        return BitsAndBytesConfig(load_in_8bit=True)  # type: ignore[no-untyped-call]
    return BitsAndBytesConfig(  # type: ignore[no-untyped-call]
        load_in_4bit=True, bnb_4bit_quant_type="nf4", bnb_4bit_compute_dtype=torch.bfloat16
    )
