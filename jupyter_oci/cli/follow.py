"""Drive a run to its end from a terminal: hand its events on, bring decisions in, stop it when it is told to end."""

from __future__ import annotations

import contextlib
import signal
from collections.abc import Callable, Generator, Iterator
from types import FrameType

from ..errors import Stopped
from ..events import ApprovalRequested, Decision, RunEvent

Run = Generator[RunEvent | None, Decision | None, object]
Decide = Callable[[ApprovalRequested], Decision]


class StopRequest:
    """Whether Ctrl+C was pressed, the terminal was closed or somebody ended the command (SIGHUP, SIGTERM).

    While somebody is asked, and from the second Ctrl+C on, it is Python's own KeyboardInterrupt. Other signals come twice by
    themselves: from `timeout` or a shell, and to the whole group.
    """

    def __init__(self) -> None:
        self.is_set = False
        self._is_asking = False

    @contextlib.contextmanager
    def on_interrupt(self) -> Iterator[None]:
        """Take these signals as a wish to stop while the block runs (in the main thread, where signals arrive)."""
        previous = {number: signal.signal(number, self._request) for number in _signals()}
        try:
            yield
        finally:
            for number, handler in previous.items():
                signal.signal(number, handler)

    def asking(self, decide: Decide, request: ApprovalRequested) -> Decision | None:
        """Give the decision, or None where Ctrl+C was pressed instead: reading a line goes on unless the signal raises."""
        self._is_asking = True
        try:
            return decide(request)
        except KeyboardInterrupt:
            return None
        finally:
            self._is_asking = False

    def _request(self, number: int, frame: FrameType | None) -> None:
        is_at_once = self._is_asking or (self.is_set and number == signal.SIGINT)
        self.is_set = True
        if is_at_once:
            raise KeyboardInterrupt


def _signals() -> Iterator[signal.Signals]:
    yield from (signal.SIGINT, signal.SIGTERM)
    if hasattr(signal, "SIGHUP") and signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:  # ignored under nohup
        yield signal.SIGHUP


def follow(run: Run, decide: Decide, stop: StopRequest) -> Iterator[RunEvent]:
    """Yield every event of the run; the last one is its `RunFinished`, also when it was stopped or failed on our side."""
    answer: Decision | None = None
    stopping = False
    with contextlib.suppress(StopIteration):
        while True:
            if stop.is_set and not stopping:
                stopping = True
                event = run.throw(Stopped())
            else:
                event = run.send(answer)
            answer = stop.asking(decide, event) if isinstance(event, ApprovalRequested) and not stop.is_set else None
            if event is not None:
                yield event
