"""HumanEval and HumanEval+: complete a function from its signature and docstring."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from ...agent.python_text import parses, tree_of
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
            check=f"{before_function(row['prompt'], row['entry_point'])}\n{row['test']}\n\ncheck({row['entry_point']})\n",
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


def of_the_docstring(examples: str, prompt: str, entry_point: str) -> str:
    """Give those asserts of examples whose arguments stand in the prompt: a user has no others.

    HumanEvalPack has hidden tests among the examples of eight problems, such as HumanEval/57's `monotonic([1, 2, 4, 10])`.
    """
    told = prompt.replace('"', "'").replace("\\", "")
    tree = tree_of(examples)
    asserts = [node for node in ast.walk(tree) if isinstance(node, ast.Assert)] if tree else []
    others = [node for node in asserts if not all(_stands_in(told, text) for text in _arguments(node.test, entry_point))]
    dropped = {line for node in others for line in range(node.lineno, (node.end_lineno or node.lineno) + 1)}
    if not any(node not in others and any(_arguments(node.test, entry_point)) for node in asserts):
        return ""
    return "\n".join(line for number, line in enumerate(examples.split("\n"), 1) if number not in dropped)


def _arguments(expression: ast.expr, function: str) -> Iterator[str]:
    for node in ast.walk(expression):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == function:
            yield from map(ast.unparse, node.args)


def _stands_in(told: str, argument: str) -> bool:
    """Whether a text has an argument, written with any spaces; a text in it may lack its quotes, as in `happy_string(abcd)`."""
    parts = re.findall(r"\w+|[^\w\s]", argument.replace('"', "'").replace("\\", ""))
    if parts == ["'", "'"]:
        return "''" in told
    spaced = r"\s*".join("'?" if part == "'" else re.escape(part) for part in parts)
    return re.search(rf"(?<![\w.]){spaced}(?!\w)" if re.match(r"[\w'-]", argument) else spaced, told) is not None


def before_function(prompt: str, entry_point: str) -> str:
    """Give what stands before the function: imports and helpers. Checks that begin with it use its own, not the program's."""
    return prompt.rpartition(f"def {entry_point}")[0]
