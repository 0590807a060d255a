"""Tell every open page of this server that a run has begun: another tab, a magic or a script may have started it."""

from __future__ import annotations

from jupyter_events import EventLogger

RUN_STARTED = "https://jupyter-oci.invalid/events/run_started/v1"

_SCHEMA = {
    "$id": RUN_STARTED,
    "version": "1",
    "title": "A run of the notebook agent has begun",
    "type": "object",
    "properties": {"run_id": {"type": "string"}, "path": {"type": "string", "description": "of its notebook"}},
    "required": ["run_id", "path"],
}


class Announcer:
    """Speaks over the server's own event channel, which JupyterLab and Notebook listen to."""

    def __init__(self, events: EventLogger) -> None:
        self._events = events
        if RUN_STARTED not in events.schemas:
            events.register_event_schema(_SCHEMA)

    def run_started(self, run_id: str, path: str) -> None:
        """Announce a run; who may read it asks for it by its id."""
        self._events.emit(schema_id=RUN_STARTED, data={"run_id": run_id, "path": path})
