"""HumanEval and HumanEval+: complete a function from its signature and docstring."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from ...agent.python_text import parses
from ..rows import SOME_TEXT, TEXT, Fields, rows
from .problem import PLUS_FIELDS, Problem

_FIELDS: Fields = dict.fromkeys(("task_id", "prompt", "entry_point", "canonical_solution", "test"), SOME_TEXT)
_EXAMPLES: Fields = {"task_id": SOME_TEXT, "example_test": TEXT}


@dataclass(frozen=True, slots=True)
class ScriptProblem:
    """One problem of the original HumanEval, whose checks are a program."""

    id: str
    prompt: str
    entry_point: str
    solution: str
    check: str


def load_humaneval(path: Path) -> list[ScriptProblem]:
    """Read the original suite.

    The check begins with the prompt's own helper functions: a completion that redefines them does not do so for the check.

    Raises:
        ConfigError: the file cannot be read.
    """
    return [
        ScriptProblem(
            id=row["task_id"],
            prompt=row["prompt"],
            entry_point=row["entry_point"],
            solution=row["prompt"] + row["canonical_solution"],
            check=f"{_before(row['prompt'], row['entry_point'])}\n{row['test']}\n\ncheck({row['entry_point']})\n",
        )
        for row in rows(path, _FIELDS)
    ]


def load_humanevalplus(path: Path, *, published: bool = False) -> list[Problem]:
    """Read HumanEval+ (v0.1.9 is the published table's).

    `published` judges HumanEval/32 as the published table did: a mistake in its oracle lets no answer pass.

    Raises:
        ConfigError: the file cannot be read.
    """
    return [
        Problem.of(
            row,
            base=tuple(row["base_input"]),
            plus=tuple(row["plus_input"]),
            oracle=("root_of_tuple" if published else "root") if row["task_id"] == "HumanEval/32" else "equal",
        )
        for row in rows(path, PLUS_FIELDS)
    ]


def load_examples(path: Path) -> dict[str, str]:
    """Read the docstrings' examples of HumanEval as HumanEvalPack has them, as code, by the problem's id in HumanEval.

    Those that are no Python, as one of them is, are left out.

    Raises:
        ConfigError: the file cannot be read.
    """
    return {
        f"HumanEval/{row['task_id'].rpartition('/')[2]}": row["example_test"].strip()
        for row in rows(path, _EXAMPLES)
        if parses(row["example_test"].strip())
    }


def _before(prompt: str, entry_point: str) -> str:
    """Give what stands before the function to complete: imports and helpers."""
    return prompt.rpartition(f"def {entry_point}")[0]
