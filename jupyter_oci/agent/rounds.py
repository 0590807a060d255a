"""The rounds of one run: a reply, its execution, and what follows from the result."""

from __future__ import annotations

from collections.abc import Generator, Sequence
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
from ..kernel.base import Executor, Variable
from ..model.base import ChatModel, Message
from ..request import Request
from .approval import Approval
from .asked_after import asked_after
from .awaited_cells import AwaitedCells
from .cell_facts import defines_alike, overwritten, reloaded
from .cell_names import names_set, names_used
from .conversation import Conversation
from .copied_cells import new_part
from .elsewhere import Proposal
from .endings import cut_short, ending
from .feedback import failure_of, feedback
from .installing import MAY_SKIP
from .kernel_changes import kernel_changes
from .mending import Mending
from .plain_text import fenced
from .prompt import build_prompt, conversation_limit, prompt_limit, subject_of
from .redraw import redraws, tempered
from .reply import CellSlot, Reply, read_reply, sha256, without_prose
from .request_check import check_in, is_about
from .results import names_in
from .run_check import run_check
from .second_asking import can_be_computed, said_once, urge_after
from .target import Target
from .traceback_text import Failure
from .trail import Trail, Try
from .variable_text import data_types
from .wording import EDITED, unmet

Steps = Generator["RunEvent | None", "Decision | None", "RunFinished | None"]
_LEADS_NOWHERE = ("same_error", "repeated_failure", "no_revision")


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
        self._held: Sequence[Variable] | None = None
        self._can_compute = False
        self._expected = check_in(request.prompt)
        self._holds = False
        self._trail = Trail()
        self._mending = Mending(executor, approval.mode, request)
        self._awaited = AwaitedCells(executor, request, approval)
        self._cells = 0
        self._target = Target(request.active_cell_id)

    def until_end(self) -> Generator[RunEvent | None, Decision | None, RunFinished]:
        """Do rounds until one ends the run; return how it ended."""
        if not self._request.language.lower().startswith(("python", "ipython")):
            return ending("language", self.count, language=self._request.language)
        chat = yield from self._begin()
        while (end := (yield from self._round(chat))) is None:
            pass
        if changes := kernel_changes(self._held, self._executor.variables(subject_of(self._request)), self._trail.ran):
            yield changes
        module = self._target.lacking if end.reason in _LEADS_NOWHERE else None
        return self._mending.installing.lacking(module, self.count) if module else end

    def _begin(self) -> Generator[RunEvent | None, None, Conversation]:
        """Load the model and build the prompt."""
        yield StatusChanged("loading", self._model.name)
        self._window = yield from self._model.load()
        prompt = yield from self._prompt()
        return Conversation(prompt, self._model.count_tokens, conversation_limit(self._window, self._config))

    def _prompt(self) -> Generator[RunEvent | None, None, tuple[Message, ...]]:
        """Build the prompt of what the kernel holds now, which is the user's."""
        found = self._executor.variables(subject_of(self._request))
        self._held = found if self._held is None else self._held
        variables = found or ()
        self._users = self._mending.users = data_types(variables)
        self._names = names_in(variables)
        self._can_compute = can_be_computed(self._request.prompt, self._users, self._request.cells)
        limit = prompt_limit(self._window, self._config)
        built = build_prompt(self._request, variables, self._executor.files(), self._model.count_tokens, limit)
        yield ContextBuilt(built.total_tokens, self._window, built.dropped_cells, built.shortened)
        return built.messages

    def _round(self, chat: Conversation) -> Steps:
        target = self._target
        change, target.change = target.change, None
        yield RoundStarted(self._begin_round(), target.attempt, target.cell_id if target.slot.revises else None)
        reply = yield from (target.rewritten(change) if change else self._reply(chat))
        reply = yield from self._completed(reply)
        source = self._end_before_running(reply) or (yield from self._approved(reply, change))
        if isinstance(source, RunFinished):
            return source
        if source is None:
            return (yield from self._do_without(chat))
        yield StatusChanged("running")
        result = yield from self._executor.execute(target.cell_id, source)
        if reason := cut_short(result):
            return ending(reason, self.count)
        uninstalled = yield from self._mending.installing.failure(target.cell_id, source, result)
        if uninstalled and change and change.package:
            return (yield from self._do_without(chat, uninstalled.error))
        raised = failure_of(result) or uninstalled
        tried = Try(reply, source, result, raised or (yield from self._unmet(target.cell_id, source)))
        target.unmet = raised is None and tried.failure is not None
        self._trail.add(tried)
        return (yield from self._go_on(chat, tried))

    def _go_on(self, chat: Conversation, tried: Try) -> Steps:
        """Have the next round follow from what ran, unless the run ends with it."""
        if change := (yield from self._righted(chat, tried.source, tried.failure)):
            self._target.try_next(change)
            return None
        if tried.failure is None:
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
        reading = self._sample(chat, self._config.sampling, self._target.slot)
        guessing = self._is_guessing
        reply = yield from without_prose(reading, unless_code=True) if guessing else reading
        if reply.code and self._target.unmet and defines_alike(reply.code, self._trail.newest, names_used(self._expected.code)):
            reply = replace(reply, repeats=True)
        remade = self._overwritten(reply) or reloaded(reply.code or "", self._users)
        urge = urge_after(reply, remade, revising=self._target.attempt > 1, guessing=guessing)
        if urge is None:
            return reply
        if reply.prose and not reply.unfounded and not (guessing and reply.code is None):
            yield TextDelta("\n\n")
        slot = replace(self._target.slot, revises=reply.opened or self._target.slot.revises)
        sampling = self._config.sampling if urge.temperature is None else tempered(self._config.sampling, urge.temperature)
        again = self._sample(chat, sampling, slot, f"\n{urge.text}")
        return (yield from said_once(again, reply.prose) if reply.unfounded else again)

    def _sample(
        self, chat: Conversation, sampling: SamplingParams, slot: CellSlot, urge: str = ""
    ) -> Generator[RunEvent | None, None, Reply]:
        *before, newest = chat.messages()
        shown = None if self._full else slot
        reply = yield from read_reply(
            self._model,
            [*before, replace(newest, content=newest.content + urge)],
            self._room(chat, sampling),
            shown,
            known=self._trail.known,
            drafts=[draft for draft in (self._trail.newest, self._target.approved) if draft],
            results=self._trail.results(self._request, chat.messages(), self._names),
        )
        if self._target.attempt == 1:
            return reply
        return (yield from new_part(reply, shown, self._trail.newest, self._request.cells, self._users))

    def _room(self, chat: Conversation, sampling: SamplingParams) -> SamplingParams:
        """Keep the reply within the window."""
        return replace(sampling, max_tokens=min(sampling.max_tokens, max(1, self._window - chat.tokens)))

    def _completed(self, reply: Reply) -> Generator[RunEvent | None, None, Reply]:
        """Put the imports that the code lacks into its cell, and show what it makes, so that no round is lost for them."""
        if reply.code is None or reply.fault is not None or reply.repeats or self._full:
            return reply
        self._trail.written.append(reply.code)
        source = self._mending.completed(reply.code)
        if source != reply.code:
            yield SourceFinished(self._target.cell_id, source, sha256(source))
        return replace(reply, code=source if source.strip() else None)

    def _righted(
        self, chat: Conversation, source: str, failure: Failure | None
    ) -> Generator[RunEvent | None, None, Proposal | None]:
        """Give what puts code right that ran and is wrong: it fails the request's check, or calculates with text."""
        if failure is None:
            return (yield from self._mending.unglued(self._target.cell_id, source, self._trail.shown[-1]))
        change = (yield from self._met(chat, source, failure.error)) if self._target.may_be_tried_apart else None
        return replace(change, summary=f"{unmet(failure.error)} {change.summary}") if change else None

    def _met(self, chat: Conversation, source: str, told: str) -> Generator[RunEvent | None, None, Proposal | None]:
        """Give what meets the check that the source fails, where that needs no telling: one small change, or another reply."""
        cell_id = self._target.cell_id
        if self._target.attempt == 1 and (
            change := (yield from self._mending.small_change(cell_id, source, self._expected, told))
        ):
            return change
        draw = partial(
            redraws, self._model, chat.messages(), self._room(chat, self._config.sampling), told=told, known=self._trail.ran
        )
        return (yield from self._mending.another(cell_id, source, self._expected, draw))

    def _approved(
        self, reply: Reply, change: Proposal | None
    ) -> Generator[RunEvent | None, Decision | None, str | RunFinished | None]:
        """Give exactly what is to run, or how the run ends without it; None: the package that it would install is not wanted."""
        target, source = self._target, reply.code or ""
        losses = yield from self._mending.losses(target.cell_id, source)
        installing = [f"{change.summary} {MAY_SKIP}"] if change and change.package else []
        decision = yield from self._approval.approve(target.cell_id, source, [*installing, *losses])
        self._mending.installing.asked(source)
        if decision.decision == "run":
            return decision.source
        is_skipped = decision == Decision("skip", source) and self._approval.runs_code
        if installing and is_skipped and not self._approval.edited(target.cell_id, source):
            return None
        reason = "ran" if decision.decision == "ran" else "declined" if self._approval.runs_code else "inserted"
        return ending(reason, self.count)

    def _overwritten(self, reply: Reply) -> str | None:
        return overwritten(reply.code or "", self._users)

    def _end_before_running(self, reply: Reply) -> RunFinished | None:
        """Say how the reply ends the run; None: it has code to be run."""
        reason = self._reason_to_end(reply, revising=self._target.attempt > 1)
        return ending(reason, self.count) if reason else None

    def _reason_to_end(self, reply: Reply, *, revising: bool) -> str | None:
        if reply.fault is not None:
            return reply.fault
        if reply.code is None:
            return "no_revision" if revising else self._reason_without_code(reply)
        if reply.repeats:
            return "repeated_failure" if revising else "same_code"
        if self._full:
            return "cell_limit"
        return None if self._approval.runs_code else "inserted"

    def _reason_without_code(self, reply: Reply) -> str:
        if reply.unfounded:
            return "unfounded"
        if reply.prose:
            return "checked" if self._holds else "uncomputed" if self._is_guessing else "answered"
        return "same_code" if self._trail.ran else "no_answer"

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
    def _is_guessing(self) -> bool:
        """Whether an answer in words would be one that could be computed, and was not."""
        return self._can_compute and not self._trail.ran

    @property
    def _full(self) -> bool:
        return self._cells >= self._config.max_cells

    def _unmet(self, cell_id: str, source: str) -> Generator[RunEvent | None, None, Failure | None]:
        """Say what does not hold of that which the request says must; None: it does, or the code is not about it."""
        held = [variable.name for variable in self._executor.variables() or ()] if self._expected.code else []
        if not self._approval.runs_code or not is_about(self._expected, source, held):
            return None
        told = yield from run_check(self._executor, cell_id, self._expected)
        self._holds = not told
        return Failure((), told, 0) if told else None

    def _succeed(self) -> None:
        """Have the next code go into a cell of its own, below this one."""
        self._cells += 1
        self._target = Target(self._target.cell_id)

    def _tell(self, chat: Conversation, tried: Try, more: str = "") -> Steps:
        """Give the model the result of the code as it ran, and say what is asked of it now, unless that leads nowhere."""
        reply, source, result, failure = tried.reply, tried.source, tried.result, tried.failure
        if failure and (reason := self._target.fail(result.status, failure, self._config.max_rounds)):
            return ending(reason, self.count, tries=self._target.attempt)
        told = feedback(result, self._config.max_feedback_tokens, self._model.count_tokens)
        if failure and failure_of(result) is None:
            told = f"{told}\nBut {failure.error}."
        asked = asked_after(source, result, failure, self._executor, self._request, last_cell=self._full)
        edited = "" if source == reply.code else f"\n{EDITED}"
        text = f"{told}{edited}{more}\n{asked}"
        yield FeedbackGiven(text)
        chat.add(f"{reply.prose}\n{fenced(source, 'python')}".strip(), text)
        return None
