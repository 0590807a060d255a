"""Find out by trying what the system keeps the model's process from: a process of the same making tries it."""

from __future__ import annotations

import json
import os
import socket
import tempfile
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from ..config import SamplingParams
from .base import Message, Usage
from .hardening import secrets_in
from .process import WorkerProcess

_PATIENCE = 30.0
_SHARED_MEMORY = "/dev/shm"  # noqa: S108 - a file of a moment, under a name that nobody can guess
_DEFAULTS: dict[str, Any] = {"threads": None, "max_window": 1, "device": "cpu", "template": {}, "draft": ""}


class Probe:
    """Stands in for the model in its process; what it "says" is which of its attempts were refused."""

    window, computed = 1, dict[str, Any]()

    def __init__(self, order: Path) -> None:
        self._order = json.loads(order.read_text("utf-8"))

    @classmethod
    def load(cls, path: Path, *_: Any, **__: Any) -> Probe:
        """Read what to try."""
        return cls(path)

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Count nothing."""
        return [0 for _ in texts]

    def generate(
        self, _messages: Sequence[Message], _sampling: SamplingParams, _drafts: Sequence[str], _cancelled: Callable[[], bool]
    ) -> Generator[str, None, Usage]:
        """Try everything."""
        file, port = Path(self._order["file"]), self._order["port"]
        attempts: dict[str, Callable[[], object]] = {
            "reading your files": file.read_bytes,
            "writing among your files": (file.parent / "new").touch,
            "reading what lies beside a model": Path(self._order["beside"]).read_bytes,
            "terminals": lambda: os.close(os.open("/dev/ptmx", os.O_RDWR)),
            "TCP": lambda: socket.create_connection(("127.0.0.1", port), 2).close(),
            "UDP": lambda: socket.socket(type=socket.SOCK_DGRAM).sendto(b"", ("127.0.0.1", port)),
            "signals to other processes": lambda: os.kill(os.getppid(), 0),
        }
        if shared := self._order["shared"]:
            attempts["other processes' shared memory"] = lambda: Path(shared).open("r+b").close()
        refused = {name: _is_refused(attempt) for name, attempt in attempts.items()}
        yield json.dumps({**refused, "secrets in its environment": not secrets_in(os.environ)})
        return Usage(0, 0, 0, 0.0, "stop")


def probe() -> dict[str, bool]:
    """Give what was tried, and whether it was refused.

    Raises:
        WorkerDied: no process could be started.
    """
    with tempfile.TemporaryDirectory() as temporary, socket.create_server(("127.0.0.1", 0)) as listener, _shared() as shared:
        folder = Path(temporary)
        (folder / "yours").mkdir()
        file, beside = folder / "yours" / "file", folder / "credentials.json"
        for path in (file, beside):
            path.write_text("a file of the user's")
        order = folder / "order.json"
        found = {"file": str(file), "beside": str(beside), "shared": shared, "port": listener.getsockname()[1]}
        order.write_text(json.dumps(found))
        process = WorkerProcess("jupyter_oci.model.probe:Probe", folder / "scratch", folder / "own", [order], _PATIENCE)
        try:
            process.call("load", path=str(order), cache_dir=str(folder / "own"), **_DEFAULTS).result()
            return _said(process)
        finally:
            process.kill("was ended")


@contextmanager
def _shared() -> Iterator[str | None]:
    """Put a file where this system's processes share memory, if there is such a place."""
    if not os.access(_SHARED_MEMORY, os.W_OK):
        yield None
        return
    with tempfile.NamedTemporaryFile(dir=_SHARED_MEMORY) as file:
        yield file.name


def _said(process: WorkerProcess) -> dict[str, bool]:
    sampling = {"max_tokens": 1, "temperature": 0.0, "top_p": 1.0, "seed": None}
    frames = process.call("generate", messages=[], sampling=sampling, drafts=[]).frames()
    found: dict[str, bool] = next(json.loads(frame["text"]) for frame in frames if frame and frame["type"] == "text")
    return found


def _is_refused(attempt: Callable[[], object]) -> bool:
    try:
        attempt()
    except OSError:
        return True
    return False
