"""MBPP+: write a function from a sentence and one assertion.

The file is JSON, which has no tuples, sets or complex numbers: which arguments are some is evalplus' knowledge, by problem, and
so is which answers have an oracle. Problems of other ids are judged by their arguments and answers as they stand.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from ...agent.python_text import tree_of
from ...errors import ConfigError
from ..judge.verdict import Oracle
from ..rows import rows
from .problem import PLUS_FIELDS, Problem

_ORACLES: dict[str, Oracle] = {
    "Mbpp/164": "any",
    "Mbpp/295": "or_zero",
    "Mbpp/737": "is_given",
    "Mbpp/787": "is_given",
    "Mbpp/794": "is_given",
}

Arguments = Sequence[Any]


def load_mbppplus(path: Path) -> list[Problem]:
    """Read MBPP+ (v0.1.0, with 399 problems, is the published table's). A prompt that is no docstring is made one.

    Raises:
        ConfigError: the file cannot be read.
    """
    return [_problem(row, path) for row in rows(path, PLUS_FIELDS)]


def _problem(row: Mapping[str, Any], path: Path) -> Problem:
    task_id = row["task_id"]
    try:
        base, plus = (tuple(restored(task_id, call) for call in row[field]) for field in ("base_input", "plus_input"))
    except (TypeError, ValueError, LookupError, AttributeError) as error:
        raise ConfigError(
            f"{path}: the calls of {task_id} are not those of the published problem; give one of your own another 'task_id'."
        ) from error
    oracle = _ORACLES.get(task_id, "equal")
    return Problem.of({**row, "prompt": _docstring(row["prompt"])}, base=base, plus=plus, oracle=oracle)


def _docstring(prompt: str) -> str:
    """Give the prompt as the published ones are, one string that Python reads above the solution."""
    tree = tree_of(prompt.strip())
    first = tree.body[0] if tree is not None and len(tree.body) == 1 else None
    if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant) and isinstance(first.value.value, str):
        return prompt
    escaped = prompt.strip().replace("\\", r"\\").replace('"', r"\"")
    return f'"""\n{escaped}\n"""\n'


def restored(task_id: str, arguments: Arguments) -> Arguments:
    """Give the arguments of a call with the types that they had before they were written as JSON."""
    restore = _RESTORERS.get(task_id)
    if restore is None:
        return arguments
    made = restore(arguments)
    return made if isinstance(made, tuple) else list(made)


def _tuple(value: Any) -> Any:
    return tuple(value)


def _tuples(values: Any) -> list[Any]:
    return [tuple(value) for value in values]


def _deep(value: Any) -> Any:
    return tuple(_deep(item) for item in value) if isinstance(value, list) else value


def _set_or_empty(value: Any) -> Any:
    return set(value) if isinstance(value, list) and value else {}


def _tuple_if_list(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


_BY_RESTORER: dict[Callable[[Arguments], Any], tuple[int, ...]] = {
    # Every argument is a tuple.
    lambda args: map(_tuple, args): (
        *(2, 116, 132, 143, 222, 261, 273, 394, 399, 421, 424, 429, 470, 560, 579, 596, 616, 630, 726, 740, 744, 809),
    ),
    # Every argument is a list of tuples.
    lambda args: map(_tuples, args): (63, 64, 70, 94, 120, 237, 272, 299, 400, 409, 417, 438, 473, 614, 780),
    lambda args: [_tuples(args[0]), args[1]]: (75, 413, 444, 753),
    lambda args: [args[0], tuple(args[1])]: (106, 750),
    lambda args: [[_set_or_empty(item) for item in args[0]]]: (115,),
    lambda args: (float(args[0]), complex(args[1])): (124,),
    lambda args: [tuple(args[0]), args[1]]: (250, 405, 446, 617, 720, 763, 808),
    lambda args: [complex(args[0])]: (252,),
    # Every argument is a tuple of tuples.
    lambda args: [tuple(_tuples(arg)) for arg in args]: (259, 401, 445),
    lambda args: [tuple(_tuple_if_list(item) for item in args[0])]: (278,),
    lambda args: [tuple(args[0]), args[1], args[2]]: (307,),
    # All of it is tuples.
    lambda args: _deep(list(args)): (580, 615, 791),
    lambda args: [{key: tuple(value) for key, value in args[0].items()}, *args[1:]]: (722,),
}
_RESTORERS = {f"Mbpp/{number}": restore for restore, numbers in _BY_RESTORER.items() for number in numbers}
