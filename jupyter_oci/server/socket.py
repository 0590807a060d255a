"""EventsSocket: follow a run over a WebSocket, from any of its events on."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import Callable
from typing import Any

from jupyter_core.utils import ensure_async
from jupyter_server.auth.decorator import ws_authenticated
from jupyter_server.base.handlers import JupyterHandler
from jupyter_server.base.websocket import WebSocketMixin
from tornado import web
from tornado.websocket import WebSocketClosedError, WebSocketHandler

from .door import Parts, owner_of
from .refused import Refused
from .run import Run

PING_SECONDS = 15.0
UNKNOWN_RUN = 4404
REPLACED = 4409


class EventsSocket(WebSocketMixin, WebSocketHandler, JupyterHandler):
    """Sends events with `seq` > `after`, then what follows, then closes; the client sends nothing."""

    auth_resource = "kernels"

    def initialize(self, parts: Parts) -> None:
        """Take what the handlers work with."""
        self._parts = parts
        self._task: asyncio.Task[None] | None = None
        self._leave: Callable[[], None] | None = None

    def set_default_headers(self) -> None:
        """Set none: those of a page make no sense on a socket."""

    @ws_authenticated
    async def get(self, run_id: str) -> None:
        """Let in only users who may execute on kernels."""
        if not await ensure_async(self.authorizer.is_authorized(self, self.current_user, "execute", "kernels")):
            raise web.HTTPError(403)
        try:
            self._after = int(self.get_query_argument("after", "0"))
        except ValueError:
            raise web.HTTPError(400, "after is not a number") from None
        await super().get(run_id)

    async def open(self, run_id: str) -> None:
        """Take part in the run; a client without an id only watches."""
        super().open()
        try:
            run = self._parts.runs.find(owner_of(self), run_id)
        except Refused as refused:
            self.close(UNKNOWN_RUN, refused.reason)
            return
        self._run = run
        client_id = self.get_query_argument("client_id", "")
        if client_id:
            self._leave = run.lease.join(client_id, self)
        self._task = asyncio.ensure_future(self._follow(run))

    def on_message(self, message: str | bytes) -> None:
        """Pass over what a client says: requests are made by HTTP."""

    def on_close(self) -> None:
        """Hand the lease on and stop following."""
        if self._leave is not None:
            self._leave()
        if self._task is not None:
            self._task.cancel()

    def tell_lease(self, driver: bool) -> None:
        """Say whether this client applies the events to the document; those up to `last_seq` another may have applied."""
        task = asyncio.ensure_future(self._say({"type": "lease", "driver": driver, "last_seq": self._run.last_seq}))
        task.add_done_callback(lambda done: done.cancelled() or done.exception())

    def replaced(self) -> None:
        """Make room for the client's new connection."""
        self.close(REPLACED, "replaced")

    async def _follow(self, run: Run) -> None:
        """Send event by event, each when the one before is on its way: a slow client costs no memory."""
        with contextlib.suppress(WebSocketClosedError):
            while True:
                try:
                    events = await asyncio.wait_for(run.beyond(self._after), PING_SECONDS)
                except asyncio.TimeoutError:
                    await self._say({"type": "ping"})
                    continue
                if not events:
                    break
                for event in events:
                    await self._say(event)
                    self._after = event["seq"]
            self.close(1000, "run finished")

    async def _say(self, frame: dict[str, Any]) -> None:
        await self.write_message(json.dumps(frame))
