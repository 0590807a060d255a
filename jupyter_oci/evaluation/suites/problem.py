"""Problem: a function to write, its inputs and how answers are compared."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ..judge.verdict import Oracle

Inputs = tuple[Sequence[Any], ...]


@dataclass(frozen=True, slots=True)
class Problem:
    """One problem of HumanEval+ or MBPP+.

    `prompt` is what the model reads, `canonical` what solves it below that. `base` are the inputs of the original suite, `plus`
    those that evalplus added: each input is the function's arguments. `atol` is an absolute tolerance.
    `examples` is code that a user would try the function with, where the file has it.
    """

    id: str
    prompt: str
    entry_point: str
    canonical: str
    base: Inputs
    plus: Inputs
    atol: float
    oracle: Oracle
    examples: str = ""

    @property
    def solution(self) -> str:
        """Give a whole program that solves it."""
        return self.prompt + self.canonical
