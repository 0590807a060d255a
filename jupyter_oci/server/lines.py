"""Bring a model's generator into an answer, line by line: a thread steps it, and closes it when the client goes away."""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import logging
import threading
import time
from collections.abc import AsyncIterator, Generator
from typing import Any

from ..errors import OCIError
from ..events import StatusChanged
from ..model.base import Usage
from .refused import as_refused

_HEARTBEAT = 0.2
_LOG = logging.getLogger(__name__)

Line = dict[str, Any]
Steps = Generator[Any, None, Any]


class Lines:
    """What the generator says: `{"text"}`, `{"status"}`, `{}` (still at it), at the end `{"returned"}` or `{"error"}`.

    Its steps take 50 ms at most, so that a stop needs no more than that to arrive. Made on the event loop.
    """

    def __init__(self, steps: Steps) -> None:
        self._steps = steps
        self._loop = asyncio.get_running_loop()
        self._lines: asyncio.Queue[Line | None] = asyncio.Queue()
        self._stopping = threading.Event()
        self._said = 0.0

    def stop(self) -> None:
        """Close the generator at its next step."""
        self._stopping.set()

    async def __aiter__(self) -> AsyncIterator[Line]:
        threading.Thread(target=self._drive, name="jupyter-oci magic", daemon=True).start()
        while (line := await self._lines.get()) is not None:
            yield line

    def _drive(self) -> None:
        try:
            with contextlib.closing(self._steps):
                self._step_to_end()
        except OCIError as error:
            refused = as_refused(error)
            self._say({"error": {"message": str(refused), "reason": refused.reason}})
        except Exception as error:
            _LOG.exception("A request of a magic failed")
            message = f"The model failed ({type(error).__name__}). Ask again; the server's log has the details."
            self._say({"error": {"message": message, "reason": "failed"}})
        finally:
            self._say(None)

    def _step_to_end(self) -> None:
        while not self._stopping.is_set():
            try:
                step = next(self._steps)
            except StopIteration as end:
                self._say({"returned": dataclasses.asdict(end.value) if isinstance(end.value, Usage) else end.value})
                return
            if step is not None or time.monotonic() - self._said > _HEARTBEAT:
                self._say(_line(step))

    def _say(self, line: Line | None) -> None:
        self._said = time.monotonic()
        with contextlib.suppress(RuntimeError):  # the server has ended meanwhile
            self._loop.call_soon_threadsafe(self._lines.put_nowait, line)


def _line(step: str | StatusChanged | None) -> Line:
    if isinstance(step, StatusChanged):
        return {"status": dataclasses.asdict(step)}
    return {} if step is None else {"text": step}
