"""Bring a run's generator into a server: a thread of its own steps it, answers and a stop go in from any thread.

One thread per run instead of one hop through the event loop per step: a step is often a single token, and the loop
shall only see what happened. The thread mostly sleeps inside a step, waiting for the model or the kernel.
"""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Generator
from functools import partial
from typing import Union

from ..errors import Stopped
from ..events import ApprovalRequested, Decision, RunEvent

Events = Generator[Union[RunEvent, None], Union[Decision, None], None]
_WAIT = 0.5


class Stream:
    """Steps `events` until it ends.

    `record` gets each event and `ended` what ended the generator (None: it returned), both in the stream's own thread.
    By contract a step takes 50 ms at most, so a stop needs no more than that to arrive.
    """

    def __init__(self, events: Events, record: Callable[[RunEvent], None], ended: Callable[[BaseException | None], None]) -> None:
        self._events = events
        self._record = record
        self._ended = ended
        self._answers: queue.SimpleQueue[tuple[str, Decision] | None] = queue.SimpleQueue()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._drive, name="jupyter-oci run", daemon=True)

    def start(self) -> None:
        """Begin to step."""
        self._thread.start()

    def answer(self, approval_id: str, decision: Decision) -> None:
        """Answer an approval; where the run waits for it no more, nothing comes of it."""
        self._answers.put((approval_id, decision))

    def stop(self) -> None:
        """Throw `Stopped` into the run, once, at its next step."""
        self._stopping.set()
        self._answers.put(None)

    def join(self, timeout: float) -> bool:
        """Wait for the end; tell whether it came."""
        self._thread.join(timeout)
        return not self._thread.is_alive()

    def _drive(self) -> None:
        reason: BaseException | None = None
        try:
            self._step_to_end()
        except BaseException as error:  # whatever it is, the run has ended and its followers must learn of it
            reason = error
        self._ended(reason)

    def _step_to_end(self) -> None:
        step: Callable[[], RunEvent | None] = partial(next, self._events)
        stopped, waiting = False, ""
        while True:
            try:
                event = step()
            except StopIteration:
                return
            if event is not None:
                self._record(event)
                waiting = event.approval_id if isinstance(event, ApprovalRequested) else ""
            decision = self._answer(waiting) if waiting and not stopped else None
            waiting = "" if decision else waiting
            step = partial(self._events.send, decision)
            if self._stopping.is_set() and not stopped:
                stopped = True
                step = partial(self._events.throw, Stopped())

    def _answer(self, approval_id: str) -> Decision | None:
        """Wait for the user; None from time to time, so that the run can look after its kernel and its mode."""
        try:
            answer = self._answers.get(timeout=_WAIT)
        except queue.Empty:
            return None
        return answer[1] if answer and answer[0] == approval_id else None
