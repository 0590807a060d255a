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
        self._answers: queue.SimpleQueue[Decision | None] = queue.SimpleQueue()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._drive, name="jupyter-oci run", daemon=True)

    def start(self) -> None:
        """Begin to step."""
        self._thread.start()

    def answer(self, decision: Decision) -> None:
        """Answer the approval that the run waits for."""
        self._answers.put(decision)

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
        stopped = waiting = False
        while True:
            try:
                event = step()
            except StopIteration:
                return
            if event is not None:
                self._record(event)
                waiting = isinstance(event, ApprovalRequested)
            decision = self._answer() if waiting and not stopped else None
            waiting = waiting and decision is None
            step = partial(self._events.send, decision)
            if self._stopping.is_set() and not stopped:
                stopped = True
                step = partial(self._events.throw, Stopped())

    def _answer(self) -> Decision | None:
        """Wait for the user; None from time to time, so that the run can look after its kernel."""
        try:
            return self._answers.get(timeout=_WAIT)
        except queue.Empty:
            return None
