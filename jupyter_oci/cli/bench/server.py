"""How late a real server's event loop comes while the model loads and generates."""

from __future__ import annotations

import contextlib
import json
import secrets
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from ...errors import OCIError
from .figure import Figure, percentile
from .lag_probe import ROUTE

PATIENCE = 300.0
PROMPT = "Write a function that returns the n-th prime number and print the first ten."


def measure(model: str, cache_dir: Path) -> Iterator[Figure]:
    """Load the model and let it answer once, in a server of our own."""
    with _server(cache_dir) as ask:
        _choose(ask, model)
        ask("GET", ROUTE, None)
        ask("POST", "jupyter-oci/models/action", {"name": model, "action": "load"})
        _wait(lambda: _state(ask, model) in ("ready", "failed"))
        _run(ask)
        lags = ask("GET", ROUTE, None)
    yield Figure("event-loop lag, model loads and generates, p99", percentile(lags, 99) * 1000, 25, samples=len(lags))
    yield Figure("event-loop lag, model loads and generates, worst", max(lags) * 1000, 250, samples=len(lags))


Ask = Callable[[str, str, Any], Any]


def _choose(ask: Ask, model: str) -> None:
    ask("POST", "jupyter-oci/models/current", {"name": model})


def _state(ask: Ask, model: str) -> str:
    return next(str(card["state"]) for card in ask("GET", "jupyter-oci/models", None)["models"] if card["name"] == model)


def _run(ask: Ask) -> None:
    session = {"path": "bench.ipynb", "type": "notebook", "name": "bench", "kernel": {"name": "python3"}}
    kernel_id = ask("POST", "api/sessions", session)["kernel"]["id"]
    request = {"path": "bench.ipynb", "kernel_id": kernel_id, "prompt": PROMPT, "cells": [], "mode": "auto", "client_id": "bench"}
    run_id = ask("POST", "jupyter-oci/runs", request)["run_id"]
    _wait(lambda: ask("GET", f"jupyter-oci/runs/{run_id}", None)["status"] != "running")
    ask("DELETE", f"api/kernels/{kernel_id}", None)


def _wait(is_over: Callable[[], bool]) -> None:
    until = time.monotonic() + PATIENCE
    while not is_over():
        if time.monotonic() > until:
            raise OCIError(f"The server was not there within {PATIENCE:.0f} s. See what `jupyter oci doctor` says.")
        time.sleep(0.5)


@contextlib.contextmanager
def _server(cache_dir: Path) -> Iterator[Ask]:
    """Start a server on a free port of this machine, with histories of its own; end it afterwards."""
    token, port = secrets.token_hex(16), _free_port()
    extensions = {"jupyter_oci": True, "jupyter_oci.cli.bench.lag_probe": True}
    with tempfile.TemporaryDirectory() as folder:
        command = [
            *(sys.executable, "-m", "jupyter_server", "--no-browser", "--allow-root"),
            *(
                f"--ServerApp.root_dir={folder}",
                f"--OCIApp.cache_dir={cache_dir}",
                f"--port={port}",
                "--ServerApp.port_retries=0",
                f"--IdentityProvider.token={token}",
            ),
            *(f"--ServerApp.jpserver_extensions={extensions}", f"--OCIApp.journal_dir={Path(folder, 'journal')}"),
        ]
        with subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
            try:
                ask = _asker(f"http://127.0.0.1:{port}", token)
                _wait(lambda: _answers(ask))
                yield ask
            finally:
                process.terminate()


def _asker(address: str, token: str) -> Ask:
    """Give a function that sends a request and reads its JSON; proxies are passed by."""
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))

    def ask(method: str, path: str, body: Any) -> Any:
        data = None if body is None else json.dumps(body).encode()
        headers = {"Authorization": f"token {token}", "Content-Type": "application/json"}
        request = urllib.request.Request(f"{address}/{path}", data, headers, method=method)  # noqa: S310 - always http on loopback
        with opener.open(request, timeout=30) as response:
            text = response.read()
        return json.loads(text) if text else None

    return ask


def _answers(ask: Ask) -> bool:
    try:
        ask("GET", "api/status", None)
    except OSError:
        return False
    return True


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
