"""Real model servers, each in a process of its own, as a user would start them."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import psutil

HERE = Path(__file__).parent
START_SECONDS = 240.0
IDLE_SECONDS = 20.0  # far less than the replies that are stopped would take


@dataclass(frozen=True)
class ModelServer:
    """A server: `base` is its URL, `model` its model's name, `key` opens it; `window` is set where it does not tell it."""

    base: str
    model: str
    key: str
    pid: int
    window: int | None = None

    @property
    def address(self) -> str:
        return f"{self.base}#{self.model}"

    def becomes_idle(self) -> bool:
        """Tell whether it stops working, by the CPU time that it takes."""
        process, end = psutil.Process(self.pid), time.monotonic() + IDLE_SECONDS
        while time.monotonic() < end:
            before = sum(process.cpu_times()[:2])
            time.sleep(0.5)
            if sum(process.cpu_times()[:2]) - before < 0.1:
                return True
        return False


@contextmanager
def llama_cpp(file: Path, key: str = "open-sesame", window: int = 4096) -> Iterator[ModelServer]:
    """Serve a GGUF file by llama.cpp."""
    port = free_port()
    command = [sys.executable, str(HERE / "serve_llama_cpp.py"), str(file), str(port), str(window), key]
    with _started(command, port) as process:
        yield ModelServer(f"http://127.0.0.1:{port}/v1", "tiny-coder", key, process.pid)


@contextmanager
def transformers_serve(folder: Path, home: Path) -> Iterator[ModelServer]:
    """Serve a folder of weights by transformers."""
    port = free_port()
    program = Path(sys.executable).with_name("transformers")
    options = ["--host", "127.0.0.1", "--port", str(port), "--device", "cpu"]
    (home / "hub").mkdir(parents=True)  # without a cache it cannot even list its models
    offline = {"HF_HUB_OFFLINE": "1", "HF_HOME": str(home)}
    with _started([str(program), "serve", str(folder), *options], port, offline) as process:
        yield ModelServer(f"http://127.0.0.1:{port}/v1", str(folder), "", process.pid, 32768)


def free_port() -> int:
    """Give a port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def _started(command: Sequence[str], port: int, variables: dict[str, str] | None = None) -> Iterator[subprocess.Popen[bytes]]:
    environment = {**os.environ, **(variables or {})}
    process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        _wait(process, f"http://127.0.0.1:{port}/health")
        yield process
    finally:
        process.kill()
        process.wait()


def _wait(process: subprocess.Popen[bytes], health: str) -> None:
    end = time.monotonic() + START_SECONDS
    while time.monotonic() < end and process.poll() is None:
        try:
            if httpx.get(health, timeout=5, trust_env=False).is_success:
                return
        except httpx.HTTPError:
            pass
        time.sleep(0.2)
    raise RuntimeError(f"{process.args!r} did not start (exit code {process.returncode})")
