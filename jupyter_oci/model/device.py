"""Load a model where it is placed: on the CPU, NVIDIA's graphics cards or Apple's, in how many bits its weights are there."""

from __future__ import annotations

from importlib.util import find_spec
from typing import Any

import torch
import transformers

from ..errors import ModelLoadError
from .checkpoint import Checkpoint, count_weights
from .memory import available_memory
from .placement import Hardware, Placement, choose
from .prefix_cache import token_bytes
from .quantize import best_bits


def look() -> Hardware:
    """See what torch can use; of cards, what is free there."""
    mps = torch.mps.recommended_max_memory() - torch.mps.driver_allocated_memory() if torch.backends.mps.is_available() else 0
    return Hardware(_free_on_cards(), mps, find_spec("bitsandbytes") is not None, best_bits())


def placed(wish: str, checkpoint: Checkpoint) -> Placement:
    """Place the model of `checkpoint` on this machine; see `choose`."""
    hardware = look()
    if wish == "cpu" or (wish == "auto" and not hardware.cards and not hardware.mps):
        return Placement("cpu", hardware.cpu_bits)
    config, is_gguf = checkpoint.config(), checkpoint.gguf_file is not None
    return choose(wish, count_weights(config), hardware, of_token=token_bytes(config), is_gguf=is_gguf)


def load_placed(checkpoint: Checkpoint, placement: Placement) -> Any:
    """Load the model where it was placed, over all cards where there are several; of a GGUF file, on that with the most room.

    Raises:
        ModelLoadError: it cannot be used, or does not fit.
    """
    if checkpoint.gguf_file:
        model = checkpoint.model(checkpoint.config()).to(_one_card() if placement.device == "cuda" else placement.device)
    else:
        where = "auto" if placement.device == "cuda" else {"": placement.device}
        form = {"quantization_config": config} if (config := _quantization(placement)) else {}
        model = checkpoint.model(checkpoint.config(), device_map=where, **form)
    elsewhere = {parameter.device.type for parameter in model.parameters()} - {placement.device}
    if elsewhere:
        raise ModelLoadError(f"The model does not fit on {placement.device}; choose fewer bits, a smaller model, or the CPU.")
    return model


def free_beside(model: Any) -> int:
    """Give the bytes that are free where the weights of a loaded model lie: on its cards together, or in the memory.

    What torch keeps of a card for later use is free too.
    """
    places = {parameter.device for parameter in model.parameters()}
    if cards := [place for place in places if place.type == "cuda"]:
        kept = sum(torch.cuda.memory_reserved(card) - torch.cuda.memory_allocated(card) for card in cards)
        return kept + sum(torch.cuda.mem_get_info(card)[0] for card in cards)
    return look().mps if any(place.type == "mps" for place in places) else available_memory()


def _free_on_cards() -> tuple[int, ...]:
    cards = range(torch.cuda.device_count()) if torch.cuda.is_available() else ()
    return tuple(torch.cuda.mem_get_info(card)[0] for card in cards)


def _one_card() -> str:
    """Name the card with the most room."""
    free = _free_on_cards()
    return f"cuda:{free.index(max(free))}"


def _quantization(placement: Placement) -> transformers.BitsAndBytesConfig | None:
    if placement.bits == 16:
        return None
    if placement.bits == 8:
        return transformers.BitsAndBytesConfig(load_in_8bit=True)  # type: ignore[no-untyped-call]
    return transformers.BitsAndBytesConfig(  # type: ignore[no-untyped-call]
        load_in_4bit=True, bnb_4bit_quant_type="nf4", bnb_4bit_compute_dtype=torch.bfloat16
    )
