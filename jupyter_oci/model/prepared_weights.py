"""Prepared weights as layers that can be computed with, read once and into the place where they stay."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import torch

from .prepared_note import Note
from .quantize import FORMS, Form, OwnBits, Precision, QuantizedLinear
from .team import team
from .weights_file import WeightsFile

HEAD: Final = "lm_head"


def forms(bits: OwnBits) -> list[Form]:
    """Give the forms that a model is kept in which reads with `bits`."""
    return [form for form in FORMS.values() if form.bits <= bits]


class PreparedWeights:
    """What is in the files of a folder, in 4 bits, with `bits` of 8 in 8 bits too. Any thread may read.

    All layers share its `precision`.
    """

    def __init__(self, folder: Path, bits: OwnBits) -> None:
        """Look at the headers.

        Raises:
            DamagedWeights: a file is not as it was written; also when something of it is read.
        """
        noted = Note.of(folder).checksums
        self._files = {form.bits: WeightsFile(folder / form.file, noted.get(form.file, {})) for form in forms(bits)}
        self.precision = Precision(has_8=8 in self._files)

    def __contains__(self, name: str) -> bool:
        return name in self._files[4]

    def tensor(self, name: str) -> torch.Tensor:
        """Read what is not quantised."""
        return self._files[4].tensor(name)

    def linear(self, *names: str) -> QuantizedLinear:
        """Read a linear layer, or several with the same inputs as one.

        Where a team writes, the head stays in 4 bits: of what is read in 8 nothing reaches it.
        """
        biases = [f"{name}.bias" for name in names if f"{name}.bias" in self]
        bias = self._files[4].tensor(*biases) if biases else None
        linear4, linear8 = FORMS[4].read(self._files[4], names).linear(bias), None
        if 8 in self._files and (names != (HEAD,) or team() is None):
            linear8 = FORMS[8].read(self._files[8], names).linear(bias)
        linear = QuantizedLinear(linear4, linear8, self.precision)
        linear.prepare()  # so that no more than a layer is in memory in another order than its kernel's
        return linear
