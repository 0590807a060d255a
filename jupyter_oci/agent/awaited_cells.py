"""The user's own cells that new code waits for: which they are, and how they are run before it, each once."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Collection, Generator, Iterator, Sequence
from dataclasses import dataclass

from ..events import (
    CellOpened,
    Decision,
    FixProposed,
    RoundStarted,
    RunEvent,
    RunFinished,
    SourceFinished,
    StatusChanged,
)
from ..kernel.base import Executor
from ..request import Cell, Request
from .approval import Approval
from .cell_names import definer, names_changed, names_set, names_used, without_imports
from .elsewhere import how_unrun, undefined_name
from .endings import ending
from .problem import cell_name
from .reply import sha256

Outcome = Generator["RunEvent | None", "Decision | None", "RunFinished | bool"]


@dataclass(frozen=True, slots=True)
class Awaited:
    """A cell at `place` among those of the request, and in what way new code needs it."""

    place: int
    why: str


def awaited(name: str, request: Request, held: Collection[str]) -> list[Awaited]:
    """Give the cells that set a name for a new one below the active cell, in the order of the notebook; `held` is in the kernel.

    With each come those that set what it uses, and those below it that change in place what it makes. Empty where no cell sets
    the name, or one only imports it.
    """
    below = next((i + 1 for i, cell in enumerate(request.cells) if cell.cell_id == request.active_cell_id), len(request.cells))
    cells = (*request.cells[:below], Cell("", "code", name), *request.cells[below:])
    found: dict[int, str] = {}
    _add_setters(below, cells, held, found)
    if not any(name in names_set(without_imports(cells[place].source)) for place in found):
        return []
    while changer := next(_changers(below, cells, found), None):
        found[changer.place] = changer.why
        _add_setters(changer.place, cells, held, found)
    return [Awaited(place - (place > below), found[place]) for place in sorted(found)]


def _add_setters(place: int, cells: Sequence[Cell], held: Collection[str], found: dict[int, str]) -> None:
    """Add the cells that set what the one at `place` uses and the kernel does not hold, and what those use in turn."""
    for name in sorted(names_used(cells[place].source).difference(held)):
        setter = definer(name, cells, place)
        if setter is not None and setter not in found:
            found[setter] = f"{how_unrun(name, cells[setter])}"
            _add_setters(setter, cells, held, found)


def _changers(below: int, cells: Sequence[Cell], found: Collection[int]) -> Iterator[Awaited]:
    """Give the cells that change what the found ones make, and stand between them and the new one."""
    for place, cell in enumerate(cells):
        if place in found or place == below or cell.cell_type != "code":
            continue
        makers = (i for i in found if i < place and (place < below or i > below))
        made = frozenset[str]().union(*(names_set(cells[i].source) for i in makers))
        for name in sorted(made & names_changed(cell.source)):
            yield Awaited(place, f"`{name}` is changed by {cell_name(cell)}")


class AwaitedCells:
    """Those of one run. A cell that has been run is not run again."""

    def __init__(self, executor: Executor, request: Request, approval: Approval) -> None:
        self._executor = executor
        self._request = request
        self._approval = approval
        self._ran: set[int] = set()

    def of(self, error: str) -> list[Awaited]:
        """Give what the code that failed with this error waits for, and did not get yet."""
        name = undefined_name(error)
        if not any(name in names_set(cell.source) for cell in self._request.cells if cell.cell_type == "code"):
            return []
        held = {variable.name for variable in self._executor.variables()}
        return [each for each in awaited(name, self._request, held) if each.place not in self._ran]

    def run(self, waiting: Sequence[Awaited], begin: Callable[[], int]) -> Outcome:
        """Run them as the mode says, each a round that `begin` counts.

        Return how the run ends where one can't be run; else whether all ran: if not, the user wants other code instead.
        """
        for each in waiting:
            count = begin()
            status = yield from self._run(each, count)
            if status == "another":
                return False
            if status != "ok":
                reason = {"skip": "unrun_cell", "interrupted": "interrupted"}.get(status, "awaited_failed")
                return ending(reason, count, told=each.why)
        return True

    def _run(self, each: Awaited, count: int) -> Generator[RunEvent | None, Decision | None, str]:
        """Return the status of its execution, or the decision against it."""
        cell = self._request.cells[each.place]
        self._ran.add(each.place)
        yield RoundStarted(count, 1)
        told = f"{each.why}: it runs first."
        yield FixProposed(uuid.uuid4().hex, cell.cell_id, sha256(cell.source), cell.source, cell.source, told)
        decision = yield from self._approval.decide(cell.cell_id, cell.source)
        if decision.decision != "run":
            return decision.decision
        yield CellOpened(cell.cell_id, None, revises=True)
        yield SourceFinished(cell.cell_id, decision.source, sha256(decision.source))
        yield StatusChanged("running")
        return (yield from self._executor.execute(cell.cell_id, decision.source)).status
