"""A browser page as the server sees it."""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
from tornado.httpclient import HTTPClientError

HANG = 30  # seconds after which something that should come is taken to hang


def code(source: str) -> str:
    """Give a reply that is one block of code."""
    return f"```python\n{source}\n```"


def journal_files(tmp_path):
    return list((tmp_path / "journal").rglob("*.jsonl"))


def extension(jp_serverapp):
    return next(iter(jp_serverapp.extension_manager.extension_apps["jupyter_oci"]))


async def rest(socket: Any) -> list[dict[str, Any]]:
    """Give all frames up to the end of the socket."""
    frames = []
    while (frame := await asyncio.wait_for(socket.read_message(), HANG)) is not None:
        frames.append(json.loads(frame))
    socket.close()  # tornado warns of a client's socket that only the server closed
    return frames


class Page:
    """What a browser page does: requests, and sockets that follow runs."""

    def __init__(self, fetch: Any, ws_fetch: Any, kernel_id: str, path: str) -> None:
        self._fetch = fetch
        self._ws_fetch = ws_fetch
        self.kernel_id = kernel_id
        self.path = path

    async def get(self, *route: str, **params: str) -> dict[str, Any]:
        return json.loads((await self._fetch("jupyter-oci", *route, params=params)).body)

    async def post(self, *route: str, method: str = "POST", **fields: Any) -> dict[str, Any]:
        return json.loads((await self._fetch("jupyter-oci", *route, method=method, body=json.dumps(fields))).body)

    async def refused(self, *route: str, method: str = "POST", **fields: Any) -> tuple[int, str]:
        """Make a request that must fail; give its status and reason."""
        with pytest.raises(HTTPClientError) as caught:
            await self.post(*route, method=method, **fields)
        answer = json.loads(caught.value.response.body)
        assert answer["message"]
        return caught.value.code, answer["reason"]

    async def ask(self, prompt: str = "go", **fields: Any) -> str:
        """Start a run; give its id."""
        return (await self.post("runs", **self.asking(prompt, **fields)))["run_id"]

    def asking(self, prompt: str = "go", **fields: Any) -> dict[str, Any]:
        """Give the body of a request for a run."""
        cells = [{"id": "first", "cell_type": "code", "source": "a = 1", "outputs": [], "metadata": {}}]
        asked = {"path": self.path, "kernel_id": self.kernel_id, "prompt": prompt, "cells": cells, "client_id": "page"}
        return {**asked, "active_cell_id": "first", "selection": "", "language": "python", **fields}

    async def socket(self, run_id: str, after: int = 0, client_id: str = "page", **options: Any) -> Any:
        params = {"after": str(after), "client_id": client_id}
        return await self._ws_fetch("jupyter-oci", "runs", run_id, "events", params=params, **options)

    async def follow(self, run_id: str, after: int = 0, client_id: str = "") -> AsyncIterator[dict[str, Any]]:
        """Yield the run's events up to the end of the socket."""
        socket = await self.socket(run_id, after, client_id)
        try:
            while (frame := await asyncio.wait_for(socket.read_message(), HANG)) is not None:
                value = json.loads(frame)
                if "seq" in value:
                    yield value
        finally:
            socket.close()

    async def events(self, run_id: str, after: int = 0) -> list[dict[str, Any]]:
        """Follow the run to its end."""
        return [event async for event in self.follow(run_id, after)]

    async def until(self, run_id: str, kind: str, **fields: Any) -> dict[str, Any]:
        """Follow the run up to an event of this type with these fields."""
        async for event in self.follow(run_id):
            if event["type"] == kind and fields.items() <= event.items():
                return event
        raise AssertionError(f"The run ended without {kind}.")

    async def approve(
        self, run_id: str, request: dict[str, Any], source: str | None = None, decision: str = "run", **fields: str
    ) -> None:
        """Answer an approval as the page does."""
        source = request["source"] if source is None else source
        await self.post(
            *("runs", run_id, "approve"),
            approval_id=request["approval_id"],
            decision=decision,
            source=source,
            sha256=hashlib.sha256(source.encode()).hexdigest(),
            **fields,
        )
