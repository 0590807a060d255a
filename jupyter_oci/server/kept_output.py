"""Bound what is kept of a run's output: in memory of the whole run, in its history of each execution."""

from __future__ import annotations

import json
from typing import Any

from ..events import StatusChanged, to_json
from ..kernel.budget import TOO_LARGE, is_rich, shrink

MAX_RUN_BYTES = 32 << 20
MAX_HISTORY_BYTES = 256 << 10

_NOT_KEPT = "not kept in the history: run the cell to see it"
_TOLD_BYTES = 4000  # of an output in words


class KeptOutput:
    """Lets outputs pass up to `limit` bytes as JSON; of a picture or a table past it stays a text that says `why`."""

    def __init__(self, limit: int = MAX_RUN_BYTES, why: str = TOO_LARGE) -> None:
        self._left = limit
        self._why = why

    def of(self, event: dict[str, Any]) -> dict[str, Any]:
        """Give the event as it is kept: past the limit an empty one of the same `seq`."""
        if event["type"] != "kernel_output":
            return event
        message = event["message"]
        told = {**event, "message": shrink(message, _TOLD_BYTES, self._why)} if is_rich(message) else None
        # What is said in words must have room when nothing else has.
        for kept, room in ((event, _TOLD_BYTES if told else 0), (told, 0)):
            if kept and (size := len(json.dumps(kept))) + room <= self._left:
                self._left -= size
                return kept
        return {**to_json(StatusChanged("running")), "seq": event["seq"], "time": event["time"]}


class History:
    """A run's events one after the other, as its history keeps them: each execution has 256 KiB of output."""

    def __init__(self) -> None:
        self._execution_id = ""
        self._kept = KeptOutput(MAX_HISTORY_BYTES, _NOT_KEPT)

    def of(self, event: dict[str, Any]) -> dict[str, Any]:
        """Give the event as it is kept."""
        if event["type"] == "kernel_output" and event["execution_id"] != self._execution_id:
            self._execution_id = event["execution_id"]
            self._kept = KeptOutput(MAX_HISTORY_BYTES, _NOT_KEPT)
        return self._kept.of(event)
