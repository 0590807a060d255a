"""The form of a model that the CPU computes with: made once, kept on disk, ready in seconds from then on."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
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
from .checkpoint import Checkpoint, count_weights
from .cores import one_at_a_time_a_thread
from .families import OWN_TEMPLATE, TemplateChoice
from .gguf_header import read_once
from .prepared_note import Note, checksums, write_through
from .prepared_room import storable, storing
from .quantize import FORMS, Form, OwnBits, Precision, QuantizedLinear, linears
from .templates import ChatTemplate

Report = Callable[[str, float | None], None]

_FORMAT = 2  # raise it when what is kept on disk changes its meaning


def prepare(
    checkpoint: Checkpoint, cache_dir: Path, report: Report, bits: OwnBits, choice: TemplateChoice = OWN_TEMPLATE
) -> Path:
    """Give the folder of `checkpoint` in 4 bits, with `bits` of 8 in 8 bits too where the disk has room, making what it lacks.

    Raises:
        ModelLoadError: the checkpoint cannot be used, or what is made of it not be stored; what was there before stays.
    """
    folder = cache_dir / "prepared" / f"{checkpoint.digest()}-v{_FORMAT}"
    note = Note.of(folder)
    lacking = [form for form in _forms(bits) if not _is_whole(folder / form.file, note)]
    if lacking:
        with storing(folder.parent):
            folder.parent.mkdir(parents=True, exist_ok=True)
        with read_once():
            known = checkpoint if FORMS[4] in lacking else Checkpoint(folder)
            lacking = storable(lacking, count_weights(known.config()), folder.parent, report)
            if lacking:
                _make(checkpoint, folder, lacking, report, choice, note)
    return folder


def _make(  # noqa: PLR0917 - as `prepare`, and what it found
    checkpoint: Checkpoint, folder: Path, forms: Sequence[Form], report: Report, choice: TemplateChoice, note: Note
) -> None:
    report("Reading the model for the first time", None)
    tokenizer, config = checkpoint.tokenizer(), checkpoint.config()
    ChatTemplate.of(tokenizer, config, choice)  # refuses a model that cannot chat before its weights are read
    model = checkpoint.model(config)
    with storing(folder.parent):
        _write(folder, tokenizer, model, forms, report, Note(str(checkpoint.path), note.checksums))
    _remove_outdated(folder, checkpoint)


def load_prepared(folder: Path, bits: OwnBits) -> Any:
    """Build the model from what `prepare` made with these `bits`."""
    states = {form.bits: load_file(folder / form.file) for form in _forms(bits)}
    with init_empty_weights(include_buffers=False):
        model: Any = AutoModelForCausalLM.from_config(  # type: ignore[no-untyped-call]
            Checkpoint(folder).config(), dtype=torch.bfloat16, attn_implementation=attention.NAME, trust_remote_code=False
        )
    precision, rest = Precision(has_8=8 in states), states[4]

    def quantized(layer: tuple[str, nn.Linear]) -> nn.Module:
        name, linear = layer
        bias = rest.pop(f"{name}.bias").clone() if linear.bias is not None else None
        linear4 = FORMS[4].restored(name, states[4]).linear(bias)
        linear8 = FORMS[8].restored(name, states[8]).linear(bias) if 8 in states else None
        return QuantizedLinear(linear4, linear8, precision)

    layers = list(linears(model))
    with one_at_a_time_a_thread() as pool:
        for (name, _), linear in zip(layers, pool.map(quantized, layers), strict=True):
            model.set_submodule(name, linear)
    rest = {name: value.clone() for name, value in rest.items()}  # nothing of the model keeps the whole file in memory
    model.load_state_dict(rest, strict=True, assign=True)
    return model.eval()


def _forms(bits: OwnBits) -> list[Form]:
    return [form for form in FORMS.values() if form.bits <= bits]


def _remove_outdated(folder: Path, checkpoint: Checkpoint) -> None:
    """Remove what was made of the same files before they changed, or by earlier versions.

    Each goes as a whole or, where another process holds it, not at all.
    """
    digest = checkpoint.digest()
    earlier = [folder.with_name(f"{digest}-v{version}") for version in range(1, _FORMAT)]
    changed = [
        other
        for other in folder.parent.iterdir()
        if not other.name.startswith(digest) and Note.of(other).source == str(checkpoint.path)
    ]
    for outdated in [*earlier, *changed]:
        with suppress(OSError), tempfile.TemporaryDirectory(dir=folder.parent, ignore_cleanup_errors=True) as scratch:
            outdated.rename(Path(scratch) / "outdated")


def _is_whole(file: Path, note: Note) -> bool:
    try:
        with safe_open(file, framework="pt"):
            return note.fits(file)
    except (OSError, SafetensorError, ValueError):
        return False


def _quantized_state(model: nn.Module, form: Form, report: Report) -> dict[str, torch.Tensor]:
    """Quantise every linear layer that can be; what else there is goes with the 4 bits."""
    layers = list(linears(model))
    state: dict[str, torch.Tensor] = {}
    with one_at_a_time_a_thread() as pool:
        quantized = pool.map(lambda layer: form.state(layer[0], _finite(layer[1].weight.detach(), layer[0])), layers)
        for index, tensors in enumerate(quantized):
            report(f"Compressing the weights to {form.bits} bits", index / len(layers))
            state |= tensors
    if form.bits == 4:
        known = {f"{name}.weight" for name, _ in layers}
        state |= {name: _finite(value, name).clone() for name, value in model.state_dict().items() if name not in known}
    return state


def _finite(weight: torch.Tensor, name: str) -> torch.Tensor:
    if not weight.isfinite().all():
        raise ModelLoadError(f"The weights {name} hold values that are not numbers; the model's file is damaged: fetch it again.")
    return weight


def _write(  # noqa: PLR0917 - what is written, and who hears of it
    folder: Path, tokenizer: PreTrainedTokenizerBase, model: Any, forms: Sequence[Form], report: Report, note: Note
) -> None:
    """Write the folder whole or not at all, with what it held of other forms, whose checksums `note` has.

    One form at a time is in memory.
    """
    with tempfile.TemporaryDirectory(dir=folder.parent) as scratch:
        unfinished = Path(scratch) / folder.name
        try:
            tokenizer.save_pretrained(unfinished)
        except Exception as error:  # its compiled part raises nothing more exact
            raise OSError(error) from error
        if hasattr(model.config, "quantization_config"):  # of the GGUF file: what we keep is no GGUF any more
            del model.config.quantization_config
        model.config.save_pretrained(unfinished)
        for form in forms:
            save_file(_quantized_state(model, form, report), unfinished / form.file, metadata={"format": "pt"})
        made = {form.file: checksums(unfinished / form.file) for form in forms}
        replace(note, checksums={**note.checksums, **made}).keep(unfinished)
        write_through(unfinished)  # until here it may fail: what there was is still in its place
        for kept in {form.file for form in FORMS.values()} - {form.file for form in forms}:
            if (folder / kept).is_file():
                (folder / kept).rename(unfinished / kept)
        shutil.rmtree(folder, ignore_errors=True)
        unfinished.rename(folder)
