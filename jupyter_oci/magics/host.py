"""Host: where the model of the magics lives, on the server that started the kernel or in a process of our own."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from ..config import ModelConfig
from ..events import Mode
from ..model.base import ChatModel
from ..model.catalogue import CATALOGUE, find, fits
from ..model.download import downloaded, is_available
from ..model.endpoint_address import is_address
from .remote_model import RemoteModel
from .server import Server

ModelFactory = Callable[[ModelConfig], ChatModel]


@dataclass(frozen=True, slots=True)
class ModelLine:
    """A model as it is listed. `state` is one of docs/api.md."""

    name: str
    state: str
    fits: bool
    chosen: bool


class Host(Protocol):
    """Hosts one model at a time."""

    def model(self) -> ChatModel:
        """Give the chosen model, perhaps not yet loaded."""
        ...

    def choose(self, name: str) -> None:
        """Host another model from now on."""
        ...

    def models(self) -> Sequence[ModelLine]:
        """List the models."""
        ...

    def status(self) -> Sequence[str]:
        """Say in a few lines where the model is and what goes on."""
        ...

    def mode(self) -> Mode:
        """Give the mode of a run that is executed right here."""
        ...


class ServerHost:
    """The server's model, shared with the side panel. A choice holds there too, for the server hosts one model."""

    def __init__(self, server: Server) -> None:
        self.server = server

    def model(self) -> ChatModel:
        """Give the server's model."""
        return RemoteModel(self.server, self._status()["current"])

    def choose(self, name: str) -> None:
        """Choose it on the server."""
        self.server.ask("POST", "model", {"name": name})

    def models(self) -> Sequence[ModelLine]:
        """List the server's models."""
        status = self._status()
        cards = status["models"]
        return [ModelLine(card["name"], card["state"], card["fits"], card["name"] == status["current"]) for card in cards]

    def status(self) -> Sequence[str]:
        """Tell of the server."""
        status = self._status()
        state = next((card["state"] for card in status["models"] if card["name"] == status["current"]), "")
        run = status["run"]
        return (
            f"Server: {self.server.address} (jupyter-oci {status['version']})",
            f"Model: {status['current']} ({state})",
            f"Notebook: {status['path'] or 'none'} ({status['mode']} mode)",
            f"The agent is at work: {run['prompt']}" if run else "The agent is idle.",
        )

    def mode(self) -> Mode:
        """Give the server's mode."""
        mode: Mode = self._status()["mode"]
        return mode

    def _status(self) -> dict[str, Any]:
        return self.server.ask("GET", "status")


class OwnHost:
    """A model of this session, in a process of its own from its first use to the session's end."""

    def __init__(self, factory: ModelFactory, cache_dir: Path, endpoint_key: str) -> None:
        self._factory = factory
        self._cache_dir = cache_dir
        self._endpoint_key = endpoint_key
        self._name = "auto"
        self._model: ChatModel | None = None

    def model(self) -> ChatModel:
        """Give it."""
        if self._model is None:
            key = self._endpoint_key if is_address(self._name) else ""
            self._model = self._factory(ModelConfig(name=self._name, endpoint_key=key))
        return self._model

    def choose(self, name: str) -> None:
        """End the former one.

        Raises:
            ConfigError: there is no such model.
        """
        name = find(name).name
        if name != self._name:
            self.close()
            self._name = name

    def models(self) -> Sequence[ModelLine]:
        """List the catalogue and what else is in the cache, and the chosen model if it is none of them."""
        chosen = find(self._name)
        known = (*CATALOGUE, *downloaded(self._cache_dir))
        specs = known if any(spec.name == chosen.name for spec in known) else (*known, chosen)
        return [
            ModelLine(
                spec.name,
                "available" if is_available(spec, self._cache_dir) else "absent",
                fits(spec),
                spec.name == chosen.name,
            )
            for spec in specs
        ]

    def status(self) -> Sequence[str]:
        """Tell of this session."""
        state = "not used yet" if self._model is None else "in a process of this session"
        return (
            "Server: none started this kernel, so that the model is hosted here.",
            f"Model: {find(self._name).name} ({state})",
        )

    def mode(self) -> Mode:
        """Run what needs no approval: the user asked for it in a cell, and sees it here."""
        return "auto"

    def close(self) -> None:
        """End the model's process; the next use starts it again."""
        model, self._model = self._model, None
        close = getattr(model, "close", None)
        if close is not None:
            close()
