"""Hear of what the server's contents rename and delete: what is known of a notebook follows it and ends with it."""

from __future__ import annotations

from typing import Any

from jupyter_events import EventLogger

from .runs import Registry

CONTENTS = "https://events.jupyter.org/jupyter_server/contents_service/v1"


def follow_contents(events: EventLogger, runs: Registry) -> None:
    """Tell the runs from now on."""

    async def heard(logger: EventLogger, schema_id: str, data: dict[str, Any]) -> None:  # noqa: ARG001 - called by name
        path, source = data["path"].strip("/"), data.get("source_path", "").strip("/")
        if data["action"] == "delete":
            runs.drop(path)
        elif data["action"] == "rename" and source != path:
            runs.rename(source, path)

    # A modifier of the administrator's may blot out paths.
    events.add_listener(modified=False, schema_id=CONTENTS, listener=heard)
