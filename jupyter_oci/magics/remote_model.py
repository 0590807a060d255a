"""RemoteModel: the model that the server hosts, as a ChatModel in a kernel."""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Generator, Sequence
from contextlib import closing
from typing import Any, Union

from ..config import SamplingParams
from ..errors import ModelError
from ..events import StatusChanged
from ..model.base import ChatModel, Message, Usage
from .server import Server, as_error

Step = Union[str, StatusChanged, None]


class RemoteModel(ChatModel):
    """Asks the server. An interrupt of the cell closes the connection, and that stops the model."""

    def __init__(self, server: Server, name: str) -> None:
        self._name = name
        self._server = server

    @property
    def name(self) -> str:
        """Give the name that the user knows it by."""
        return self._name

    def load(self) -> Generator[StatusChanged | None, None, int]:
        """Have the server load it; see `ChatModel`."""
        steps = self._follow("load", {})
        while True:
            try:
                step = next(steps)
            except StopIteration as end:
                return int(end.value)
            yield step if isinstance(step, StatusChanged) else None

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Count each text in the model's own tokens."""
        return [int(count) for count in self._server.ask("POST", "count", {"texts": list(texts)})["counts"]]

    def generate(
        self, messages: Sequence[Message], sampling: SamplingParams, drafts: Sequence[str] = ()
    ) -> Generator[Step, bool | None, Usage]:
        """Yield the reply as it comes. What a reply cost that was enough before its end is not known: its counts are 0."""
        began = time.monotonic()
        body = {
            "messages": [dataclasses.asdict(message) for message in messages],
            "sampling": dataclasses.asdict(sampling),
            "drafts": list(drafts),
        }
        with closing(self._follow("generate", body)) as steps:
            while True:
                try:
                    step = next(steps)
                except StopIteration as end:
                    return Usage(**end.value)
                if (yield step):
                    return Usage(0, 0, 0, time.monotonic() - began, "enough")

    def _follow(self, route: str, body: dict[str, Any]) -> Generator[Step, None, Any]:
        with closing(self._server.lines(route, body)) as lines:
            for line in lines:
                if "returned" in line:
                    return line["returned"]
                if "error" in line:
                    raise as_error(line["error"])
                yield StatusChanged(**line["status"]) if "status" in line else line.get("text")
        raise ModelError("The Jupyter server ended the reply. Look whether it still runs, and ask again.")
