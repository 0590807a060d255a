"""The cell that a run is working on."""

from __future__ import annotations

import uuid
from collections.abc import Generator
from dataclasses import dataclass, field, replace

from ..errors import OCIError, Stopped
from ..events import CellOpened, RunEvent, SourceFinished, TextDelta
from .cell_names import names_set
from .declined import Declined
from .elsewhere import Proposal, undefined_name
from .known_causes import MOST_CURED
from .packages import missing_import
from .reply import CellSlot, Reply, sha256
from .traceback_text import Failure

Reading = Generator["RunEvent | None", None, Reply]


@dataclass(slots=True)
class Target:
    """One cell: `attempt` counts the tries on it, `errors` are those it had, `change` is the next try.

    `unmet` says that the last try ran, and that the check failed; `tried_apart` that a change which held apart from the notebook
    was written for it. `cured` are the errors that had a change of their own: those tries do not count against the model.
    `approved` was to be run, and needed other cells first. `declined` is what the user wants otherwise before it runs: no try.
    `corrected` is what they said last of that.
    """

    after_cell_id: str | None
    cell_id: str = field(default_factory=lambda: uuid.uuid4().hex)
    attempt: int = 1
    errors: set[tuple[str, str, str]] = field(default_factory=set)
    change: Proposal | None = None
    unmet: bool = False
    tried_apart: bool = False
    cured: list[str] = field(default_factory=list)
    approved: str | None = None
    declined: Declined | None = None
    corrected: str = ""

    def may_be_cured(self, error: str) -> bool:
        """Whether an error may have a change of its own: it had none before, and there were not many."""
        return error not in self.cured and len(self.cured) < MOST_CURED

    def try_next(self, change: Proposal, error: str | None = None) -> None:
        """Have the change be the next try. One that cures an error does not count against the model."""
        self.change = change
        self.tried_apart = self.tried_apart or self.unmet
        self.attempt += 1
        if error is not None:
            self.cured.append(error)

    def fail(self, status: str, failure: Failure, most: int) -> str | None:
        """Have the next try be the model's revision; if that leads nowhere, give the reason to end. There are at most so many."""
        frame = failure.failing
        error = (status, failure.error, frame.code if frame else "")
        if error in self.errors:
            return "same_error"
        if self.attempt - len(self.cured) >= most:
            return "round_limit"
        self.errors.add(error)
        self.attempt += 1
        return None

    @property
    def may_be_tried_apart(self) -> bool:
        """Whether the check failed, and none failed in the kernel before that had held apart: that would go on without end."""
        return self.unmet and not self.tried_apart

    @property
    def drafts(self) -> list[str]:
        """Give code that the next reply may have much of, which has not run."""
        stands = self.declined.stands if self.declined else ""
        return [self.approved] if self.approved else [stands] if stands.strip() else []

    @property
    def unwanted(self) -> frozenset[str]:
        """Give the code that is not to come again."""
        return self.declined.sources if self.declined else frozenset()

    def kept(self, reply: Reply) -> Generator[RunEvent | None, None, Reply]:
        """Keep what the user declined where a reply has no other code: they are asked about it again."""
        if (
            self.declined is None
            or not self.declined.stands.strip()
            or (reply.code is not None and not reply.repeats and not reply.fault)
        ):
            return reply
        yield from self._write(self.declined.stands)
        return reply if reply.fault else replace(reply, code=self.declined.stands, repeats=False, opened=True)

    def guarded(self, reading: Reading) -> Reading:
        """Take a reply; where the user stops it, or it fails, put back what they declined, which may be their own."""
        try:
            return (yield from reading)
        except (Stopped, OCIError):
            if self.declined is not None:
                yield from self._write(self.declined.stands)
            raise

    @property
    def lacking(self) -> str | None:
        """Give the module without which every try failed, also one that only left out its import."""
        lines = {code: module for _, error, code in self.errors if (module := missing_import(error))}
        modules, imported = {*lines.values()}, {name for line in lines for name in names_set(line.strip())}
        others = {undefined_name(error) for _, error, _ in self.errors if not missing_import(error)}
        return modules.pop() if len(modules) == 1 and others <= modules | imported else None

    @property
    def slot(self) -> CellSlot:
        """Give where the code of the next reply goes."""
        return CellSlot(
            self.cell_id, self.after_cell_id, revises=self.attempt > 1 or self.approved is not None or self.declined is not None
        )

    def rewritten(self, change: Proposal) -> Generator[RunEvent | None, None, Reply]:
        """Write a change that needs no model, in the place of a reply."""
        yield TextDelta(change.summary)
        yield from self._write(change.source)
        return Reply(change.summary, change.source, repeats=False, fault=None, opened=True, unfounded=None)

    def _write(self, source: str) -> Generator[RunEvent | None, None, None]:
        slot = self.slot
        yield CellOpened(slot.cell_id, slot.after_cell_id, slot.revises)
        yield SourceFinished(slot.cell_id, source, sha256(source))
