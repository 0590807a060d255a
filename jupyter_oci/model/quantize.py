"""The linear layers of a model on the CPU: 4 bits to write with, and 8 bits to read with.

Memory bounds a step of one row, so fewer bits are faster there; computing bounds one of many rows, which is what 8 bits are fast
at. `Precision` says which of them is computed with now.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from functools import lru_cache, partial
from typing import Any, Final, Literal, Union

import torch
from torch import nn

from . import int4, int8
from .attention import NARROW_ROWS
from .int4 import Int4Linear, Int4Weight
from .int8 import Int8Linear, Int8Weight
from .rowwise import Codes, Inputs, Product
from .team import team
from .weights_file import WeightsFile

OwnBits = Literal[4, 8]
_FEATURES, _ROWS, _REPEATS = 1024, 256, 20  # of the matrix and the step that both are compared with
_CLEARLY = 0.8  # of the time: else what is near is 4 bits at one start and 8 at the next, with other answers


@dataclass(frozen=True, slots=True)
class Form:
    """How a weight of a linear layer is quantised, and to what."""

    bits: OwnBits
    quantize: Callable[[torch.Tensor], Union[Int4Weight, Int8Weight]]
    weight: type[Int4Weight] | type[Int8Weight]

    @property
    def file(self) -> str:
        """Name the file that holds a model's weights in this form."""
        return f"int{self.bits}.safetensors"

    def state(self, name: str, weight: torch.Tensor) -> dict[str, torch.Tensor]:
        """Quantise the weight of a layer; give its tensors by the names that they are kept under."""
        quantized = self.quantize(weight)
        return {f"{name}.{field.name}": getattr(quantized, field.name) for field in fields(self.weight)}

    def read(self, file: WeightsFile, names: Sequence[str]) -> Any:
        """Read the weights of layers, whose tensors `state` gave, as one: their outputs side by side."""
        return self.weight(*(file.tensor(*(f"{name}.{field.name}" for name in names)) for field in fields(self.weight)))


FORMS: Final[Mapping[OwnBits, Form]] = {4: Form(4, int4.quantize, Int4Weight), 8: Form(8, int8.quantize, Int8Weight)}


@dataclass(slots=True)
class Precision:
    """The bits that the layers which share it compute with, and whether they have any but 4."""

    bits: OwnBits = 4
    has_8: bool = False

    def by_team(self, num_rows: int) -> bool:
        """Tell whether a step is for the team's threads: a narrow one in 4 bits, and any where there are no others."""
        in_4 = self.bits == 4 or not self.has_8
        return team() is not None and in_4 and (num_rows <= NARROW_ROWS or not self.has_8)


class QuantizedLinear(nn.Module):
    """A linear layer in 4 bits, and in 8 where it has them; each row is computed as if it were alone."""

    def __init__(self, linear4: Int4Linear, linear8: Int8Linear | None, precision: Precision) -> None:
        super().__init__()
        self.linear4 = linear4
        self.linear8 = linear8
        self.precision = precision

    def prepare(self) -> None:
        """Do now what the first product would have to do first."""
        self.linear4.prepare()
        if self.linear8 is not None:
            self.linear8.prepare()

    @property
    def takes_codes(self) -> bool:
        """Tell whether its inputs are rounded to 8 bits, with the precision that holds now."""
        return self.linear8 is not None and self.precision.bits == 8

    def product(self, inputs: Inputs) -> Product:
        """Multiply rows, bf16 or codes as it `takes_codes`."""
        if isinstance(inputs, Codes):
            assert self.linear8 is not None, "there are no 8 bits"
            return self.linear8.product(inputs)
        return self.linear4.product(inputs)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Multiply bf16 `[..., in]` into bf16 `[..., out]`."""
        linear = self.linear4 if self.linear8 is None or self.precision.bits == 4 else self.linear8
        return linear(x.reshape(-1, x.shape[-1])).view(*x.shape[:-1], -1)


def linears(model: nn.Module) -> Iterator[tuple[str, nn.Linear]]:
    """Yield the name of each linear layer that can be quantised, and the layer."""
    for name, module in list(model.named_modules()):
        if isinstance(module, nn.Linear) and int4.can_quantize(module):
            yield name, module


@lru_cache(maxsize=1)
def best_bits() -> OwnBits:
    """Tell whether 8 bits pay: this CPU multiplies them exactly, and 4 are not clearly faster for many rows.

    Takes well under a second. The two are timed in turn, so that what else the machine does slows both.
    """
    if not int8.is_exact():
        return 4
    if compiled := team():
        compiled.set_num_threads(torch.get_num_threads(), alone=False)
    steps = {bits: _step(bits) for bits in FORMS}
    seconds: dict[OwnBits, list[float]] = {bits: [] for bits in FORMS}
    for _ in range(_REPEATS):
        for bits, step in steps.items():
            start = time.perf_counter()
            step()
            seconds[bits].append(time.perf_counter() - start)
    return 4 if min(seconds[4]) < _CLEARLY * min(seconds[8]) else 8


def _step(bits: OwnBits) -> Callable[[], object]:
    """Make a step of many rows."""
    linear = FORMS[bits].quantize(torch.randn(_FEATURES, _FEATURES)).linear(None)
    return partial(linear, torch.randn(_ROWS, _FEATURES, dtype=torch.bfloat16))
