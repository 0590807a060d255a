"""The small changes of a cell with which its check holds: which of them to propose, and when."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass, replace

from ..events import RunEvent
from .checks import num_examples
from .elsewhere import Proposal
from .problem import Problem
from .smallest_edit import changed_lines
from .table_shapes import only_way, table_shapes
from .trial import Trial


@dataclass(frozen=True, slots=True)
class _Small:
    proposal: Proposal
    answers: list[str]


class SmallChanges:
    """Those that are left of a search, the likeliest first. No two of them do the same, as far as that was tried.

    Where one alone meets several examples of the user's, or the table has the values of the example in another shape, that is the
    fix. Several differ in what the check leaves open: what a model writes is more often right then.
    """

    def __init__(self, trial: Trial) -> None:
        self._trial = trial
        self._left: list[_Small] = []
        self._is_shape = False

    def search(self, problem: Problem, told: str) -> Generator[RunEvent | None, None, None]:
        """Find them for a problem, of whose check it is `told` what fails; those of another are forgotten."""
        self.forget()
        source = problem.cell.source
        if shape := (yield from self.shape(problem, told)):
            self._left, self._is_shape = [_Small(shape, [])], True
            return
        for each in (yield from self._trial.mutations(problem)):
            self._left.append(_Small(Proposal(problem.place, each.change.of(source), each.change.summary), each.answers))

    def shape(self, problem: Problem, told: str) -> Generator[RunEvent | None, None, Proposal | None]:
        """Give the other shape of the table that a cell's function returns with which the check holds, where it is plain."""
        source = problem.cell.source
        shapes = table_shapes(source, told, problem.check.code)
        holding = (yield from self._trial.holding(problem, shapes)) if shapes else []
        shape = only_way([each.change for each in holding])
        return Proposal(problem.place, shape.of(source), shape.summary) if shape else None

    def forget(self) -> None:
        """Forget them all: the cell is another one now."""
        self._left, self._is_shape = [], False

    def is_sure(self, problem: Problem) -> bool:
        """Whether there is no need to ask a model."""
        return len(self._left) == 1 and (self._is_shape or num_examples(problem.check, problem.cell.source) > 1)

    def likeliest(self) -> Proposal | None:
        """Give the likeliest that is left."""
        return self._left[0].proposal if self._left else None

    def drop(self, proposal: Proposal) -> None:
        """Leave out what was proposed."""
        made = (proposal.place, proposal.source.strip())
        self._left = [each for each in self._left if (each.proposal.place, each.proposal.source.strip()) != made]

    def instead_of(self, problem: Problem, proposal: Proposal) -> Generator[RunEvent | None, None, Proposal]:
        """Give the one that does what a proposal does, in its words, where it changes fewer of the user's lines."""
        if not self._left or proposal.place != problem.place:
            return proposal
        answers = yield from self._trial.answers(problem, proposal)
        same = next((each.proposal for each in self._left if answers and each.answers == answers), proposal)
        self.drop(same)
        base = problem.cell.source
        fewer = changed_lines(base, same.source) < changed_lines(base, proposal.source)
        return replace(proposal, source=same.source) if fewer else proposal
