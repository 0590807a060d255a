"""What is mended in code that the model wrote without telling it: an import, a known cause, one slip, another reply instead."""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from dataclasses import replace
from typing import Any

from ..events import Mode, RunEvent
from ..kernel.base import ExecutionResult, Executor, Variable
from ..request import Cell, Request
from .agreement import Agreement
from .approval import OVERWRITES
from .cell_facts import last_assigned, overwritten
from .cell_names import names_set
from .checks import Check
from .contrary import turned
from .cures import with_all_read
from .elsewhere import Proposal
from .glued_text import unglued
from .installing import Installing
from .known_causes import is_in_vain, known_change
from .loop_names import with_own_names
from .lost_values import counting, lost
from .most_of import with_owner
from .named_keys import with_named_keys
from .own_tables import with_own_tables
from .problem import Problem, problem_of
from .replies import Steps, Use
from .reply import Reply
from .small_changes import SmallChanges
from .table_files import with_first_row, with_separator
from .target import Target
from .trial import Trial
from .usual_imports import with_imports
from .wording import ANEW


class Mending:
    """Mends the cells of one run, as the `request` is now. `users` are the types, by name, of the data held when it began."""

    def __init__(self, executor: Executor, mode: Callable[[], Mode], request: Request) -> None:
        self.users: dict[str, str] = {}
        self._executor = executor
        self.request = request
        self._trial = Trial(executor, mode)
        self._changes = SmallChanges(self._trial)
        self.installing = Installing(executor)

    def as_asked(self, source: str, held: Sequence[Variable] | None) -> str:
        """Give the source put right by the words of the request alone, for who knows what is `held`."""
        return with_named_keys(turned(source, self.request.prompt), self.request.prompt, held or ())

    def completed(self, source: str, *, is_first: bool = False) -> str:
        """Give the source with the imports that it lacks; what its last line makes is shown, and it changes nothing unasked.

        Nor does it install what was asked about before. The first answer to the request is put right by its words.
        """
        source = self.installing.left_out(source)
        held = self._executor.variables(source)
        source = self.as_asked(source, held) if is_first else source
        source = with_separator(with_own_names(source, self.users), self._executor.files)
        source = with_owner(with_all_read(source, held or ()), self.request.prompt)
        users = [variable for variable in held or () if variable.name in self.users]
        source = with_own_tables(source, self.request.prompt, users, [cell.source for cell in self.request.cells])
        name = last_assigned(source)
        return self.imported(f"{source.rstrip()}\n{name}" if name else source, held)

    def losses(self, cell_id: str, source: str) -> Generator[RunEvent | None, None, list[str]]:
        """Say what of the user's the source would lose, as far as it can be tried: a variable, or values that it cannot read."""
        program = counting(source, self.users)
        problem = self._problem(cell_id, source, Check())
        unread = lost((yield from self._trial.of(problem, Proposal(problem.place, program, "")))) if program else None
        made_anew = overwritten(source, self.users)
        return [told for told in (OVERWRITES.format(name=made_anew) if made_anew else None, unread) if told]

    def imported(self, source: str, held: Sequence[Variable] | None) -> str:
        """Give the source with the imports that it lacks; as it is where something ran and it is not known what is `held`."""
        code = [cell for cell in self.request.cells if cell.cell_type == "code"]
        if held is None and any(cell.execution_count for cell in code):
            return source
        set_in_cells = {name for cell in code for name in names_set(cell.source)}
        return with_imports(source, set_in_cells | {variable.name for variable in held or ()})

    def known(self, target: Target, source: str, result: ExecutionResult) -> Generator[RunEvent | None, None, Proposal | None]:
        """Give the change of a cell that its error is known for, unless it is seen to be in vain."""
        problem = self._problem(target.cell_id, source, Check(), result.outputs)
        change = (self.installing.proposal(problem) or known_change(problem)) if problem.failure else None
        told = (yield from self._trial.of(problem, change)) if change else None
        if change is None or is_in_vain(problem, change, told or ""):
            return None
        return replace(change, source=self.completed(change.source))

    def misread(self, cell_id: str, source: str, shown: str) -> Generator[RunEvent | None, None, Proposal | None]:
        """Give the change of a cell that took text for numbers, as what it has `shown` tells, or a first row for column names.

        None where that is not seen, or does not run where it was tried.
        """
        problem = self._problem(cell_id, source, Check())
        cure = unglued(source, shown, problem.variables) or with_first_row(source, problem.variables)
        change = Proposal(problem.place, cure.source, cure.summary) if cure else None
        told = (yield from self._trial.of(problem, change)) if change else None
        return change if told == "" else None

    def small_change(
        self, cell_id: str, source: str, check: Check, told: str
    ) -> Generator[RunEvent | None, None, Proposal | None]:
        """Give a small change of a cell with which the check holds that it fails, of which it `told`.

        That is another shape of the table that is returned, or else the only slip that could be one.
        """
        problem = self._problem(cell_id, source, check)
        yield from self._changes.search(problem, told)
        return self._changes.likeliest() if self._changes.is_sure(problem) else None

    def another(
        self, cell_id: str, source: str, check: Check, draw: Callable[[Use], Steps]
    ) -> Generator[RunEvent | None, None, Proposal | None]:
        """Give the code of another reply with which the check holds: one that a second one agrees with, or else the likeliest.

        None where none does, or none can be tried.
        """
        problem = self._problem(cell_id, source, check)
        found = Agreement()

        def settles(reply: Reply) -> Generator[RunEvent | None, None, bool]:
            if reply.code is None or reply.fault or reply.repeats or overwritten(reply.code, self.users):
                return False
            proposal = yield from self._meeting(problem, reply.code)
            return proposal is not None and found.add(proposal, (yield from self._trial.answers(problem, proposal)))

        if self._trial.is_possible(problem):
            yield from draw(settles)
        return found.likeliest

    def _meeting(self, problem: Problem, code: str) -> Generator[RunEvent | None, None, Proposal | None]:
        """Give the code as it meets the problem's check, as it is or in another shape; None where it does not."""
        proposal = Proposal(problem.place, self.completed(code), ANEW)
        told = yield from self._trial.of(problem, proposal)
        if not told:
            return None if told is None else proposal
        shaped = yield from self._changes.shape(self._problem(problem.cell.cell_id, proposal.source, problem.check), told)
        return replace(shaped, summary=ANEW) if shaped else None

    def _problem(self, cell_id: str, source: str, check: Check, outputs: Sequence[dict[str, Any]] = ()) -> Problem:
        cells = (*self.request.cells, Cell(cell_id, "code", source, outputs=tuple(outputs)))
        return replace(problem_of(cells, len(cells) - 1, "", self._executor.variables(source), self._executor.files), check=check)
