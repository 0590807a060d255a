"""A Jupyter server in a process of its own, and kernels that it started, as a page uses them."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import requests
from jupyter_client.blocking.client import BlockingKernelClient
from jupyter_server.auth import passwd

HANG = 60.0
SCRIPT = Path(__file__).with_name("scripted_server_config.py")
ANSI = re.compile(r"\x1b\[[\d;]*m")


@dataclass
class Cell:
    """What came of a cell."""

    status: str = ""
    outputs: list[dict[str, Any]] = field(default_factory=list)
    payload: list[dict[str, Any]] = field(default_factory=list)
    ename: str = ""

    @property
    def next_input(self) -> str | None:
        return next((item["text"] for item in self.payload if item["source"] == "set_next_input"), None)

    @property
    def text(self) -> str:
        """All that was shown, updates in place of what they update."""
        shown: dict[str, str] = {}
        for number, output in enumerate(self.outputs):
            content = output["content"]
            key = content.get("transient", {}).get("display_id") or str(number)
            if output["msg_type"] == "error":
                shown[key] = "\n".join(content["traceback"])
            else:
                shown[key] = content.get("text") or content.get("data", {}).get("text/plain", "")
        return ANSI.sub("", "\n".join(shown.values()))


class LiveKernel:
    """A client of a kernel."""

    def __init__(self, connection_file: Path, kernel_id: str) -> None:
        self.kernel_id = kernel_id
        self.client = BlockingKernelClient()
        self.client.load_connection_file(str(connection_file))
        self.client.hb_channel.time_to_dead = HANG  # a kernel that is slow on a busy machine is not dead
        self.client.start_channels()
        self.client.wait_for_ready(timeout=HANG)

    def close(self) -> None:
        self.client.stop_channels()

    def send(self, source: str, cell_id: str | None = "asking-cell") -> str:
        """Send a cell as a notebook page does (without an id: as nbconvert does)."""
        content = {"code": source, "silent": False, "store_history": True, "user_expressions": {}, "allow_stdin": False}
        metadata = {"cellId": cell_id} if cell_id else {}
        message = self.client.session.msg("execute_request", {**content, "stop_on_error": True}, metadata=metadata)
        self.client.shell_channel.send(message)
        return str(message["header"]["msg_id"])

    def run(
        self, source: str, cell_id: str | None = "asking-cell", when: Callable[[Cell], bool] | None = None, then: Any = None
    ) -> Cell:
        """Run a cell to its end; do `then` once, as soon as `when` says so of what was shown."""
        sent, cell, until = self.send(source, cell_id), Cell(), time.monotonic() + HANG
        while time.monotonic() < until:
            message = self.client.get_iopub_msg(timeout=HANG)
            if message["parent_header"].get("msg_id") != sent:
                continue
            if message["msg_type"] == "status" and message["content"]["execution_state"] == "idle":
                break
            if message["msg_type"] in ("stream", "display_data", "update_display_data", "execute_result", "error"):
                cell.outputs.append(message)
            if when is not None and when(cell):
                when = None
                then()
        reply = self._reply(sent)
        cell.status, cell.payload = reply["status"], reply.get("payload", [])
        cell.ename = reply.get("ename", "")
        return cell

    def completions(self, text: str) -> list[str]:
        sent = self.client.complete(text, len(text))
        return list(self._reply(sent)["matches"])

    def _reply(self, sent: str) -> dict[str, Any]:
        while True:
            reply = self.client.get_shell_msg(timeout=HANG)
            if reply["parent_header"].get("msg_id") == sent:
                return dict(reply["content"])


class LiveServer:
    """A server, and a logged-in user of it."""

    def __init__(self, url: str, runtime_dir: Path, process: subprocess.Popen[bytes], session: requests.Session) -> None:
        self.url = url
        self.runtime_dir = runtime_dir
        self.process = process
        self.http = session
        self.kernels: list[LiveKernel] = []

    def call(self, method: str, route: str, **options: Any) -> requests.Response:
        headers = {"X-XSRFToken": self.http.cookies.get("_xsrf") or ""} | options.pop("headers", {})
        return self.http.request(method, self.url + route, headers=headers, timeout=HANG, **options)

    def json(self, method: str, route: str, **options: Any) -> Any:
        answer = self.call(method, route, **options)
        assert answer.ok, answer.text
        return answer.json()

    def notebook(self, path: str = "nb.ipynb", kind: str = "notebook") -> LiveKernel:
        """Start a kernel with its session."""
        asked = {"path": path, "name": path, "type": kind, "kernel": {"name": "python3"}}
        kernel_id = self.json("POST", "api/sessions", json=asked)["kernel"]["id"]
        kernel = LiveKernel(self.runtime_dir / f"kernel-{kernel_id}.json", kernel_id)
        self.kernels.append(kernel)
        kernel.run("%load_ext jupyter_oci")
        return kernel

    def interrupt(self, kernel: LiveKernel) -> None:
        self.call("POST", f"api/kernels/{kernel.kernel_id}/interrupt")

    def finished_run(self, path: str = "nb.ipynb") -> dict[str, Any]:
        """Wait for the notebook's only run to end; give it with its events."""
        until = time.monotonic() + HANG
        while time.monotonic() < until:
            (card,) = self.json("GET", "jupyter-oci/runs", params={"path": path})["runs"]
            if card["status"] != "running":
                return self.json("GET", f"jupyter-oci/runs/{card['run_id']}")
            time.sleep(0.05)
        raise AssertionError("the run hangs")

    def idle_model(self) -> float:
        """Wait until nothing is generated; give the seconds that it took."""
        began = time.monotonic()
        while (self.runtime_dir / "generating").exists():
            assert time.monotonic() - began < HANG
            time.sleep(0.01)
        return time.monotonic() - began


@contextmanager
def live_server(
    folder: Path,
    *,
    token: str = "",
    password: str = "",
    base_url: str = "/",
    runtime_dir: Path | None = None,
    hint_only: bool = False,
) -> Iterator[LiveServer]:
    """Start a server that hosts a scripted model, and log in."""
    runtime_dir = runtime_dir or folder / "runtime"
    port = _free_port()
    environment = {**os.environ, "JUPYTER_RUNTIME_DIR": str(runtime_dir), "JUPYTER_DATA_DIR": str(folder / "data")}
    environment |= {"TEST_HINT_ONLY": "yes"} if hint_only else {}
    environment |= {"HTTP_PROXY": "http://127.0.0.1:1", "http_proxy": "http://127.0.0.1:1"}  # nobody may use it
    arguments = [f"--IdentityProvider.token={token}", f"--ServerApp.port={port}", f"--ServerApp.base_url={base_url}"]
    if password:
        arguments.append(f"--PasswordIdentityProvider.hashed_password={passwd(password)}")
    command = [sys.executable, "-m", "jupyter_server", "--allow-root", "--no-browser", f"--config={SCRIPT}", *arguments]
    notebooks = folder / "notebooks"
    notebooks.mkdir(parents=True)
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(command, cwd=notebooks, env=environment, stdout=log, stderr=log)
        session = requests.Session()
        session.trust_env = False
        server = LiveServer(f"http://127.0.0.1:{port}{base_url}", runtime_dir, process, session)
        try:
            _log_in(server, token, password)
            yield server
        finally:
            for kernel in server.kernels:
                kernel.close()
            process.send_signal(signal.SIGTERM)
            process.wait(HANG)
            session.close()


def _log_in(server: LiveServer, token: str, password: str) -> None:
    until = time.monotonic() + HANG
    while True:
        try:
            server.http.get(server.url + "login", timeout=HANG)
            break
        except requests.ConnectionError:
            assert server.process.poll() is None, "the server did not start"
            assert time.monotonic() < until
            time.sleep(0.1)
    if token:
        server.http.headers["Authorization"] = f"token {token}"
    if password:
        fields = {"_xsrf": server.http.cookies["_xsrf"], "password": password}
        server.http.post(server.url + "login", data=fields, timeout=HANG)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
