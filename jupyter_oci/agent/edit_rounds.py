"""The rounds of an edit: a cell of the user's is written anew as the request says, and repaired where it fails then."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import replace

from ..config import AgentConfig
from ..events import Decision, FeedbackGiven, RunEvent
from ..kernel.base import Executor
from ..model.base import ChatModel
from ..request import Request
from .approval import Approval
from .checks import Check
from .elsewhere import Proposal
from .endings import ending
from .fix_rounds import FixRounds, Steps
from .known_causes import with_package
from .mending import Mending
from .problem import Problem
from .renaming import renamed
from .repair import Failed
from .request_check import check_in_turns, is_about
from .rewriting import Rewriting
from .trial_program import RAISES


class EditRounds(FixRounds):
    """One edit as far as it got: proposed, decided on and run as a fix is.

    What must hold is what the request says, and no more: what the notebook asserts may be what is to change.
    """

    def __init__(self, model: ChatModel, executor: Executor, config: AgentConfig, request: Request, approval: Approval) -> None:
        super().__init__(model, executor, config, request, approval)
        self._repair = self._rewriting = Rewriting(model, executor, config, request, self._trial)
        self._mending = Mending(executor, approval.mode, request)
        self._raised: Failed | None = None
        self._raising: Proposal | None = None

    def _problem(self, place: int, sentence: str = "") -> Problem:
        problem = super()._problem(place, sentence)
        return replace(problem, check=self._expected_of(problem, problem.cell.source))

    def _expected_of(self, problem: Problem, source: str) -> Check:
        expected = check_in_turns(self._said)
        return expected if is_about(expected, source, problem.held) else Check()

    def _proposal(self, problem: Problem) -> Generator[RunEvent | None, None, Proposal | None]:
        """Give the cell under another name for a variable, or else as the model writes it; once accepted, what repairs it."""
        if self._rewriting.is_adopted:
            return (yield from super()._proposal(problem))
        is_first = self.count == 1
        source = renamed(problem.cell.source, self._request.prompt, problem.held) if is_first else None
        if source is not None:
            return Proposal(problem.place, source, "The variable is renamed in every place.")
        proposal = yield from self._rewriting.propose(problem, another=self._another)
        if proposal is None:
            return None if self._another else self._raising
        held = self._executor.variables(proposal.source)
        return (yield from self._tried(problem, replace(proposal, source=self._mending.imported(proposal.source, held))))

    def _tried(self, problem: Problem, proposal: Proposal) -> Generator[RunEvent | None, None, Proposal | None]:
        """Give the proposal unless it is seen to raise, which the model is told first; what it lacks is installed with it.

        Where there is nothing better the user is asked, in Auto mode too: that it raises may be meant.
        """
        told = yield from self._trial.of(problem, proposal)
        if not told or not told.startswith(RAISES):
            return proposal
        if (installing := with_package(proposal, told)) != proposal:
            return installing
        self._raising = self._raising or replace(proposal, doubt=f"It was tried, and {told}.")
        self._raised = Failed(proposal.source, told)
        return None if self._tries + 1 < self._config.max_rounds else self._raising

    def _without_proposal(self, problem: Problem) -> Steps:
        if self._rewriting.is_adopted:
            return (yield from super()._without_proposal(problem))
        if self._raised:
            failed, self._raised = self._raised, None
            self._tries += 1
            yield FeedbackGiven(self._rewriting.tell_check(failed.source, failed.told))
            return None
        return ending("unchanged" if self._rewriting.unchanged else "no_edit", self.count)

    def _check(self, problem: Problem, proposal: Proposal) -> Generator[RunEvent | None, None, Check]:
        yield from ()
        return self._expected_of(problem, proposal.source)

    def _hear(self, decision: Decision, proposal: Proposal) -> Steps:
        self._raised = self._raising = None
        return super()._hear(decision, proposal)

    def _accept(self, proposal: Proposal, source: str, check: Check) -> Steps:
        if not self._rewriting.is_adopted:
            self._tries = 0  # what was not shown was no try in the cell
        self._rewriting.adopt(proposal.place, source)
        return super()._accept(proposal, source, check)

    def _success(self, check: Check) -> str:
        return "checked" if check.code else "edited"
