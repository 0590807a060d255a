"""A Hugging Face Hub in little: it lists files, serves ranges, and cuts connections on demand."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

COMMIT = "0123456789abcdef0123456789abcdef01234567"


@dataclass
class Repository:
    """Files, of which `weights` lie in large file storage; the first `cuts` answers with those end after `cut_after` bytes."""

    files: dict[str, bytes]
    weights: tuple[str, ...] = ("model.safetensors",)
    cuts: int = 0
    cut_after: int = 1000
    asked: list[tuple[str, str]] = field(default_factory=list)

    def described(self) -> dict[str, Any]:
        return {"id": "owner/name", "modelId": "owner/name", "sha": COMMIT, "siblings": [self._file(name) for name in self.files]}

    def _file(self, name: str) -> dict[str, Any]:
        content = self.files[name]
        known: dict[str, Any] = {"rfilename": name, "size": len(content), "blobId": "0" * 40}
        if name in self.weights:
            known["lfs"] = {"sha256": hashlib.sha256(content).hexdigest(), "size": len(content), "pointerSize": 130}
        return known


class _Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        repository: Repository = self.server.repository  # type: ignore[attr-defined]
        path, first = self.path.partition("?")[0], self.headers.get("Range", "")
        repository.asked.append((path, first))
        place = f"/owner/name/resolve/{COMMIT}/"
        name = path.removeprefix(place)
        if path.startswith("/api/models/owner/name"):
            self._send(200, json.dumps(repository.described()).encode())
        elif path.startswith(place) and name in repository.files:
            start = int(first.removeprefix("bytes=").rstrip("-") or 0)
            self._serve(repository, name, start)
        else:
            self._send(404, b"{}")

    def _serve(self, repository: Repository, name: str, start: int) -> None:
        content = repository.files[name][start:]
        cut = name in repository.weights and repository.cuts > 0
        repository.cuts -= cut
        self._send(206 if start else 200, content, content[: repository.cut_after] if cut else content)

    def _send(self, status: int, content: bytes, sent: bytes | None = None) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content if sent is None else sent)

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


@contextmanager
def hub(repository: Repository) -> Iterator[str]:
    """Serve `owner/name`; give the hub's URL."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    server.daemon_threads = True
    server.repository = repository  # type: ignore[attr-defined]
    thread = Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
