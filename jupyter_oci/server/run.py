"""Run: what is known of one request, from its first event to its last. Lives on the server's event loop."""

from __future__ import annotations

import asyncio
import hashlib
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from ..events import Decision, Mode, RunFinished, to_json
from ..request import Turn
from .journal import Header, Record
from .kept_output import History
from .lease import Lease
from .refused import Refused
from .stream import Stream

_ANSWER_CHARACTERS = 1000
_WORDLESS = {"fix": "Repair this cell.", "explain": "Explain this cell.", "hint": "Give me a hint for this cell."}


class Run:
    """An append-only list of events with `seq` and `time`, and those who wait for more of them.

    `user_edits` maps the id of a cell, or of an approval, to what the user typed there; the agent reads it while it runs, and
    drops what was taken back. It reads the `mode` too, which is the notebook's unless it `keeps_mode`. While it `is_limited` its
    cells run no longer than the server allows.
    """

    def __init__(
        self, header: Header, events: Sequence[dict[str, Any]] = (), *, settled: bool = False, keeps_mode: bool = False
    ) -> None:
        self.header = header
        self.mode: Mode = header.mode
        self.keeps_mode = keeps_mode
        self.is_limited = True
        self.events = list(events)
        self.settled = settled
        self.lease = Lease(header.client_id)
        self.user_edits: dict[str, str] = {}
        self.stream: Stream | None = None
        self._waiting: dict[str, Any] | None = None
        self._news = asyncio.Event()

    @classmethod
    def from_record(cls, record: Record) -> Run:
        """Take up a run of an earlier server; one that was cut off has failed."""
        events = list(record.events)
        if not events or events[-1]["type"] != "run_finished":
            events.append(_cut_off(record))
        return cls(record.header, events, settled=record.settled)

    @property
    def last_seq(self) -> int:
        """Give the `seq` of the newest event, 0 before the first."""
        return int(self.events[-1]["seq"]) if self.events else 0

    @property
    def finished(self) -> bool:
        """Tell whether the last event has come."""
        return bool(self.events) and self.events[-1]["type"] == "run_finished"

    @property
    def waits(self) -> bool:
        """Tell whether it waits for an approval."""
        return self._waiting is not None

    def card(self) -> dict[str, Any]:
        """Describe the run without its events."""
        header = self.header
        return {
            "run_id": header.run_id,
            "path": header.path,
            "kernel_id": header.kernel_id,
            "prompt": header.prompt,
            "mode": header.mode,
            "model": header.model,
            "status": self.events[-1]["status"] if self.finished else "running",
            "settled": self.settled,
            "started": header.started,
            "last_seq": self.last_seq,
        }

    def turn(self) -> Turn:
        """Say in a few words what was asked, corrections too, and what came of it: the prose of the last reply."""
        first = max((i for i, event in enumerate(self.events) if event["type"] == "round_started"), default=0)
        prose = "".join(event["text"] for event in self.events[first:] if event["type"] == "text_delta")
        asked = self.header.prompt or _WORDLESS.get(self.events[0].get("intent", "") if self.events else "", "")
        comments = [event.get("comment", "") for event in self.events if event["type"] == "approval_resolved"]
        asked = "\n".join(filter(None, (asked, *comments)))
        return Turn(asked, prose.strip()[:_ANSWER_CHARACTERS])

    def append(self, event: dict[str, Any]) -> None:
        """Add an event and wake those who wait for it."""
        self.events.append(event)
        if event["type"] == "approval_requested":
            self._waiting = event
        elif event["type"] in ("approval_resolved", "run_finished"):
            self._waiting = None
        self._news.set()
        self._news = asyncio.Event()

    async def beyond(self, seq: int) -> list[dict[str, Any]]:
        """Wait for events after `seq` and give all of them; empty when the run has finished and none are left."""
        while self.last_seq <= seq and not self.finished:
            await self._news.wait()
        return self.events[bisect_right(self.events, seq, key=lambda event: int(event["seq"])) :]

    def decide(self, approval_id: str, decision: Decision, sha256: str) -> None:
        """Answer the approval that waits.

        Raises:
            Refused: the hash is not that of the source, another approval (or none) waits now, or something is to be changed in
                what is run or skipped.
        """
        if decision.comment and decision.decision != "another":
            raise Refused(400, "not_another", "What is to be changed can be said only with the decision `another`.")
        if hashlib.sha256(decision.source.encode("utf-8", "surrogatepass")).hexdigest() != sha256:
            raise Refused(400, "wrong_hash", "What was approved is not what was sent. Look at the code and approve it again.")
        if self.stream is None or self._waiting is None or self._waiting["approval_id"] != approval_id:
            raise Refused(409, "stale_approval", "This approval no longer waits. Look at where the run stands now.")
        self._waiting = None
        self.stream.answer(approval_id, decision)

    def switch(self, mode: Mode, waiting: tuple[str, str]) -> None:
        """Go on in this mode. `waiting` is an approval's id and what waits for it, as the user has it."""
        approval_id, source = waiting
        if self._waiting is not None and self._waiting["approval_id"] == approval_id:
            self.user_edits[approval_id] = source
        if not self.keeps_mode:
            self.mode = mode

    def stop(self) -> None:
        """End the run soon; one that has ended stays as it is."""
        if self.stream is not None:
            self.stream.stop()

    def settle(self) -> None:
        """Note that the document holds all of it: what the history does not keep is not needed any more."""
        self.settled = True
        history = History()
        self.events = [history.of(event) for event in self.events]

    def move(self, path: str) -> None:
        """Follow the notebook to a new path."""
        self.header = replace(self.header, path=path)


def _cut_off(record: Record) -> dict[str, Any]:
    last = record.events[-1] if record.events else {"seq": 0, "time": record.header.started}
    message = "The Jupyter server was restarted during this run. What it wrote up to then is kept; ask again to go on."
    rounds = sum(event["type"] == "round_started" for event in record.events)
    finished = RunFinished("failed", rounds, "server_restarted", message)
    return {"seq": last["seq"] + 1, "time": last["time"], **to_json(finished)}
