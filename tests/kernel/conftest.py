"""Real kernels, a session on each, and a second client that stands for the user's own tab."""

from __future__ import annotations

import time
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

import pytest
from jupyter_client.blocking.client import BlockingKernelClient
from jupyter_client.manager import KernelManager

from jupyter_oci.config import KernelConfig
from jupyter_oci.events import KernelOutput, RunEvent
from jupyter_oci.kernel.base import ExecutionResult
from jupyter_oci.kernel.launch import OwnKernel
from jupyter_oci.kernel.session import KernelSession

PATIENCE = 30.0


@dataclass
class Drive:
    """One execution, stepped to its end or into an error."""

    events: list[RunEvent] = field(default_factory=list)
    result: ExecutionResult | None = None
    error: BaseException | None = None
    longest_step: float = 0.0

    def of(self, kind: type) -> list[Any]:
        return [event for event in self.events if isinstance(event, kind)]

    @property
    def text(self) -> str:
        messages = [event.message for event in self.of(KernelOutput)]
        return "".join(m["content"].get("text", "") for m in messages if m["msg_type"] == "stream")


def drive(
    steps: Generator[RunEvent | None, None, ExecutionResult],
    throw: BaseException | None = None,
    when: Callable[[Drive], bool] = lambda seen: False,
) -> Drive:
    """Step to the end; throw once, as soon as `when` says so of what has been seen."""
    seen, thrown, until = Drive(), False, time.monotonic() + PATIENCE
    try:
        while True:
            assert time.monotonic() < until, "the execution hangs"
            began = time.monotonic()
            if not thrown and throw is not None and when(seen):
                thrown = True
                event = steps.throw(throw)
            else:
                event = next(steps)
            seen.longest_step = max(seen.longest_step, time.monotonic() - began)
            if event is not None:
                seen.events.append(event)
    except StopIteration as end:
        seen.result = end.value
    except Exception as error:
        seen.error = error
    return seen


class Kernel:
    """A kernel of a test, as the server has it."""

    def __init__(self) -> None:
        self.manager = KernelManager(kernel_name="python3")
        self.manager.start_kernel()
        self.control = OwnKernel(self.manager)
        self._clients: list[BlockingKernelClient] = []
        self._sessions: list[KernelSession] = []

    def session(self, is_limited: Callable[[], bool] = lambda: True, **settings: Any) -> KernelSession:
        session = KernelSession(self.manager.get_connection_info(), self.control, KernelConfig(**settings), is_limited)
        self._sessions.append(session)
        return session

    def run(self, source: str) -> ExecutionResult:
        with self.session() as session:
            result = drive(session.execute("setup", source)).result
        assert result is not None
        return result

    def value(self, expression: str) -> str:
        (output,) = self.run(expression).outputs
        return str(output["data"]["text/plain"])

    def user(self) -> BlockingKernelClient:
        own = self.manager.session.clone()
        own.session = uuid4().hex
        client = self.manager.client(session=own)
        client.start_channels()
        client.wait_for_ready(timeout=PATIENCE)
        self._clients.append(client)
        return client

    def end_guests(self) -> None:
        for guest in (*self._sessions, *self._clients):
            guest.close() if isinstance(guest, KernelSession) else guest.stop_channels()
        self._sessions.clear()
        self._clients.clear()

    def close(self) -> None:
        self.end_guests()
        self.manager.shutdown_kernel(now=True)


@pytest.fixture(scope="session")
def shared_kernel() -> Iterator[Kernel]:
    kernel = Kernel()
    yield kernel
    kernel.close()


@pytest.fixture
def kernel(shared_kernel: Kernel) -> Iterator[Kernel]:
    """A kernel that the test leaves alive and idle."""
    yield shared_kernel
    shared_kernel.end_guests()


@pytest.fixture
def mortal_kernel() -> Iterator[Kernel]:
    """A kernel that the test may kill."""
    kernel = Kernel()
    yield kernel
    kernel.close()


@pytest.fixture(name="drive")
def drive_fixture() -> Callable[..., Drive]:
    return drive


@pytest.fixture
def fresh(kernel):
    kernel.run("__import__('IPython').get_ipython().reset()")
    return kernel
