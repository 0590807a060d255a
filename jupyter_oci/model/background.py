"""A blocking piece of work in a thread of its own, followed by a generator that can be closed at any moment."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Generator
from typing import Generic, TypeVar

Result = TypeVar("Result")
Report = tuple[str, "float | None"]


class Background(Generic[Result]):
    """Runs `work(report, cancelled)` in a thread; `follow` yields what it reports."""

    def __init__(self, work: Callable[[Callable[[str, float | None], None], Callable[[], bool]], Result]) -> None:
        self._work = work
        self._reports: queue.SimpleQueue[Report] = queue.SimpleQueue()
        self._given_up = threading.Event()
        self._done = threading.Event()
        self._results: list[Result] = []
        self._error: Exception | None = None

    def follow(self, tick: float) -> Generator[Report | None, None, Result]:
        """Yield the newest report, or None, every `tick` seconds; return the result or raise the error of the work.

        Closed before, it tells the work that it is cancelled, and waits for its end.
        """
        threading.Thread(target=self._run, name="model-download", daemon=True).start()
        try:
            while not self._done.wait(tick):
                yield self._newest_report()
        finally:
            self._given_up.set()
            self._done.wait()
        if self._error:
            raise self._error
        return self._results[0]

    def _run(self) -> None:
        try:
            self._results.append(
                self._work(lambda detail, fraction: self._reports.put((detail, fraction)), self._given_up.is_set)
            )
        except Exception as error:  # raised again by `follow`
            self._error = error
        finally:
            self._done.set()

    def _newest_report(self) -> Report | None:
        report = None
        while not self._reports.empty():
            report = self._reports.get()
        return report
