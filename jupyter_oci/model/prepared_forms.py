"""The weights of a model in our forms, made and written one after the other: in memory are no more than are being made."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import torch

from .checkpoint import Weight
from .cores import one_at_a_time_a_thread
from .lean_model import FREQUENCIES, frequencies_of, is_lean
from .quantize import Form, OwnBits, linears
from .weights_file import Checksums
from .weights_writer import WeightsWriter

Report = Callable[[str, "float | None"], None]
Made = dict[OwnBits, dict[str, torch.Tensor]]  # tensors by their names, for the files of the forms with so many bits
Item = TypeVar("Item")
Result = TypeVar("Result")


def write_forms(
    model: Any, weights: Sequence[Weight], forms: Sequence[Form], report: Report, folder: Path
) -> dict[str, Checksums]:
    """Write the files of `forms` into a folder; give the checksums of each by its name.

    What is not quantised goes with the 4 bits. `model` tells which weights are those of layers that can be quantised; its own
    are not looked at.

    Raises:
        ModelLoadError: a weight cannot be used.
        OSError: a file cannot be written.
    """
    layers = {f"{name}.weight" for name, _ in linears(model)}
    wanted = [weight for weight in weights if any(form.bits == 4 for form in forms) or layers.intersection(weight.names)]
    num_tensors = 2 * sum(len(weight.names) for weight in weights) + 1  # for each form alike, whichever lacks
    doing = f"Compressing the weights to {' and '.join(str(form.bits) for form in forms)} bits"
    with ExitStack() as open_files:
        writers = {form.bits: open_files.enter_context(WeightsWriter(folder / form.file, num_tensors)) for form in forms}
        if 4 in writers and is_lean(model):
            writers[4].add(FREQUENCIES, frequencies_of(model))
        for index, made in enumerate(_side_by_side(partial(_in_forms, forms, layers), wanted)):
            report(doing, index / len(wanted))
            _append(made, writers)
    return {form.file: writers[form.bits].checksums for form in forms}


def _in_forms(forms: Sequence[Form], layers: set[str], weight: Weight) -> Made:
    read, made = weight.read(), Made()
    for form in forms:
        made[form.bits] = {}
        for name in weight.names:
            if name in layers:
                made[form.bits] |= form.state(name.removesuffix(".weight"), read)
            elif form.bits == 4:
                made[form.bits][name] = read
    return made


def _append(made: Made, writers: Mapping[OwnBits, WeightsWriter]) -> None:
    """Write what was made, and drop it before the next is waited for."""
    for bits, tensors in made.items():
        for name, tensor in tensors.items():
            writers[bits].add(name, tensor)
    made.clear()


def _side_by_side(work: Callable[[Item], Result], items: Iterable[Item]) -> Iterator[Result]:
    """Give in order what comes of the items; each thread is ahead by one at most."""
    num_threads = torch.get_num_threads()
    with one_at_a_time_a_thread() as pool:
        ahead: deque[Future[Result]] = deque()
        for item in items:
            if len(ahead) == num_threads:
                yield ahead.popleft().result()
            ahead.append(pool.submit(work, item))
        while ahead:
            yield ahead.popleft().result()
