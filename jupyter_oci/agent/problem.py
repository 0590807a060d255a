"""What is wrong with a cell, and what is needed to see why: its error, the cells and variables that it uses, what must hold."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

from ..kernel.base import DataFile, Variable
from ..request import Cell
from .cell_names import definers, names_changed, names_set, names_used, set_otherwise, without_imports
from .cell_text import failures
from .checks import Check, users_check
from .cure_files import missing_file
from .plain_text import cut_end
from .request_check import check_in, check_in_turns, is_about
from .traceback_text import Failure

_IN_CELL = re.compile(r"(?:Cell In|Input In) ?\[(\d+)\]")
_TEXT_ABOVE = 2  # cells


@dataclass(frozen=True, slots=True)
class Problem:
    """The cell at `place` of `cells`. `failure` is None when it ran; `related` are places of cells that define what it uses.

    `told` says what of the check does not hold for the cell as it is, where that is known. `held` names all that the kernel
    holds, `variables` describe what is used here, `results` what the cell set when it ran. `files` are those in the folder, where
    one was not found.
    """

    cells: tuple[Cell, ...]
    place: int
    failure: Failure | None
    related: tuple[int, ...]
    variables: tuple[Variable, ...]
    sentence: str
    check: Check
    told: str = ""
    held: tuple[str, ...] = ()
    results: tuple[Variable, ...] = ()
    files: tuple[DataFile, ...] = ()

    @property
    def cell(self) -> Cell:
        """Give the cell that it is about."""
        return self.cells[self.place]


def problem_of(
    cells: Sequence[Cell],
    place: int,
    sentence: str,
    held: Sequence[Variable] | None,
    files: Callable[[], Sequence[DataFile]] = tuple,
) -> Problem:
    """Gather what is known of a cell's failure or wrong result; `files` are asked for where one was not found.

    What the kernel has `held` is None where that is not known.
    """
    cell, variables = cells[place], held or ()
    failed = failures(cell.outputs)
    failure = failed[-1] if failed else None
    ran = failure is None and cell.execution_count is not None
    related = dict.fromkeys((*_cells_of_frames(failure, cells), *definers(cell.source, cells, place)))
    related.pop(place, None)
    used = {*names_used(cell.source), *(name for other in related for name in names_used(cells[other].source))}
    there = {variable.name for variable in variables} | {name for other in related for name in names_set(cells[other].source)}
    return Problem(
        cells=tuple(cells),
        place=place,
        failure=failure,
        related=tuple(sorted(related)),
        variables=tuple(variable for variable in variables if variable.name in used),
        sentence=sentence,
        check=_with_stated(users_check(cells, place, sentence, None if held is None else there), cells, place, sentence, there),
        held=tuple(variable.name for variable in variables),
        results=tuple(variable for variable in variables if ran and variable.name in names_set(cell.source)),
        files=files_about(failure, files),
    )


def between(problem: Problem, place: int, source: str) -> list[int]:
    """Give the places of the cells through which the problem's cell uses what another one sets otherwise with a new source.

    Those that change in place what these make come along.
    """
    changed, made, found = set_otherwise(problem.cells[place].source, source), frozenset[str](), list[int]()
    for other, cell in enumerate(problem.cells[: problem.place]) if place != problem.place else ():
        uses = other in problem.related and names_used(cell.source) & changed
        if other > place and cell.cell_type == "code" and (uses or names_changed(cell.source) & made):
            made |= names_set(without_imports(cell.source))
            changed |= made
            found.append(other)
    return found


def files_about(failure: Failure | None, files: Callable[[], Sequence[DataFile]]) -> tuple[DataFile, ...]:
    """Give the files in the kernel's folder, where one was not found."""
    return tuple(files()) if failure and missing_file(failure.error) else ()


def _with_stated(check: Check, cells: Sequence[Cell], place: int, sentence: str, held: Collection[str]) -> Check:
    """Add what must hold by the sentence, and by the text above the cell, as that of an exercise."""
    texts = [cell.source for cell in cells[max(0, place - _TEXT_ABOVE) : place] if cell.cell_type == "markdown"]
    every = (*map(check_in, texts), check_in_turns(sentence))
    stated = [found for found in every if is_about(found, cells[place].source, held)]
    code = "\n".join(dict.fromkeys(filter(None, [check.code, *(found.code for found in stated)])))
    return Check(code, "user") if stated else check


def _cells_of_frames(failure: Failure | None, cells: Sequence[Cell]) -> list[int]:
    """Give the places of the cells that the traceback goes through, by their execution counts."""
    counts = [int(match[1]) for frame in (failure.frames if failure else ()) if (match := _IN_CELL.search(frame.head))]
    return [place for place, cell in enumerate(cells) if cell.execution_count in counts]


def cell_name(cell: Cell) -> str:
    """Name a cell so that a reader finds it: its execution count and its first line."""
    lines = [line.strip() for line in cell.source.splitlines() if line.strip()]
    first = next((line for line in lines if not line.startswith(("#", "%", "!"))), "")
    count = f" [{cell.execution_count}]" if cell.execution_count else ""
    return f"cell{count} `{cut_end(first, 50)}`"
