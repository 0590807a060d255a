"""The rounds of a fix: a proposal, the user's decision, its execution, the check, and what follows from the result."""

from __future__ import annotations

import uuid
from collections.abc import Generator
from dataclasses import replace

from ..config import AgentConfig
from ..events import (
    CellOpened,
    Decision,
    FeedbackGiven,
    FixProposed,
    RoundStarted,
    RunEvent,
    RunFinished,
    SourceFinished,
    StatusChanged,
)
from ..kernel.base import ExecutionResult, Executor
from ..model.base import ChatModel
from ..request import Cell, Request
from .approval import ONLY_WRITTEN, Approval
from .cell_facts import asks_for_input
from .checks import Check
from .elsewhere import Proposal, asserted_cell
from .endings import NO_INPUT, cut_short, ending
from .feedback import failure_of
from .installing import install_failure, packages_of
from .known_causes import MOST_CURED, is_in_vain, known_cause, unknown_package, with_package
from .problem import Problem, between, cell_name, problem_of
from .repair import Repair
from .reply import sha256
from .run_check import run_check
from .trial import Trial

Steps = Generator["RunEvent | None", "Decision | None", "RunFinished | None"]
Results = Generator["RunEvent | None", None, "ExecutionResult | str"]


class FixRounds:
    """One fix as far as it got. `count` is the number of rounds begun.

    `_places` is the cell to fix, and above it those that must run before it does; the last is the one that is worked on.
    """

    def __init__(self, model: ChatModel, executor: Executor, config: AgentConfig, request: Request, approval: Approval) -> None:
        self.count = 0
        self._executor = executor
        self._config = config
        self._request = request
        self._approval = approval
        self._cells = list(request.cells)
        self._places = [i for i, cell in enumerate(self._cells) if cell.cell_id == request.target_cell_id]
        self._trial = Trial(executor, approval.mode)
        self._repair = Repair(model, config, self._cells, self._trial)
        self._known: set[tuple[int, str]] = set()
        self._cured: list[str] = []
        self._own: Check | None = None
        self._tries = 0
        self._another = False
        self._said = request.prompt
        self._fails = ""

    def until_end(self) -> Generator[RunEvent | None, Decision | None, RunFinished]:
        """Do rounds until one ends the run; return how it ended."""
        if not self._request.language.lower().startswith(("python", "ipython")):
            return ending("language", self.count, language=self._request.language)
        if not self._places or self._cells[self._places[0]].cell_type != "code":
            return ending("no_cell", self.count)
        if self._cells[self._places[0]].is_cut:
            return ending("long_cell", self.count, cell=cell_name(self._cells[self._places[0]]))
        while (end := (yield from self._round())) is None:
            pass
        return end

    def _round(self) -> Steps:
        self.count += 1
        problem = self._problem(self._places[-1])
        yield RoundStarted(self.count, self._tries + 1, problem.cell.cell_id)
        if problem.failure and not problem.sentence and problem.failure.error.startswith(NO_INPUT):
            return self._cut_short("asks_input", problem.place)
        proposal = yield from self._proposal(problem)
        if proposal is None:
            return (yield from self._without_proposal(problem))
        check = yield from self._check(problem, proposal)
        if end := self._end_before_proposing(proposal):
            return end
        cell = self._cells[proposal.place]
        base = sha256(cell.source)
        fix_id = uuid.uuid4().hex
        yield FixProposed(fix_id, cell.cell_id, base, cell.source, proposal.source, proposal.summary, check.code, check.origin)
        decision = yield from self._decision(proposal, check)
        if decision.decision == "run":
            return (yield from self._accept(proposal, decision.source, check))
        if decision.decision == "another":
            return (yield from self._hear(decision, proposal))
        return ending("ran" if decision.decision == "ran" else "rejected", self.count)

    def _hear(self, decision: Decision, proposal: Proposal) -> Steps:
        """Have another one proposed: as the user says, or where they say nothing, in another way."""
        self._another = not decision.comment
        if decision.comment:
            self._said = f"{self._said}\n\n{decision.comment}".strip()
            self._own = None
            yield FeedbackGiven(self._repair.hear(decision, edited=decision.source != proposal.source))
        return None

    def _decision(self, proposal: Proposal, check: Check) -> Generator[RunEvent | None, Decision | None, Decision]:
        """Return what is decided on a proposal, up to the moment at which its cell can run."""
        cell_id, along = self._cells[proposal.place].cell_id, self._along(proposal, check)
        doubts = (proposal.doubt,) if proposal.doubt else ()
        while True:
            decision = yield from self._approval.decide(cell_id, proposal.source, along, doubts, suggested=ONLY_WRITTEN)
            if decision.decision == "run" and self._approval.runs_code:
                yield from self._executor.until_free()
            if decision.decision != "run" or self._approval.stands(cell_id, decision.source):
                return decision

    def _end_before_proposing(self, proposal: Proposal) -> RunFinished | None:
        """Say how the run ends where the proposal's cell is not to be written or run; None: it is."""
        cell = self._cells[proposal.place]
        if proposal.source == cell.source and asks_for_input(cell.source):
            return self._cut_short("asks_input", proposal.place)
        if cell.is_cut:
            return ending("long_cell", self.count, cell=cell_name(cell))
        if cell.is_locked and proposal.source != cell.source:
            return ending("locked_cell", self.count, cell=cell_name(cell))
        return ending("cell_changed", self.count) if self._edited(proposal.place) else None

    # The proposal

    def _proposal(self, problem: Problem) -> Generator[RunEvent | None, None, Proposal | None]:
        """Give what needs no model, unless it is seen to fail with what it brings; else what the model proposes."""
        known = self._known_cause(problem)
        if known is None:
            return (yield from self._repaired(problem))
        told = (yield from self._trial.of(problem, known)) or ""
        if (installing := with_package(known, told)) != known:
            return installing
        return (yield from self._repaired(problem)) if is_in_vain(problem, known, told) else known

    def _without_proposal(self, problem: Problem) -> Steps:
        """Tell the model what it tried in vain; None: the next round follows."""
        failed = self._repair.failed
        if module := unknown_package(problem):
            return ending("unknown_package", self.count, module=module)
        if failed is None:
            return ending("none_holds", self.count, check=self._fails) if self._fails else ending("no_fix", self.count)
        self._fails = failed.told
        self._tries += 1
        if self._tries >= self._config.max_rounds:
            return ending("none_holds", self.count, check=self._fails)
        yield FeedbackGiven(self._repair.tell_check(failed.source, failed.told))
        return None

    def _problem(self, place: int, sentence: str = "") -> Problem:
        """Gather what is known of a cell now; what the user says is about the cell to fix."""
        said = self._said if place == self._places[0] else sentence
        held = self._executor.variables(self._cells[place].source)
        return problem_of(self._cells, place, said, held, self._executor.files)

    def _repaired(self, problem: Problem) -> Generator[RunEvent | None, None, Proposal | None]:
        """Have the model repair the cell, or the one that it asserts something of; say so if it is another one."""
        proposal = yield from self._repair.propose(self._about(problem), another=self._another)
        if proposal is None or proposal.place == problem.place:
            return proposal
        cell = cell_name(self._cells[proposal.place])
        return replace(proposal, summary=f"The cause is in another cell, {cell}: {proposal.summary}")

    def _about(self, problem: Problem) -> Problem:
        """Give the problem of the cell that the failing one asserts something of, or else the same."""
        place = asserted_cell(problem)
        return problem if place == problem.place else self._problem(place, problem.sentence)

    def _known_cause(self, problem: Problem) -> Proposal | None:
        """Give the fix that needs no model, and take note of it."""
        proposal = self._unused_cause(problem)
        if proposal is not None:
            self._known.add((proposal.place, proposal.source))
        if proposal is not None and problem.failure is not None and proposal.place == problem.place:
            self._cured.append(problem.failure.error)
        return proposal

    def _unused_cause(self, problem: Problem) -> Proposal | None:
        """Give the fix that needs no model, unless it was proposed before, or its cell's error had one that did not help."""
        proposal = known_cause(problem, self._places)
        if proposal is None or (proposal.place, proposal.source) in self._known:
            return None
        error = problem.failure.error if problem.failure else ""
        in_vain = error in self._cured or len(self._cured) >= MOST_CURED
        return None if in_vain and proposal.place == problem.place else proposal

    def _check(self, problem: Problem, proposal: Proposal) -> Generator[RunEvent | None, None, Check]:
        """Give what the user expects of the cell to fix; where nothing is, and nothing raises, the agent's own check."""
        goal = problem if problem.place == self._places[0] else self._problem(self._places[0])
        for each in (goal, self._about(goal)):
            if each.check.code:
                return each.check
        if self._own is None:
            silent = problem.failure is None
            self._own = (yield from self._own_check(problem, proposal)) if silent else Check()
        return self._own

    def _own_check(self, problem: Problem, proposal: Proposal) -> Generator[RunEvent | None, None, Check]:
        """Give the agent's own check; none where it holds for the cell as it is, which is wrong."""
        check = yield from self._repair.own_check(problem, proposal)
        told = (yield from self._trial.as_it_is(replace(problem, check=check))) if check.code else None
        return Check() if told == "" else check

    def _along(self, proposal: Proposal, check: Check) -> tuple[str, ...]:
        """Give what else runs when the proposal is accepted."""
        places = dict.fromkeys((*self._places, *between(self._problem(self._places[-1]), proposal.place, proposal.source)))
        return (*(self._cells[place].source for place in places if place != proposal.place), check.code)

    def _edited(self, place: int, accepted: str | None = None) -> bool:
        """Whether the user has typed something else into the cell than what is known of it."""
        cell = self._cells[place]
        return self._approval.edited(cell.cell_id, cell.source, accepted)

    # What follows from its acceptance

    def _accept(self, proposal: Proposal, source: str, check: Check) -> Steps:
        """Write the cell and, as the mode says, run it with what depends on it."""
        place = proposal.place
        cell = self._cells[place]
        if self._edited(place, source):
            return ending("cell_changed", self.count)
        yield from self._write(replace(cell, source=source))
        if not self._approval.runs_code:
            return ending("fix_inserted", self.count)
        waiting = between(self._problem(self._places[-1]), place, proposal.source)
        self._cells[place] = replace(cell, source=source)
        if source != proposal.source:
            self._repair.adopt(place, source)
        if place != self._places[-1]:
            self._places += [*reversed(waiting), place]
        result = yield from self._run_up(cell.cell_id, source)
        if isinstance(result, str):
            return ending(result, self.count, cell=cell_name(self._cells[self._places[-1]]))
        brought = packages_of(source) - packages_of(cell.source)
        if brought and (yield from install_failure(self._executor, cell.cell_id, source, result)):
            yield from self._write(cell)
            return ending("not_installed", self.count, package=", ".join(sorted(brought)))
        return (yield from self._judge(source, result, check))

    @staticmethod
    def _write(cell: Cell) -> Generator[RunEvent | None, None, None]:
        yield CellOpened(cell.cell_id, None, revises=True)
        yield SourceFinished(cell.cell_id, cell.source, sha256(cell.source))

    def _run_up(self, cell_id: str, accepted: str) -> Results:
        """Run the cell with what was accepted and then those that wait for it, up to the first that fails.

        Return its result, or for which reason one is not run.
        """
        while True:
            place = self._places[-1]
            cell = self._cells[place]
            yield StatusChanged("running")
            result = yield from self._executor.execute(cell.cell_id, cell.source)
            self._cells[place] = replace(cell, outputs=result.outputs, execution_count=result.execution_count)
            if result.status != "ok" or len(self._places) == 1:
                return result
            self._places.pop()
            if self._cells[self._places[-1]].is_cut:
                return "waiting_long"
            if self._edited(self._places[-1]):
                return "waiting_changed"
            if not self._approval.runs_code or not self._approval.stands(cell_id, accepted):
                return "waiting_unapproved"

    def _cut_short(self, reason: str, place: int) -> RunFinished:
        """End for this reason; the input of another cell than the user's must be given first."""
        if reason == "asks_input" and place != self._places[0]:
            return ending("asking_cell", self.count, cell=cell_name(self._cells[place]))
        return ending(reason, self.count)

    def _success(self, check: Check) -> str:
        """Give the reason for which a run ends whose cell ran, and whose check held."""
        users = "held_before" if self._repair.held_before else "fixed"
        return {"user": users, "agent": "fixed_own_check", "": "fixed_unchecked"}[check.origin]

    def _judge(self, source: str, result: ExecutionResult, check: Check) -> Steps:
        """End well, or tell the model what is wrong; None: the next round follows."""
        if reason := cut_short(result):
            return self._cut_short(reason, self._places[-1])
        if not self._approval.runs_code:
            check = Check()
        told = ""
        if failure_of(result) is None:
            told = yield from run_check(self._executor, self._cells[self._places[0]].cell_id, check)
            if not told:
                return ending(self._success(check), self.count)
        elif self._unused_cause(self._problem(self._places[-1])):
            return None
        self._tries += 1
        if self._tries >= self._config.max_rounds:
            reason = "fix_limit" if not told else "own_check_limit" if check.origin == "agent" else "check_limit"
            return ending(reason, self.count, tries=self._tries, check=told)
        yield FeedbackGiven(self._repair.tell_check(source, told) if told else self._repair.tell(source, result, self._executor))
        return None
