"""A Hugging Face Hub in little: it lists files, serves ranges, and cuts connections on demand."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread
from time import sleep
from typing import Any

COMMIT = "0123456789abcdef0123456789abcdef01234567"


@dataclass
class Repository:
    """Files, of which `weights` lie in large file storage; the first `cuts` answers with those end after `cut_after` bytes.

    One that `stalls` sends nothing more instead, and says so by `stalled`. They are at `commit`, which is what any
    revision means but one of `earlier`, where its own files are, or an unknown commit.
    """

    files: dict[str, bytes]
    weights: tuple[str, ...] = ("model.safetensors",)
    cuts: int = 0
    cut_after: int = 1000
    stalls: bool = False
    stalled: Event = field(default_factory=Event)
    asked: list[tuple[str, str]] = field(default_factory=list)
    commit: str = COMMIT
    earlier: dict[str, dict[str, bytes]] = field(default_factory=dict)

    def at(self, commit: str) -> dict[str, bytes]:
        return {self.commit: self.files, **self.earlier}.get(commit, {})

    def described(self, commit: str) -> dict[str, Any]:
        files = [self._file(name, content) for name, content in self.at(commit).items()]
        return {"id": "owner/name", "modelId": "owner/name", "sha": commit, "siblings": files}

    def _file(self, name: str, content: bytes) -> dict[str, Any]:
        git = hashlib.sha1(f"blob {len(content)}\0".encode() + content).hexdigest()
        known: dict[str, Any] = {"rfilename": name, "size": len(content), "blobId": git}
        if name in self.weights:
            known["lfs"] = {"sha256": hashlib.sha256(content).hexdigest(), "size": len(content), "pointerSize": 130}
        return known


class _Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        repository: Repository = self.server.repository  # type: ignore[attr-defined]
        path, first = self.path.partition("?")[0], self.headers.get("Range", "")
        repository.asked.append((path, first))
        if path.startswith("/api/models/owner/name"):
            revision = path.rpartition("/")[2]
            commit = revision if len(revision) == len(COMMIT) else repository.commit
            known = commit == repository.commit or commit in repository.earlier
            self._send(200 if known else 404, json.dumps(repository.described(commit)).encode())
            return
        commit, _, name = path.removeprefix("/owner/name/resolve/").partition("/")
        if name in repository.at(commit):
            start = int(first.removeprefix("bytes=").rstrip("-") or 0)
            self._serve(repository, name, repository.at(commit)[name][start:], start)
        else:
            self._send(404, b"{}")

    def _serve(self, repository: Repository, name: str, content: bytes, start: int) -> None:
        cut = name in repository.weights and repository.cuts > 0
        repository.cuts -= cut
        self._send(206 if start else 200, content, content[: repository.cut_after] if cut else content)
        if cut and repository.stalls:
            repository.stalled.set()
            sleep(120)

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
