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
from .cell_facts import asks_for_input
from .cell_names import definer, names_changed, names_set, names_used, without_imports
from .elsewhere import how_unrun, undefined_name
from .endings import cut_short, ending
from .problem import cell_name
from .reply import sha256

_REASONS = {
    "skip": "unrun_cell",
    "ran": "ran",
    "asks_input": "asking_cell",
    "interrupted": "interrupted",
    "timeout": "timeout",
    "changed": "cell_changed",
}
Outcome = Generator["RunEvent | None", "Decision | None", "RunFinished | bool"]


@dataclass(frozen=True, slots=True)
class Awaited:
    """A cell at `place` among those of the request, and in what way new code needs it."""

    place: int
    why: str


def awaited(name: str, request: Request, held: Collection[str] | None) -> list[Awaited]:
    """Give the cells that set a name for a new one below the active cell, in the order in which they can run.

    With each come those that set what it uses and the kernel does not hold, and those below it that change in place what it
    makes. Where it is not known what is `held`, it is the one cell alone: nothing that was done since must be lost. Empty where
    no cell sets the name, or one only imports it.
    """
    below = next((i + 1 for i, cell in enumerate(request.cells) if cell.cell_id == request.active_cell_id), len(request.cells))
    cells = (*request.cells[:below], Cell("", "code", name), *request.cells[below:])
    found = _Found(cells, held, {}, {})
    found.add_setters(below)
    if not any(name in found.made_by(place) for place in found.why):
        return []
    while held is not None and (changer := next(found.changers(below), None)):
        found.why[changer.place] = changer.why
        found.add_setters(changer.place)
    return [Awaited(place - (place > below), found.why[place]) for place in found.in_order()]


@dataclass(frozen=True, slots=True)
class _Found:
    """Cells by their places: `why` each runs, and what it `needs` to run before it."""

    cells: Sequence[Cell]
    held: Collection[str] | None
    why: dict[int, str]
    needs: dict[int, set[int]]

    def add_setters(self, place: int) -> None:
        """Add the cells that set what the one at `place` uses and the kernel does not hold, and what those use in turn."""
        for name in sorted(names_used(self.cells[place].source).difference(self.held or ())):
            setter = None if name.startswith("_") else definer(name, self.cells, place)
            if setter is None:
                continue
            self.needs.setdefault(place, set()).add(setter)
            if setter not in self.why:
                self.why[setter] = how_unrun(name, self.cells[setter])
                if self.held is not None:
                    self.add_setters(setter)

    def made_by(self, place: int) -> frozenset[str]:
        """Give the names that a cell sets, those that it imports left out."""
        return names_set(without_imports(self.cells[place].source))

    def changers(self, below: int) -> Iterator[Awaited]:
        """Give the cells that change what the found ones make, and stand between them and the new one."""
        for place, cell in enumerate(self.cells):
            if place in self.why or place == below or cell.cell_type != "code":
                continue
            makers = {i for i in self.why if i < place and (place < below or i > below)}
            for name in sorted(names_changed(cell.source)):
                if made := {i for i in makers if name in self.made_by(i)}:
                    self.needs.setdefault(place, set()).update(made)
                    yield Awaited(place, f"`{name}` is changed by {cell_name(cell)}")

    def in_order(self) -> Iterator[int]:
        """Give them in the order of the notebook, but none before what it needs."""
        left = sorted(self.why)
        while left:
            ready = (place for place in left if not self.needs.get(place, set()) & set(left) - {place})
            place = next(ready, left[0])
            left.remove(place)
            yield place


class AwaitedCells:
    """Those of one run. A cell that has been run is not run again."""

    def __init__(self, executor: Executor, request: Request, approval: Approval) -> None:
        self._executor = executor
        self._request = request
        self._approval = approval
        self._ran: set[int] = set()
        self._comment = ""

    def of(self, error: str, own: Collection[str]) -> list[Awaited]:
        """Give what the code that failed with this error waits for, and did not get yet.

        Its `own` names are those that it has set itself, perhaps to other values than the cells would.
        """
        name = undefined_name(error)
        if not any(name in names_set(cell.source) for cell in self._request.cells if cell.cell_type == "code"):
            return []
        variables = self._executor.variables()
        is_known = variables is not None or not self._has_run
        held = {variable.name for variable in variables or ()}.difference(own) if is_known else None
        return [each for each in awaited(name, self._request, held) if each.place not in self._ran]

    @property
    def _has_run(self) -> bool:
        """Whether something of the notebook may be in the kernel."""
        return any(cell.execution_count for cell in self._request.cells)

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
                reason = _REASONS.get(status, "awaited_failed")
                return ending(reason, count, told=each.why, cell=cell_name(self._request.cells[each.place]))
        return True

    def heard(self) -> str:
        """Give, once, what the user said that they want instead of the newest one."""
        comment, self._comment = self._comment, ""
        return comment

    def _run(self, each: Awaited, count: int) -> Generator[RunEvent | None, Decision | None, str]:
        """Return the status of its execution, or why it ends the run, or what speaks against it."""
        cell = self._request.cells[each.place]
        if cell.is_cut or not cell.cell_id:
            return "skip"
        if asks_for_input(cell.source):
            return "asks_input"
        self._ran.add(each.place)
        yield RoundStarted(count, 1)
        told = f"{each.why}: it runs first."
        yield FixProposed(uuid.uuid4().hex, cell.cell_id, sha256(cell.source), cell.source, cell.source, told)
        decision = yield from self._approved(cell)
        self._comment = decision.comment
        if decision.decision != "run":
            return decision.decision
        if self._approval.edited(cell.cell_id, cell.source, decision.source):
            return "changed"
        yield CellOpened(cell.cell_id, None, revises=True)
        yield SourceFinished(cell.cell_id, decision.source, sha256(decision.source))
        yield StatusChanged("running")
        result = yield from self._executor.execute(cell.cell_id, decision.source)
        return cut_short(result) or result.status

    def _approved(self, cell: Cell) -> Generator[RunEvent | None, Decision | None, Decision]:
        """Return what is decided on the cell, up to the moment at which it can run."""
        while True:
            decision = yield from self._approval.decide(cell.cell_id, cell.source)
            if decision.decision != "run":
                return decision
            yield from self._executor.until_free()
            if self._approval.runs_code and self._approval.stands(cell.cell_id, decision.source):
                return decision
