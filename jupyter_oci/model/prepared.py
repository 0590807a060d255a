"""The 4-bit form of a model: made once, kept on disk, ready in seconds from then on."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import torch
from accelerate import init_empty_weights
from safetensors import SafetensorError, safe_open
from safetensors.torch import load_file, save_file
from torch import nn
from transformers import AutoModelForCausalLM, PreTrainedTokenizerBase

from ..errors import ModelLoadError
from . import attention
from .checkpoint import Checkpoint
from .families import OWN_TEMPLATE, TemplateChoice
from .quantize import Int4Linear, Int4Weight, linears, quantize
from .templates import ChatTemplate

Report = Callable[[str, float | None], None]

_FORMAT = 1  # raise it when what is kept on disk changes its meaning
_WEIGHTS = "int4.safetensors"


def prepare(checkpoint: Checkpoint, cache_dir: Path, report: Report, choice: TemplateChoice = OWN_TEMPLATE) -> Path:
    """Give the folder of the 4-bit form of `checkpoint`, making it at the first time.

    Raises:
        ModelLoadError: the checkpoint cannot be used.
    """
    folder = cache_dir / "prepared" / f"{checkpoint.digest()}-v{_FORMAT}"
    if not _is_whole(folder / _WEIGHTS):
        report("Reading the model for the first time", None)
        tokenizer, config = checkpoint.tokenizer(), checkpoint.config()
        ChatTemplate.of(tokenizer, config, choice)  # refuses a model that cannot chat before its weights are read
        model = checkpoint.model(config)
        _write(folder, tokenizer, model.config, _quantized_state(model, report))
    return folder


def load_prepared(folder: Path, *, wide: bool) -> Any:
    """Build the model from its 4-bit form; `wide` also keeps de-quantised values in memory, for prefill."""
    state = load_file(folder / _WEIGHTS)
    with init_empty_weights(include_buffers=False):
        model: Any = AutoModelForCausalLM.from_config(  # type: ignore[no-untyped-call]
            Checkpoint(folder).config(), dtype=torch.bfloat16, attn_implementation=attention.NAME, trust_remote_code=False
        )

    def packed(layer: tuple[str, nn.Linear]) -> Int4Linear:
        name, linear = layer
        bias = state.pop(f"{name}.bias") if linear.bias is not None else None
        return Int4Linear.of(Int4Weight(state.pop(f"{name}.codes"), state.pop(f"{name}.scales_and_zeros")), bias, wide=wide)

    layers = list(linears(model))
    with _one_layer_a_thread() as pool:
        for (name, _), linear in zip(layers, pool.map(packed, layers), strict=True):
            model.set_submodule(name, linear)
    model.load_state_dict(state, strict=True, assign=True)
    return model.eval()


def _is_whole(file: Path) -> bool:
    try:
        with safe_open(file, framework="pt"):
            return True
    except (OSError, SafetensorError):
        return False


def _quantized_state(model: nn.Module, report: Report) -> dict[str, torch.Tensor]:
    """Quantise every linear layer that can be, taking the original weights apart to spare memory."""
    layers = list(linears(model))
    state: dict[str, torch.Tensor] = {}
    with _one_layer_a_thread() as pool:
        quantized = pool.map(lambda layer: quantize(_finite(layer[1].weight.detach(), layer[0])), layers)
        for index, ((name, linear), weight) in enumerate(zip(layers, quantized, strict=True)):
            report("Compressing the weights to 4 bits", index / len(layers))
            state |= {f"{name}.codes": weight.codes, f"{name}.scales_and_zeros": weight.scales_and_zeros}
            if linear.bias is not None:
                state[f"{name}.bias"] = linear.bias.detach()
            model.set_submodule(name, nn.Identity())
    return state | {name: _finite(value, name).clone() for name, value in model.state_dict().items()}


@contextmanager
def _one_layer_a_thread() -> Iterator[ThreadPoolExecutor]:
    """Give as many threads as torch uses, each computing alone.

    Torch's own threads wait for each other after every small operation, for long where another process is busy.
    """
    num_threads = torch.get_num_threads()
    try:
        with ThreadPoolExecutor(num_threads, initializer=torch.set_num_threads, initargs=(1,)) as pool:
            yield pool
    finally:
        torch.set_num_threads(num_threads)


def _finite(weight: torch.Tensor, name: str) -> torch.Tensor:
    if not weight.isfinite().all():
        raise ModelLoadError(f"The weights {name} hold values that are not numbers; the model's file is damaged: fetch it again.")
    return weight


def _write(folder: Path, tokenizer: PreTrainedTokenizerBase, config: Any, state: dict[str, torch.Tensor]) -> None:
    """Write the folder whole or not at all."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent) as scratch:
        unfinished = Path(scratch) / folder.name
        tokenizer.save_pretrained(unfinished)
        if hasattr(config, "quantization_config"):  # of the GGUF file: what we keep is no GGUF any more
            del config.quantization_config
        config.save_pretrained(unfinished)
        save_file(state, unfinished / _WEIGHTS, metadata={"format": "pt"})
        shutil.rmtree(folder, ignore_errors=True)
        unfinished.rename(folder)
