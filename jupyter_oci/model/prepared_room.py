"""The room on the disk that prepared weights need, and what is said where there is none."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from safetensors import SafetensorError

from ..errors import ModelLoadError
from .needs import packed_bytes
from .quantize import Form

_CURE: Final = "Make room there, or choose the device 'cpu-16bit', for which nothing is stored."


def storable(forms: Sequence[Form], num_weights: int, folder: Path, report: Callable[[str, float | None], None]) -> list[Form]:
    """Leave out of `forms` the 8 bits where `folder` has no room for them; `report` hears of it.

    Raises:
        ModelLoadError: there is no room for the 4 bits, without which nothing is prepared.
    """
    free, needed = shutil.disk_usage(folder).free, 0
    for form in forms:
        needed += packed_bytes(num_weights, 8) - packed_bytes(num_weights, 4) if form.bits == 8 else packed_bytes(num_weights, 4)
        if needed > free and form.bits == 8:
            report("The disk has no room for the weights in 8 bits: prompts are read in 4", None)
            return [other for other in forms if other.bits == 4]
        if needed > free:
            raise ModelLoadError(
                f"The prepared weights need {needed / 1e9:.1f} GB in {folder}, only {free / 1e9:.1f} GB are free. {_CURE}"
            )
    return list(forms)


@contextmanager
def storing(folder: Path) -> Iterator[None]:
    """Say in a sentence what hinders storing in `folder`.

    Raises:
        ModelLoadError: something did.
    """
    try:
        yield
    except (OSError, SafetensorError) as error:
        raise ModelLoadError(f"The prepared weights cannot be stored in {folder} ({error}). {_CURE}") from error
