"""Server: the Jupyter server that started this kernel, found without being told, and asked without a proxy."""

from __future__ import annotations

import http.client
import json
import re
import socket
import ssl
import sys
from collections.abc import Generator, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

from ..errors import ContextOverflow, ModelError, OCIError
from ..kernel_secret import HEADER, KernelSecret

_PATIENCE = 60.0
_WILDCARDS = {"0.0.0.0": "127.0.0.1", "": "127.0.0.1", "*": "127.0.0.1", "::": "::1"}  # noqa: S104 - what not to connect to
_ERRORS: dict[str, type[OCIError]] = {"too_long": ContextOverflow, "model": ModelError}


class ServerRefused(OCIError):  # noqa: N818 - a "no" with its reason
    """The server said no. `reason` is its short code."""

    def __init__(self, message: str, reason: str = "") -> None:
        super().__init__(message)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Server:
    """Where it listens, and the secret that opens our routes. `sock` is the path of a Unix socket, empty for TCP."""

    hostname: str
    port: int
    base_url: str
    secure: bool
    sock: str
    secret: str
    kernel_id: str

    @classmethod
    def find(cls, environment: Mapping[str, str], runtime_dir: Path, connection_file: str) -> Server | None:
        """Find the server that started this process; None when none did.

        A program that a kernel or a terminal of a server started inherits the server's secret, but is not its child.
        """
        secret = KernelSecret.inherited(environment)
        parent = environment.get("JPY_PARENT_PID", "")
        if secret is None or not parent or (sys.platform != "win32" and parent != str(secret.pid)):
            return None
        try:
            info = json.loads((runtime_dir / f"jpserver-{secret.pid}.json").read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return None
        found = re.fullmatch(r"kernel-(.+)\.json", Path(connection_file).name)
        return cls(
            hostname=_WILDCARDS.get(info["hostname"], info["hostname"]),
            port=int(info["port"]),
            base_url=info["base_url"],
            secure=bool(info["secure"]),
            sock=info.get("sock") or "",
            secret=secret.value,
            kernel_id=found[1] if found else "",
        )

    @property
    def address(self) -> str:
        """Give what a user would recognise."""
        return self.sock or f"{'https' if self.secure else 'http'}://{self.hostname}:{self.port}{self.base_url}"

    def ask(self, method: str, route: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
        """Ask and give the answer. Every request says which kernel asks.

        Raises:
            OCIError: the server refuses, or does not answer; the message says why.
        """
        with self._answer(method, route, body) as response:
            answer: dict[str, Any] = json.loads(response.read())
            return answer

    def lines(self, route: str, body: dict[str, Any]) -> Generator[dict[str, Any], None, None]:
        """Ask, and give the answer's lines as they come. Closing the iterator closes the connection, which stops the model.

        Raises:
            OCIError: as in `ask`.
        """
        with self._answer("POST", route, body) as response:
            while line := response.readline():
                yield json.loads(line)

    @contextmanager
    def _answer(self, method: str, route: str, body: dict[str, Any] | None) -> Iterator[http.client.HTTPResponse]:
        connection = self._connection()
        url = f"{quote(self.base_url)}jupyter-oci/magics/{route}?kernel_id={quote(self.kernel_id, safe='')}"
        content = None if body is None else json.dumps(body).encode("utf-8")
        try:
            connection.request(method, url, content, {HEADER: self.secret, "Host": f"localhost:{self.port}"})
            response = connection.getresponse()
            with response:
                if response.status >= 400:
                    raise refusal(response.read())
                yield response
        except (OSError, http.client.HTTPException, ValueError) as error:
            raise ServerRefused(f"The Jupyter server at {self.address} does not answer ({type(error).__name__}).") from error
        finally:
            connection.close()

    def _connection(self) -> http.client.HTTPConnection:
        if self.sock:
            return _UnixConnection(self.sock)
        if not self.secure:
            return http.client.HTTPConnection(self.hostname, self.port, timeout=_PATIENCE)
        # The certificate is often of the user's own making, and for another name than the one we use on the same machine.
        context = ssl._create_unverified_context()  # noqa: S323
        return http.client.HTTPSConnection(self.hostname, self.port, timeout=_PATIENCE, context=context)


class _UnixConnection(http.client.HTTPConnection):
    def __init__(self, path: str) -> None:
        super().__init__("localhost", timeout=_PATIENCE)
        self._path = path

    def connect(self) -> None:
        """Connect to the socket file."""
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self._path)


def refusal(body: bytes) -> OCIError:
    """Read why the server refuses."""
    try:
        fields = json.loads(body)
        return as_error(fields)
    except (ValueError, TypeError, AttributeError):
        return ServerRefused("The Jupyter server does not know the magics: update jupyter-oci there and restart it.")


def as_error(fields: Mapping[str, Any]) -> OCIError:
    """Make an error of `{"message", "reason"}`."""
    message, reason = str(fields.get("message") or "The server refused."), str(fields.get("reason") or "")
    kind = _ERRORS.get(reason)
    return kind(message) if kind else ServerRefused(message, reason)
