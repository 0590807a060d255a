"""Problem: a function to write, its inputs and how answers are compared."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..judge.verdict import Oracle
from ..rows import CALLS, NUMBER, SOME_CALLS, SOME_TEXT, Fields

Inputs = tuple[Sequence[Any], ...]

PLUS_FIELDS: Fields = {
    **dict.fromkeys(("task_id", "prompt", "entry_point", "canonical_solution"), SOME_TEXT),
    "base_input": SOME_CALLS,
    "plus_input": CALLS,
    "atol": NUMBER,
}


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

    @classmethod
    def of(cls, row: Mapping[str, Any], base: Inputs, plus: Inputs, oracle: Oracle) -> Problem:
        """Make the problem of a row of evalplus' files, which has `PLUS_FIELDS`."""
        return cls(
            id=row["task_id"],
            prompt=row["prompt"],
            entry_point=row["entry_point"],
            canonical=row["canonical_solution"],
            base=base,
            plus=plus,
            atol=row["atol"],
            oracle=oracle,
            examples=str(row.get("example_test", "")).strip(),
        )

    @property
    def solution(self) -> str:
        """Give a whole program that solves it."""
        return self.prompt + self.canonical
