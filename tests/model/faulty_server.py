"""An HTTP server that does what real model servers seldom do on demand: overload, cut replies, nonsense."""

from __future__ import annotations

import json
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

MODELS = {"data": [{"id": "faulty", "max_model_len": 4096}, {"id": "other/second"}, {"id": "thinker", "root": "org/QwQ-32B"}]}


class Asked(BaseHTTPRequestHandler):
    """One request. The server's `reply` answers the chats, in any way it likes, and `other` what is no part of the API."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self.server.seen.append(self)  # type: ignore[attr-defined]
        self.json(MODELS) if self.path.endswith("/models") else self.server.other(self)  # type: ignore[attr-defined]

    def do_POST(self) -> None:
        self.body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.seen.append(self)  # type: ignore[attr-defined]
        if self.path.endswith("/chat/completions"):
            self.server.reply(self)  # type: ignore[attr-defined]
        else:
            self.server.other(self)  # type: ignore[attr-defined]

    def unknown(self) -> None:
        self.json({}, 404)

    def hang_up(self) -> None:
        self.close_connection = True

    def json(self, value: Any, status: int = 200, **headers: str) -> None:
        self.whole(json.dumps(value).encode(), status, **{"Content-Type": "application/json", **headers})

    def whole(self, body: bytes, status: int = 200, **headers: str) -> None:
        self.send_response(status)
        for name, value in {"Content-Length": str(len(body)), **headers}.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(body)

    def stream(self, *lines: bytes, cut: bool = False) -> None:
        """Stream lines; one that is cut does not end as chunks should."""
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream; charset=utf-8")
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        for line in lines:
            self.wfile.write(b"%x\r\n%s\r\n" % (len(line), line))
        self.wfile.write(b"" if cut else b"0\r\n\r\n")
        self.close_connection = True

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


def chunk(text: Any, finish: str | None = None) -> bytes:
    """Write a piece of a reply as a server-sent event, with its characters as they are."""
    choice = {"index": 0, "delta": {"content": text}, "finish_reason": finish}
    return b"data: " + json.dumps({"choices": [choice]}, ensure_ascii=False).encode() + b"\n\n"


DONE = b"data: [DONE]\n\n"


@contextmanager
def faulty(
    reply: Callable[[Asked], None], tls: ssl.SSLContext | None = None, other: Callable[[Asked], None] = Asked.unknown
) -> Iterator[tuple[str, list[Asked]]]:
    """Serve; give the base URL and the requests as they come."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Asked)
    server.daemon_threads = True
    server.handle_error = lambda *_: None  # type: ignore[method-assign] - a client that went away
    server.reply, server.other, server.seen = reply, other, []  # type: ignore[attr-defined]
    if tls is not None:
        server.socket = tls.wrap_socket(server.socket, server_side=True)
    thread = Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield f"{'https' if tls else 'http'}://localhost:{server.server_port}/v1", server.seen  # type: ignore[attr-defined]
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
