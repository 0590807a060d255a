"""What a user asks for a problem, and the cell with the examples that the user has."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from dataclasses import dataclass

from ..suites.humaneval import of_the_docstring
from ..suites.problem import Problem


@dataclass(frozen=True, slots=True)
class Asked:
    """`prompt` goes to the sidebar, `examples` is the cell that the user runs afterwards; it may be empty."""

    prompt: str
    examples: str


def completion(problem: Problem, examples: Mapping[str, str]) -> Asked:
    """Ask to complete a function (HumanEval); its examples are those of the docstring, as the user writes them down."""
    of_docstring = of_the_docstring(examples.get(problem.id, ""), problem.prompt, problem.entry_point)
    return Asked(f"Complete this function:\n\n```python\n{problem.prompt.strip()}\n```", problem.examples or of_docstring)


def sentence(problem: Problem) -> Asked:
    """Ask for a function by a sentence and an assertion (MBPP); the assertion is the one example, if the file has no others."""
    text = ast.literal_eval(problem.prompt.strip()).strip()
    lines = text.splitlines()
    start = next((place for place, line in enumerate(lines) if line.startswith("assert ")), len(lines))
    return Asked(text, problem.examples or "\n".join(lines[start:]))
