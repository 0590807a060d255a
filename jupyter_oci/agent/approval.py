"""When the user is asked before code runs, and how the run waits for the answer."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Generator, MutableMapping, Sequence
from dataclasses import dataclass, field

from ..events import ApprovalRequested, ApprovalResolved, Decision, Mode, RunEvent, StatusChanged
from ..kernel.base import Executor
from .effects import effects
from .reply import sha256

ASKED_FOR = "In Ask mode nothing runs in your kernel without your click."
ACCEPTED = "Accepting it runs the cell."
ONLY_WRITTEN = "In Suggest mode it is put into the cell and not run."
EDITED = "You changed this cell while the agent worked on it."
RUN_IT = "Run it? [y/N, or say what to change] "
OVERWRITES = "It replaces your variable {name} by values that are written out in the code."


@dataclass(slots=True)
class Approval:
    """Asks as the `mode` says, which is live. An edit that was decided on, or taken back, is not asked about again.

    `user_edits` is live: what the user typed, by the id of the cell, or of the approval for what waits and was edited there.
    Code of the user's may run before what was approved does, and the user may write meanwhile: `executor` is waited for.
    """

    mode: Callable[[], Mode]
    user_edits: MutableMapping[str, str]
    executor: Executor
    _decided: MutableMapping[str, str] = field(default_factory=dict)
    _known: MutableMapping[str, str] = field(default_factory=dict)
    _by_user: MutableMapping[str, str] = field(default_factory=dict)

    @property
    def runs_code(self) -> bool:
        """Whether anything is run now; in Suggest mode nothing is."""
        return self.mode() != "suggest"

    def stands(self, cell_id: str, source: str) -> bool:
        """Whether what was approved needs no other approval in the mode that is chosen now."""
        return self.mode() == "auto" or self._by_user.get(cell_id) == source

    def edited(self, cell_id: str, *known: str | None) -> bool:
        """Whether the user has typed something into a cell that is none of the sources that are `known` of it.

        What is one of them is forgotten: compared with the next source of the cell it would be taken for an edit.
        """
        edit = self.user_edits.get(cell_id)
        if edit in known:
            self.user_edits.pop(cell_id, None)
        return edit not in (None, *known)

    def is_refused(self, cell_id: str, source: str | None, decision: Decision) -> bool:
        """Whether what was decided is that the source, as it is, is not to run, and no more than that."""
        return decision == Decision("skip", source or "") and self.runs_code and not self.edited(cell_id, source)

    def approve(
        self, cell_id: str, source: str, losses: Sequence[str] = ()
    ) -> Generator[RunEvent | None, Decision | None, Decision]:
        """Return what is decided on the source; if it is "run", exactly the decision's own is to run in the cell now.

        `losses` say what of the user's would be lost. What the user approved is not asked about again, unless it was edited.
        """
        asked = "" if self._by_user.get(cell_id) == source else ASKED_FOR
        while True:
            decision = yield from self.decide(cell_id, source, losses=losses, asked=asked)
            if decision.decision != "run":
                return decision
            source = decision.source
            yield from self.executor.until_free()
            if self.runs_code and self.stands(cell_id, source) and not self._is_edited(cell_id, source):
                return decision

    def decide(
        self,
        cell_id: str,
        source: str,
        along: Sequence[str] = (),
        losses: Sequence[str] = (),
        *,
        asked: str = ACCEPTED,
        suggested: str = "",
    ) -> Generator[RunEvent | None, Decision | None, Decision]:
        """Return what is decided on the source, with `along` to be run after it, after asking where it must be asked.

        In Ask mode the user is told what was `asked`; where that is nothing, it was approved before. In Suggest mode they are
        told what is `suggested`; where that is nothing, it is skipped. If the mode changes meanwhile, the new one decides.

        Raises:
            KernelDied, KernelRestarted: what was to be approved can't run any more.
        """
        losses = (*(effect for code in along for effect in effects(code)), *losses)
        approval_id, decision = "", None
        while decision is None:
            mode = self.mode()
            said = {"ask": asked, "suggest": suggested, "auto": ""}[mode]
            edited = EDITED if self.user_edits.pop(approval_id, source) != source else ""
            found = (said, edited, *self._reasons(cell_id, source, whole=bool(asked)), *losses)
            reasons = tuple(reason for reason in dict.fromkeys(found) if reason)
            if mode == "suggest" and not suggested:
                decision = Decision("skip", source)
            elif not reasons:
                decision = Decision("run", source)
            else:
                approval_id = uuid.uuid4().hex
                decision = yield from self._asked(ApprovalRequested(approval_id, cell_id, source, sha256(source), reasons), mode)
        if approval_id:
            yield ApprovalResolved(approval_id, decision.decision, decision.source, decision.comment)
        if decision.decision in ("run", "another"):
            self._known[cell_id] = decision.source
        return decision

    def _asked(self, request: ApprovalRequested, mode: Mode) -> Generator[RunEvent | None, Decision | None, Decision | None]:
        """Return what the user decides; None: another mode was chosen first."""
        cell_id = request.cell_id
        edit = self.user_edits.get(cell_id)
        yield StatusChanged("waiting")
        decision = yield request
        while decision is None and self.mode() == mode:
            if mode != "suggest":  # there the answer needs no kernel
                self.executor.check_alive()
            decision = yield None
        if decision is not None and edit is not None:
            self._decided[cell_id] = edit
        if decision is not None and decision.decision == "run":
            self._by_user[cell_id] = decision.source
        return decision

    def _reasons(self, cell_id: str, source: str, *, whole: bool) -> tuple[str, ...]:
        """Say what speaks against running the source unasked; not the `whole` of it where it was approved before."""
        edited = (EDITED,) if self._is_edited(cell_id, source) else ()
        return (*edited, *effects(source)) if whole else edited

    def _is_edited(self, cell_id: str, source: str) -> bool:
        is_new = self.user_edits.get(cell_id) != self._decided.get(cell_id)
        return self.edited(cell_id, source, self._known.get(cell_id)) and is_new


def typed(request: ApprovalRequested, answer: str) -> Decision:
    """Read what was typed where it was asked: a yes, a no (also nothing at all), or else what is to be changed."""
    answer = answer.strip()
    if answer.lower() in ("y", "yes", "ok", "okay", "sure"):
        return Decision("run", request.source)
    if answer.lower() in ("", "n", "no", "no thanks", "q", "quit", "stop", "skip", "cancel", "exit"):
        return Decision("skip", request.source)
    return Decision("another", request.source, answer)
