"""When the user is asked before code runs, and how the run waits for the answer."""

from __future__ import annotations

import uuid
from collections.abc import Generator, MutableMapping, Sequence
from dataclasses import dataclass, field

from ..events import ApprovalRequested, ApprovalResolved, Decision, Mode, RunEvent, StatusChanged
from ..kernel.base import Executor
from .effects import effects
from .reply import sha256

ASKED_FOR = "In Ask mode nothing runs in your kernel without your click."
ACCEPTED = "Accepting it runs the cell."
ONLY_WRITTEN = "In Suggest mode it is put into the cell and not run."
EDITED = "You changed this cell while the agent worked on it."
OVERWRITES = "It replaces your variable {name} by values that are written out in the code."


@dataclass(slots=True)
class Approval:
    """Asks as the mode says. `user_edits` is live; an edit that was decided on, or taken back, is not asked about again.

    Code of the user's may run before what was approved does, and the user may write meanwhile: `executor` is waited for.
    """

    mode: Mode
    user_edits: MutableMapping[str, str]
    executor: Executor
    _decided: MutableMapping[str, str] = field(default_factory=dict)
    _approved: MutableMapping[str, str] = field(default_factory=dict)

    def edited(self, cell_id: str, *known: str | None) -> bool:
        """Whether the user has typed something into a cell that is none of the sources that are `known` of it.

        What is one of them is forgotten: compared with the next source of the cell it would be taken for an edit.
        """
        edit = self.user_edits.get(cell_id)
        if edit in known:
            self.user_edits.pop(cell_id, None)
        return edit not in (None, *known)

    def approve(
        self, cell_id: str, source: str, losses: Sequence[str] = (), *, again: bool = False
    ) -> Generator[RunEvent | None, Decision | None, str | None]:
        """Return exactly what is to run in the cell now, after asking where it must be asked; None: skip it.

        `losses` say what of the user's would be lost. What is to run `again` was approved before.
        """
        while True:
            decision = yield from self.decide(cell_id, source, losses=losses, asked="" if again else ASKED_FOR)
            if decision.decision != "run":
                return None
            source = decision.source
            yield from self.executor.until_free()
            if not self._is_edited(cell_id, source):
                return source

    def decide(
        self, cell_id: str, source: str, along: Sequence[str] = (), losses: Sequence[str] = (), asked: str = ACCEPTED
    ) -> Generator[RunEvent | None, Decision | None, Decision]:
        """Return what is decided on the source, with `along` to be run after it, after asking where it must be asked.

        In Ask mode the user is told what was `asked`; where that is nothing, it was approved before.

        Raises:
            KernelDied, KernelRestarted: what was to be approved can't run any more.
        """
        found = (*self._reasons(cell_id, source, asked), *(effect for code in along for effect in effects(code)), *losses)
        reasons = tuple(dict.fromkeys(found))
        if not reasons:
            self._approved[cell_id] = source
            return Decision("run", source)
        if cell_id in self.user_edits:
            self._decided[cell_id] = self.user_edits[cell_id]
        approval_id = uuid.uuid4().hex
        yield StatusChanged("waiting")
        decision = yield ApprovalRequested(approval_id, cell_id, source, sha256(source), reasons)
        while decision is None:
            if self.mode != "suggest":  # there the answer needs no kernel
                self.executor.check_alive()
            decision = yield None
        yield ApprovalResolved(approval_id, decision.decision, decision.source)
        if decision.decision == "run":
            self._approved[cell_id] = decision.source
        return decision

    def _reasons(self, cell_id: str, source: str, asked: str) -> tuple[str, ...]:
        edited = (EDITED,) if self._is_edited(cell_id, source) else ()
        if not asked:
            return edited
        said = {"ask": (asked,), "suggest": (ONLY_WRITTEN,), "auto": ()}[self.mode]
        return (*said, *edited, *effects(source))

    def _is_edited(self, cell_id: str, source: str) -> bool:
        is_new = self.user_edits.get(cell_id) != self._decided.get(cell_id)
        return self.edited(cell_id, source, self._approved.get(cell_id)) and is_new
