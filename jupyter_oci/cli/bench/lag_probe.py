"""A server extension that measures how late the event loop comes; loaded by the bench alone."""

from __future__ import annotations

import asyncio
import json
import time
from typing import Any

from jupyter_server.base.handlers import APIHandler
from tornado import web

INTERVAL = 0.01
ROUTE = "jupyter-oci-bench/lag"


class LagHandler(APIHandler):
    """The lags in seconds since they were last asked for."""

    def initialize(self, lags: list[float]) -> None:
        """Take the list that the measuring task fills."""
        self._lags = lags

    @web.authenticated
    async def get(self) -> None:
        """Give them and begin anew."""
        lags = self._lags.copy()
        self._lags.clear()
        self.finish(json.dumps(lags))


def _jupyter_server_extension_points() -> list[dict[str, str]]:
    return [{"module": __name__}]


def _load_jupyter_server_extension(server: Any) -> None:
    lags: list[float] = []
    server.web_app.add_handlers(".*$", [(rf"{server.base_url}{ROUTE}", LagHandler, {"lags": lags})])
    server.io_loop.add_callback(_measure, lags)


async def _measure(lags: list[float]) -> None:
    while True:
        due = time.perf_counter() + INTERVAL
        await asyncio.sleep(INTERVAL)
        lags.append(max(0.0, time.perf_counter() - due))
