"""The form of a model that the CPU computes with: made once, kept on disk, ready in seconds from then on."""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, suppress
from dataclasses import replace
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from transformers import PreTrainedTokenizerBase

from ..errors import ModelLoadError
from .checkpoint import Checkpoint, count_weights, without_weights
from .families import OWN_TEMPLATE, TemplateChoice
from .gguf_header import read_once
from .integrity import check_memory
from .lean_model import FREQUENCIES, lean_model
from .lock import alone
from .memory import available_memory, give_back
from .needs import opening_bytes, states_bytes
from .prefix_cache import token_bytes
from .prepared_forms import Report, write_forms
from .prepared_note import Note, write_through
from .prepared_room import storable, storing
from .prepared_weights import PreparedWeights, forms
from .quantize import FORMS, Form, OwnBits
from .templates import ChatTemplate
from .weights_file import Checksums, DamagedWeights, WeightsFile

_TRIES = 2
_WAITS = "Another process reads the model for the first time"
_FORMAT = 4  # raise it when what is kept on disk changes its meaning


def open_prepared(
    checkpoint: Checkpoint, cache_dir: Path, report: Report, bits: OwnBits, choice: TemplateChoice = OWN_TEMPLATE
) -> tuple[PreTrainedTokenizerBase, Any]:
    """Prepare a model and load it, with its tokenizer. What is found damaged while it is read is made again.

    Without room for both forms, the 8 bits are left out.

    Raises:
        ModelLoadError: the checkpoint cannot be used, what was just written cannot be read, or it does not fit into the memory.
    """
    for _ in range(_TRIES):
        folder = prepare(checkpoint, cache_dir, report, bits, choice)
        _check_room(folder)
        report("Loading the model", None)
        with ThreadPoolExecutor(1) as pool:  # reading weights leaves Python to others
            loading = pool.submit(load_prepared, folder, _with_room(bits, folder))
            tokenizer = Checkpoint(folder).tokenizer()
        try:
            return tokenizer, loading.result()
        except DamagedWeights as damage:
            damage.file.unlink(missing_ok=True)
    raise ModelLoadError(f"What was written to {folder} comes back otherwise; check that disk, or set another folder for models.")


def prepare(
    checkpoint: Checkpoint, cache_dir: Path, report: Report, bits: OwnBits, choice: TemplateChoice = OWN_TEMPLATE
) -> Path:
    """Give the folder of `checkpoint` in 4 bits, with `bits` of 8 in 8 bits too where the disk has room, making what it lacks.

    What there is is not read through. One process makes it, others wait for it.

    Raises:
        ModelLoadError: the checkpoint cannot be used, or what is made of it not be stored; what was there before stays.
    """
    folder = cache_dir / "prepared" / f"{checkpoint.digest()}-v{_FORMAT}"
    if _lacking(folder, bits):
        with ExitStack() as held:
            with storing(folder.parent):
                folder.parent.mkdir(parents=True, exist_ok=True)
                held.enter_context(alone(folder.parent.with_suffix(".lock"), lambda: report(_WAITS, None)))
            if lacking := _lacking(folder, bits):  # another process may have made it meanwhile
                _make_storable(checkpoint, folder, lacking, report, choice)
    return folder


def _lacking(folder: Path, bits: OwnBits) -> list[Form]:
    note = Note.of(folder)
    return [form for form in forms(bits) if not _is_whole(folder / form.file, note)]


def _make_storable(checkpoint: Checkpoint, folder: Path, lacking: Sequence[Form], report: Report, choice: TemplateChoice) -> None:
    """Make of the forms that `folder` lacks those that memory and disk have room for."""
    with read_once():
        known = checkpoint if FORMS[4] in lacking else Checkpoint(folder)
        num_weights = count_weights(config := known.config())
        if FORMS[4] in lacking:
            check_memory(opening_bytes(num_weights, token_bytes(config)))
        if storable_forms := storable(lacking, num_weights, folder.parent, report):
            _make(checkpoint, folder, storable_forms, report, choice)


def _make(checkpoint: Checkpoint, folder: Path, lacking: Sequence[Form], report: Report, choice: TemplateChoice) -> None:
    report("Reading the model for the first time", None)
    tokenizer, config = checkpoint.tokenizer(), checkpoint.config()
    ChatTemplate.of(tokenizer, config, choice)  # refuses a model that cannot chat before its weights are read
    model = without_weights(config)
    make = partial(write_forms, model, checkpoint.weights(model), lacking, report)
    with storing(folder.parent):
        _write(folder, tokenizer, model.config, make, Note(str(checkpoint.path), Note.of(folder).checksums))
    _remove_outdated(folder, checkpoint)
    give_back()


def load_prepared(folder: Path, bits: OwnBits) -> Any:
    """Build the model from what `prepare` made with these `bits`.

    Raises:
        DamagedWeights: that is not what is there.
    """
    weights = PreparedWeights(folder, bits)
    if FREQUENCIES in weights:
        return lean_model(weights, folder)
    from .modules import modules_of  # noqa: PLC0415 - its import takes seconds, and most models need none of it

    return modules_of(weights, folder)


def _check_room(folder: Path) -> None:
    """See that the memory takes the 4 bits and states; the libraries are there already."""
    config = SimpleNamespace(**json.loads((folder / "config.json").read_text("utf-8")))
    check_memory((folder / FORMS[4].file).stat().st_size + states_bytes(token_bytes(config)))


def _with_room(bits: OwnBits, folder: Path) -> OwnBits:
    """Leave the 8 bits out where the disk had no room, or all that was prepared would not leave half of the free memory."""
    prepared = sum(file.stat().st_size for file in folder.glob("*.safetensors"))
    return bits if (folder / FORMS[bits].file).is_file() and prepared < available_memory() / 2 else 4


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
    """Tell whether a file is as it was noted, as far as its header and its size tell."""
    try:
        WeightsFile(file, note.checksums.get(file.name, {}))
    except DamagedWeights:
        return False
    return True


def _write(
    folder: Path, tokenizer: PreTrainedTokenizerBase, config: Any, make: Callable[[Path], Mapping[str, Checksums]], note: Note
) -> None:
    """Write the folder whole or not at all: what `make` does, and what it held of other forms, whose checksums `note` has."""
    with tempfile.TemporaryDirectory(dir=folder.parent) as scratch:
        unfinished = Path(scratch) / folder.name
        try:
            tokenizer.save_pretrained(unfinished)
        except Exception as error:  # its compiled part raises nothing more exact
            raise OSError(error) from error
        if hasattr(config, "quantization_config"):  # of the GGUF file: what we keep is no GGUF any more
            del config.quantization_config
        config.to_json_file(unfinished / "config.json", use_diff=False)
        made = make(unfinished)
        replace(note, checksums={**note.checksums, **made}).keep(unfinished)
        write_through(unfinished)  # until here it may fail: what there was is still in its place
        for kept in {form.file for form in FORMS.values()} - made.keys():
            if (folder / kept).is_file():
                (folder / kept).rename(unfinished / kept)
        shutil.rmtree(folder, ignore_errors=True)
        unfinished.rename(folder)
