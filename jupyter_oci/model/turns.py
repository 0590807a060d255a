"""A fair line for the one model: first come, first served, and not longer than makes sense."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from ..errors import ModelError


class Turns:
    """Who uses the model now (place 0), and who waits for it. Thread-safe."""

    def __init__(self, limit: int = 16) -> None:
        self._limit = limit
        self._line: list[object] = []
        self._alone: object = None
        self._num_beside = 0
        self._moved = threading.Condition()

    def join(self) -> object:
        """Go to the end of the line; give a ticket.

        Raises:
            ModelError: too many wait already.
        """
        ticket = object()
        with self._moved:
            if len(self._line) > self._limit:
                raise ModelError(f"{self._limit} requests wait for the model already. Try again when some of them have finished.")
            self._line.append(ticket)
        return ticket

    def join_if_free(self) -> object | None:
        """Take the turn, and the model alone, when nobody uses it or waits; None: somebody does."""
        with self._moved:
            if self._line or self._num_beside:
                return None
            ticket = self._alone = object()
            self._line.append(ticket)
            return ticket

    @contextmanager
    def beside(self) -> Iterator[None]:
        """Use the model beside the one whose turn it is, for a moment; waits while somebody has it alone."""
        with self._moved:
            self._moved.wait_for(lambda: self._alone is None)
            self._num_beside += 1
        try:
            yield
        finally:
            with self._moved:
                self._num_beside -= 1

    def place(self, ticket: object, wait: float = 0.0) -> int:
        """Count those before the ticket, after waiting at most `wait` seconds for its turn."""
        with self._moved:
            self._moved.wait_for(lambda: self._line[0] is ticket, wait)
            return self._line.index(ticket)

    def leave(self, ticket: object) -> None:
        """Give up the turn, or the place in the line."""
        with self._moved:
            self._line.remove(ticket)
            self._alone = None if ticket is self._alone else self._alone
            self._moved.notify_all()


def ordinal(place: int) -> str:
    """Say the place in the line, where the one who is served is 1st."""
    number = place + 1
    ending = "th" if 10 < number % 100 < 20 else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{ending}"
