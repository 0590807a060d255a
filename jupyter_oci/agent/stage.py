"""Where a cell is tried apart from the notebook: in a process of its own, or in a copy of the kernel."""

from __future__ import annotations

import ast
import inspect
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from types import ModuleType

from . import check_runner, kernel_copy, trial_program, trial_runner
from .cell_names import names_set, names_used
from .checks import Check, examples_in, without_doctests
from .only_computes import only_computes, stays_inside
from .problem import Problem, between
from .python_text import tree_of

_BESIDE = ", {'__name__': 'trial', 'names': globals()}"


@dataclass(frozen=True, slots=True)
class Stage:
    """The cells that run for a trial, in order; the changed one is at `place` of them.

    In a copy of the kernel they have its values: of the names that they need, those that are functions and classes of the
    user's are `checked`. In a process of its own they have nothing but each other.
    """

    cells: tuple[str, ...]
    place: int
    in_copy: bool
    needs: frozenset[str]
    checked: frozenset[str] = frozenset()

    def runnable(self, call: str, seconds: float) -> str:
        """Give what the kernel executes to have a call of `trial_program` evaluated there; it leaves no name behind.

        The call finds `fails` there, which tries cells. The kernel raises TrialTold with what it comes to.
        """
        if self.in_copy:
            names = f"must_be_data({sorted(self.needs)!r}, {sorted(self.checked)!r})"
            begin = f"fails = Copy(what_fails, run_check, names, {seconds!r}).{names}.fails"
            program = _text(trial_runner, check_runner, trial_program, kernel_copy, last=f"{begin}\npass_on({call})")
        else:
            beside = f"fails = Process(run_check).fails\nprint('\\n' + json.dumps({{'told': {call}}}))"
            inner = _text(check_runner, trial_program, last=f"import json\n{beside}")
            program = _text(trial_runner, last=f"try_out({inner!r}, {seconds!r}, {sorted(self.needs)!r}, frozenset(names))")
        return f"exec({program!r}{_BESIDE})"


def is_trial(source: str) -> bool:
    """Whether it is what a stage has the kernel execute."""
    return source.endswith(f"{_BESIDE})")


def stages(problem: Problem, changed: int, source: str) -> Iterator[Stage]:
    """Give where a source may be tried for the cell at `changed`: where there is nothing but what runs, first."""
    places = sorted({*problem.related, problem.place, changed})
    cells = [source if place == changed else problem.cells[place].source for place in places]
    now = [problem.cells[place].source for place in places]
    if only_computes(source) and _stands_alone(now, problem.check):
        needs = _unmet((*cells, *parts(cells, problem.check)))
        yield Stage(tuple(cells), places.index(changed), in_copy=False, needs=needs)
    after = [*between(problem, changed, source), problem.place] if changed != problem.place else []
    run = {changed: source, **{place: problem.cells[place].source for place in after}}
    defined = [text for place in places for text in _definitions(problem.cells[place].source)]
    run_parts = (*run.values(), *parts([*run.values()], problem.check))
    if all(map(stays_inside, run_parts)):
        kept = list(filter(stays_inside, defined))
        needs = frozenset(name for part in (*run_parts, *kept) for name in names_used(part))
        checked = frozenset(name for part in kept for name in names_set(part))
        yield Stage(tuple(run.values()), 0, in_copy=True, needs=needs, checked=checked)


def _stands_alone(cells: Sequence[str], check: Check) -> bool:
    """Whether cells and check need nothing that the kernel holds, and only compute."""
    every = (*cells, *parts(cells, check))
    return not _unmet(every) and all(map(only_computes, every))


def parts(cells: Sequence[str], check: Check) -> tuple[str, ...]:
    """Give what a check runs: its own code, and the examples in the docstrings."""
    return (*(example.source for example in examples_in(cells)), without_doctests(check.code))


def _unmet(parts: Sequence[str]) -> frozenset[str]:
    """Give the names that none of the parts sets."""
    set_here = {name for part in parts for name in names_set(part)}
    return frozenset(name for part in parts for name in names_used(part) if name not in set_here)


def _definitions(source: str) -> list[str]:
    """Give the functions and classes at the top level."""
    body = (tree_of(source) or ast.Module([], [])).body
    return [ast.unparse(node) for node in body if isinstance(node, (ast.FunctionDef, ast.ClassDef))]


def _text(*modules: ModuleType, last: str) -> str:
    """Give the source of modules in one, and what runs last."""
    bodies = [inspect.getsource(module).replace("from __future__ import annotations\n", "") for module in modules]
    return "\n".join(("from __future__ import annotations", *bodies, last))
