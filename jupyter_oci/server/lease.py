"""Lease: which one of the clients that follow a run applies its events to the document."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol


class Client(Protocol):
    """A connection that follows a run."""

    def tell_lease(self, driver: bool) -> None:
        """Say whether this connection is the driver now."""
        ...

    def replaced(self) -> None:
        """Say that the same client has connected again, so that this connection is of no use any more."""
        ...


class Lease:
    """One driver a run: the client that started it while it is connected, else the one connected longest.

    Two tabs that both applied the events would write every cell twice.
    """

    def __init__(self, starter: str) -> None:
        self._starter = starter
        self._clients: dict[str, Client] = {}

    def join(self, client_id: str, client: Client) -> Callable[[], None]:
        """Add a connection, tell it its part, and the others if theirs changes; return how to leave."""
        before = self._driver()
        earlier = self._clients.get(client_id)
        self._clients[client_id] = client
        if earlier is not None:
            earlier.replaced()
        self._tell(before, joined=client)
        return lambda: self._leave(client_id, client)

    def _leave(self, client_id: str, client: Client) -> None:
        before = self._driver()
        if self._clients.get(client_id) is client:
            del self._clients[client_id]
        self._tell(before)

    def _driver(self) -> Client | None:
        return self._clients.get(self._starter) or next(iter(self._clients.values()), None)

    def _tell(self, before: Client | None, joined: Client | None = None) -> None:
        """Tell those whose part is new; a former driver first, so that there are never two."""
        driver = self._driver()
        concerned = (joined,) if driver is before else (before, joined, driver)
        told = [client for client in self._clients.values() if client in concerned]
        for client in sorted(told, key=lambda client: client is driver):
            client.tell_lease(client is driver)
