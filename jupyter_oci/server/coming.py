"""Coming: the models that are downloaded or loaded because the user asked for that, each until it is cancelled."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Iterator

from ..model.catalogue import ModelSpec
from .refused import Refused


class Coming:
    """May be used from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._cancelled: dict[str, threading.Event] = {}
        self._closed = threading.Event()

    @contextlib.contextmanager
    def until_cancelled(self, spec: ModelSpec) -> Iterator[Callable[[], bool]]:
        """Give what tells whether the user, or the end of the server, cancelled what is done within."""
        with self._lock:
            cancelled = self._cancelled.setdefault(spec.name, threading.Event())
        try:
            yield lambda: cancelled.is_set() or self._closed.is_set()
        finally:
            with self._lock:
                self._cancelled.pop(spec.name, None)

    def cancel(self, spec: ModelSpec) -> None:
        """Cancel what is done for a model.

        Raises:
            Refused: that is nothing.
        """
        with self._lock:
            cancelled = self._cancelled.get(spec.name)
        if cancelled is None:
            raise Refused(409, "not_coming", f"{spec.title} is not being downloaded by itself; if a run brings it, stop the run.")
        cancelled.set()

    def close(self) -> None:
        """Cancel all that goes on and all that may still begin."""
        self._closed.set()
