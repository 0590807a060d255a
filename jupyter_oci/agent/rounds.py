"""The rounds of one run: a reply, its execution, and what follows from the result."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import replace
from functools import partial

from ..config import AgentConfig, SamplingParams
from ..events import (
    ContextBuilt,
    Decision,
    FeedbackGiven,
    RoundStarted,
    RunEvent,
    RunFinished,
    SourceFinished,
    StatusChanged,
    TextDelta,
)
from ..kernel.base import Executor
from ..model.base import ChatModel, Message
from ..request import Request
from .approval import Approval
from .asked_after import asked_after, result_told
from .awaited_cells import AwaitedCells
from .cell_facts import defines_alike, made_anew
from .cell_names import names_set, names_used
from .conversation import Conversation
from .copied_cells import new_part
from .declined import NO_OTHER, as_request, decline, told_otherwise
from .elsewhere import Proposal
from .endings import cut_short, ending, reason_to_end
from .expected import Expected
from .feedback import failure_of
from .file_text import files_asked_about
from .installing import MAY_SKIP
from .kernel_changes import HeldBefore
from .mending import Mending
from .overlooked import missed
from .plain_text import fenced
from .prompt import build_prompt, conversation_limit, prompt_limit, subject_of
from .redraw import redraws, tempered
from .reply import CellSlot, Reply, read_reply, sha256, without_prose
from .results import names_in
from .second_asking import can_be_computed, is_sound, said_once, urge_after
from .target import Target
from .traceback_text import Failure
from .trail import Trail, Try
from .variable_text import data_types
from .wording import unmet

Steps = Generator["RunEvent | None", "Decision | None", "RunFinished | None"]


class Rounds:
    """One run as far as it got. `count` is the number of rounds begun."""

    def __init__(self, model: ChatModel, executor: Executor, config: AgentConfig, request: Request, approval: Approval) -> None:
        self.count = 0
        self._model = model
        self._executor = executor
        self._config = config
        self._request = request
        self._approval = approval
        self._window = 0
        self._users: dict[str, str] = {}
        self._names = frozenset[str]()
        self._before = HeldBefore(executor, subject_of(request))
        self._can_compute = False
        self._expected = Expected(executor, request.prompt)
        self._trail = Trail()
        self._mending = Mending(executor, approval.mode, request)
        self._awaited = AwaitedCells(executor, request, approval)
        self._cells = 0
        self._target = Target(request.active_cell_id)

    def until_end(self) -> Generator[RunEvent | None, Decision | None, RunFinished]:
        """Do rounds until one ends the run; return how it ended."""
        if not self._request.language.lower().startswith(("python", "ipython")):
            return ending("language", self.count, language=self._request.language)
        yield StatusChanged("loading", self._model.name)
        self._window = yield from self._model.load()
        limit = conversation_limit(self._window, self._config)
        chat = Conversation((yield from self._prompt()), self._model.count_tokens, limit)
        while (end := (yield from self._round(chat))) is None:
            pass
        if changes := self._before.changes(self._trail.ran):
            yield changes
        return self._mending.installing.blamed(self._target.lacking, end)

    def _prompt(self) -> Generator[RunEvent | None, None, tuple[Message, ...]]:
        """Build the prompt of what the kernel holds now, which is the user's."""
        found = self._executor.variables(subject_of(self._request))
        self._before.note(found)
        variables = found or ()
        self._users = self._mending.users = data_types(variables)
        self._names, self._held = names_in(variables), variables
        self._can_compute = can_be_computed(self._request.prompt, self._users, self._request.cells)
        files = self._executor.files(files_asked_about(self._request))
        built = build_prompt(self._request, variables, files, self._model.count_tokens, prompt_limit(self._window, self._config))
        yield ContextBuilt(built.total_tokens, self._window, built.dropped_cells, built.shortened)
        return built.messages

    def _round(self, chat: Conversation) -> Steps:
        target = self._target
        change, target.change = target.change, None
        yield RoundStarted(self._begin_round(), target.attempt, target.cell_id if target.slot.revises else None)
        written = yield from target.guarded(target.rewritten(change) if change else self._reply(chat))
        reply = yield from target.kept((yield from self._completed(written)))
        if end := self._end_before_running(reply):
            return end
        package = change.package if change else ""
        decision = yield from self._decided(reply.code or "", f"{change.summary} {MAY_SKIP}" if change and package else "")
        if decision.decision == "run":
            return (yield from self._run(chat, written, reply, decision.source, package))
        if package and self._approval.is_refused(target.cell_id, reply.code, decision):
            return (yield from self._do_without(chat))
        return (yield from self._not_run(chat, written, reply, decision))

    def _run(self, chat: Conversation, written: Reply, reply: Reply, source: str, package: str) -> Steps:
        """Run what was decided on, which may install a package that was lacking, and see what follows from its result."""
        target = self._target
        target.declined = None
        yield StatusChanged("running")
        result = yield from self._executor.execute(target.cell_id, source)
        if reason := cut_short(result):
            return ending(reason, self.count)
        uninstalled = yield from self._mending.installing.failure(target.cell_id, source, result)
        if uninstalled and package and source == reply.code:
            return (yield from self._do_without(chat, uninstalled.error))
        raised = failure_of(result) or uninstalled
        is_checked = raised is None and self._approval.runs_code
        failure = (yield from self._expected.unmet_by(target.cell_id, source)) if is_checked else raised
        target.unmet = raised is None and self._expected.fails
        self._trail.add(tried := Try(written.code or source, reply, source, result, failure, target.corrected))
        if change := (yield from self._righted(chat, source, failure)):
            target.try_next(change)
            return None
        if failure is None:
            self._succeed()
        elif known := (yield from self._known(chat, tried)):
            return None if known is True else known
        return (yield from self._tell(chat, tried))

    def _do_without(self, chat: Conversation, failed: str = "") -> Steps:
        """Have the model do without a package: installing it `failed`, or else it is not wanted."""
        told = yield from self._mending.installing.without(self._target.cell_id, self._trail.tried[-1], failed)
        return (yield from self._tell(chat, self._trail.tried[-1], f"\n{told}"))

    # The reply

    def _reply(self, chat: Conversation) -> Generator[RunEvent | None, None, Reply]:
        """Take a reply; where it is of no use, ask once again and say what was wrong."""
        declined = self._target.declined
        sampling = declined.sampling(self._config.sampling) if declined else self._config.sampling
        reading = self._sample(chat, sampling, self._target.slot)
        guessing = self._is_guessing
        reply = yield from without_prose(reading, unless_code=True) if guessing else reading
        code = reply.code or ""
        if code and self._target.unmet and defines_alike(code, self._trail.newest, names_used(self._expected.check.code)):
            reply = replace(reply, repeats=True)
        remade = made_anew(code, self._users, self._request.prompt)
        told = missed(self._mending.as_asked(code, self._held), self._request, self._held) if self._is_first else None
        revising = self._target.attempt > 1
        urge = urge_after(reply, remade, told, revising=revising, guessing=guessing, unwanted=self._target.unwanted)
        if urge is None:
            return reply
        if reply.prose and not reply.unfounded and not (guessing and reply.code is None):
            yield TextDelta("\n\n")
        slot = replace(self._target.slot, revises=reply.opened or self._target.slot.revises)
        sampling = sampling if urge.temperature is None else tempered(sampling, urge.temperature)
        reading = self._sample(chat, sampling, slot, f"\n{urge.text}")
        again = yield from said_once(reading, reply.prose) if reply.unfounded else reading
        if not urge.keeps or is_sound(again, self._users, self._request.prompt):
            return again
        yield SourceFinished(self._target.cell_id, code, sha256(code))
        return reply

    def _sample(
        self, chat: Conversation, sampling: SamplingParams, slot: CellSlot, urge: str = ""
    ) -> Generator[RunEvent | None, None, Reply]:
        *before, newest = chat.messages()
        shown = None if self._full else slot
        reply = yield from read_reply(
            self._model,
            [*before, replace(newest, content=newest.content + urge)],
            chat.within(self._window, sampling),
            shown,
            known=[*self._trail.known, *self._target.unwanted],
            drafts=[draft for draft in (self._trail.newest, *self._target.drafts) if draft],
            results=self._trail.results(self._request, chat.messages(), self._names),
        )
        if self._target.attempt == 1:
            return reply
        return (yield from new_part(reply, shown, self._trail.newest, self._request.cells, self._users))

    def _completed(self, reply: Reply) -> Generator[RunEvent | None, None, Reply]:
        """Put the imports that the code lacks into its cell, and show what it makes, so that no round is lost for them."""
        if reply.code is None or reply.fault is not None or reply.repeats or self._full:
            return reply
        source = self._mending.completed(reply.code, is_first=self._is_first)
        if not source.strip():  # it only installs again what was asked before
            return replace(reply, repeats=True)
        if source != reply.code:
            yield SourceFinished(self._target.cell_id, source, sha256(source))
        return replace(reply, code=source)

    def _righted(
        self, chat: Conversation, source: str, failure: Failure | None
    ) -> Generator[RunEvent | None, None, Proposal | None]:
        """Give what puts code right that ran and is wrong: it fails the request's check, or misreads its data."""
        if failure is None:
            return (yield from self._mending.misread(self._target.cell_id, source, self._trail.shown[-1]))
        change = (yield from self._met(chat, source, failure.error)) if self._target.may_be_tried_apart else None
        return replace(change, summary=f"{unmet(failure.error)} {change.summary}") if change else None

    def _met(self, chat: Conversation, source: str, told: str) -> Generator[RunEvent | None, None, Proposal | None]:
        """Give what meets the check that the source fails, where that needs no telling: one small change, or another reply."""
        cell_id = self._target.cell_id
        if self._target.attempt == 1 and (
            change := (yield from self._mending.small_change(cell_id, source, self._expected.check, told))
        ):
            return change
        sampling = chat.within(self._window, self._config.sampling)
        draw = partial(redraws, self._model, chat.messages(), sampling, told=told, known=self._trail.ran)
        return (yield from self._mending.another(cell_id, source, self._expected.check, draw))

    def _decided(self, code: str, installing: str) -> Generator[RunEvent | None, Decision | None, Decision]:
        """Return what is decided on the code, after saying what speaks against it, and what `installing` is for."""
        losses = yield from self._mending.losses(self._target.cell_id, code)
        told = [installing, NO_OTHER if code in self._target.unwanted else "", *losses]
        decision = yield from self._approval.approve(self._target.cell_id, code, [each for each in told if each])
        self._mending.installing.decided(code, decision)
        return decision

    def _not_run(self, chat: Conversation, written: Reply, reply: Reply, decision: Decision) -> Steps:
        """Say how the run ends; None: the user wants other code, of which the model is told."""
        target = self._target
        if decision.decision != "another":
            skipped = "declined" if self._approval.runs_code else "inserted"
            return ending("ran" if decision.decision == "ran" else skipped, self.count)
        target.declined = decline(decision, {written.code or "", reply.code or ""} - {""}, target.declined)
        target.corrected = decision.comment or target.corrected
        self._hear(decision.comment)
        text = told_otherwise(decision.comment, self._request.prompt, edited=decision.source != reply.code)
        yield FeedbackGiven(text)
        chat.add(f"{reply.prose}\n{fenced(decision.source, 'python')}".strip(), text)
        return None

    def _hear(self, comment: str) -> str:
        """Take what the user says now as a part of the request, by which it is checked too; give it as the model is told."""
        if comment:
            self._request = self._mending.request = replace(self._request, prompt=f"{self._request.prompt}\n\n{comment}")
            self._expected.correct(comment)
        return as_request(comment)

    def _end_before_running(self, reply: Reply) -> RunFinished | None:
        """Say how the reply ends the run; None: it has code to be run."""
        answered = "checked" if self._expected.holds else "uncomputed" if self._is_guessing else "answered"
        known = reason_to_end(reply, answered, revising=self._target.attempt > 1, has_run=bool(self._trail.ran), full=self._full)
        reason = known or ("" if self._approval.runs_code else "inserted")
        return ending(reason, self.count) if reason else None

    # The result

    def _known(self, chat: Conversation, tried: Try) -> Generator[RunEvent | None, Decision | None, RunFinished | bool]:
        """Do what an error is known to need: run what the code waits for and have it written anew, or change it.

        Return whether that comes next, or how the run ends.
        """
        target = self._target
        if waiting := self._awaited.of(tried.error, names_set(tried.source).difference(self._users)):
            ran = yield from self._awaited.run(waiting, self._begin_round)
            if ran is True:
                target.approved = self._trail.pop()
                chat.begin_anew((yield from self._prompt()))
            return ran
        curable = target.may_be_cured(tried.error)
        known = (yield from self._mending.known(target, tried.source, tried.result)) if curable else None
        if known:
            target.try_next(known, tried.error)
        return known is not None

    def _begin_round(self) -> int:
        self.count += 1
        return self.count

    @property
    def _is_first(self) -> bool:
        """Whether the code is the first answer to the request."""
        return self._target.attempt == 1 and not self._trail.ran and not self._target.declined

    @property
    def _is_guessing(self) -> bool:
        """Whether an answer in words would be one that could be computed, and was not."""
        return self._can_compute and not self._trail.ran and not self._target.declined

    @property
    def _full(self) -> bool:
        return self._cells >= self._config.max_cells

    def _succeed(self) -> None:
        """Have the next code go into a cell of its own, below this one."""
        self._cells += 1
        self._target = Target(self._target.cell_id)

    def _tell(self, chat: Conversation, tried: Try, more: str = "") -> Steps:
        """Give the model the result of the code as it ran, and say what is asked of it now, unless that leads nowhere."""
        heard = self._hear(self._awaited.heard())
        reason = tried.failure and self._target.fail(tried.result.status, tried.failure, self._config.max_rounds)
        if reason and not heard:
            return ending(reason, self.count, tries=self._target.attempt)
        asked = asked_after(tried, self._executor, self._request, last_cell=self._full)
        text = f"{result_told(tried, self._config.max_feedback_tokens, self._model.count_tokens)}{more}\n{asked}{heard}"
        yield FeedbackGiven(text)
        chat.add(f"{tried.reply.prose}\n{fenced(tried.source, 'python')}".strip(), text)
        return None
