"""Causes outside the cell: a cell above that did not run, a wrong definition in another cell; which cell an answer is for."""

from __future__ import annotations

import ast
import difflib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ..request import Cell
from .cell_names import definer, names_set, names_used, without_imports
from .checks import only_asserts
from .problem import Problem, cell_name
from .python_text import tree_of
from .smallest_edit import smallest_edit

_UNDEFINED = re.compile(r"NameError: name '(\w+)' is not defined")


@dataclass(frozen=True, slots=True)
class Proposal:
    """A source for the cell at `place`; `summary` says what was wrong. `package` is what it installs, if it does.

    `doubt` says how it hides what is wrong, where it does.
    """

    place: int
    source: str
    summary: str
    package: str = ""
    doubt: str = ""


def asserted_cell(problem: Problem) -> int:
    """Give the place of the cell that is wrong where one fails that does nothing but assert; else the problem's own place."""
    failure, cell = problem.failure, problem.cell
    if failure is None or not failure.error.startswith("AssertionError") or not only_asserts(cell.source):
        return problem.place
    for source in (failure.failing.code if failure.failing else "", cell.source):
        names = names_used(source) - names_set(cell.source)
        places = {name: place for name in names if (place := definer(name, problem.cells, problem.place)) is not None}
        functions = [place for name, place in places.items() if name in _definitions(problem.cells[place].source)]
        values = [place for name, place in places.items() if name in names_set(without_imports(problem.cells[place].source))]
        if functions or values:
            return max(functions or values)
    return problem.place


def undefined_name(error: str) -> str:
    """Give the name that an error says is not defined; empty if it says something else."""
    match = _UNDEFINED.match(error)
    return match[1] if match else ""


def unrun_cell(error: str, cells: Sequence[Cell], place: int) -> tuple[str, int] | None:
    """Give the name that an error at `place` says is not defined, and the place of the cell that would have set it."""
    name = undefined_name(error)
    found = definer(name, cells, place) if name else None
    return None if found is None or found == place else (name, found)


def how_unrun(name: str, cell: Cell) -> str:
    """Say why a cell that sets a name has not set it."""
    ran = "was run in another session of the kernel, or before it failed"
    state = "has not been run" if cell.execution_count is None else ran
    return f"`{name}` comes from another cell, {cell_name(cell)}, which {state}"


def placed(problem: Problem, answer: str) -> tuple[int, str]:
    """Find the cell that an answer is for, and give that cell's source with the smallest edit: (place, source)."""
    for place, changed in _definitions_elsewhere(problem, answer):
        cell = problem.cells[place]
        edited = smallest_edit(cell.source, changed, problem.sentence)
        if edited.strip() != cell.source.strip():
            return place, edited
    place = _most_alike(problem, answer)
    own = answer if place != problem.place else _without_definitions(problem, answer)
    return place, smallest_edit(problem.cells[place].source, own, problem.sentence)


def _definitions_elsewhere(problem: Problem, answer: str) -> Iterator[tuple[int, str]]:
    """Give related cells with the functions and classes in them replaced by those of the answer."""
    written = _definitions(answer)
    own = names_set(problem.cell.source)
    for place in problem.related:
        source = problem.cells[place].source
        for name in reversed(_definitions(source)):
            if name in written and name not in own:
                source = source.replace(_definitions(source)[name], written[name])
        if source != problem.cells[place].source:
            yield place, source


def _without_definitions(problem: Problem, answer: str) -> str:
    """Drop what the answer repeats of other cells."""
    own = names_set(problem.cell.source)
    elsewhere = {name for place in problem.related for name in _definitions(problem.cells[place].source)} - own
    for name, text in _definitions(answer).items():
        if name in elsewhere:
            answer = answer.replace(text, "").lstrip("\n")
    return answer


def _most_alike(problem: Problem, answer: str) -> int:
    """Give the place of the cell that the answer is a version of: the cell itself, unless another one is clearly closer."""
    likeness = {place: _likeness(problem.cells[place].source, answer) for place in problem.related}
    best = max(likeness, key=likeness.__getitem__, default=problem.place)
    sets_its_names = best != problem.place and names_set(problem.cells[best].source) & names_set(answer)
    closer = sets_its_names and likeness[best] > max(0.6, _likeness(problem.cell.source, answer))
    return best if closer else problem.place


def _likeness(first: str, second: str) -> float:
    return difflib.SequenceMatcher(None, first.splitlines(), second.splitlines(), autojunk=False).ratio() or (
        difflib.SequenceMatcher(None, first, second, autojunk=False).ratio()
    )


def loses_definition(base: str, source: str) -> bool:
    """Whether a function or class of the base is not in the source any more: then this is another piece of code, not a fix."""
    return not _definitions(base).keys() <= _definitions(source).keys()


def _definitions(source: str) -> dict[str, str]:
    """Map the functions and classes at the top level to their text, decorators left out."""
    tree = tree_of(source)
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
    nodes = [node for node in tree.body if isinstance(node, kinds)] if tree else []
    lines = source.splitlines()
    return {node.name: "\n".join(lines[node.lineno - 1 : node.end_lineno]) for node in nodes}
