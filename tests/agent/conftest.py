"""Drives the agent as a server would, with a real kernel and a model that says what it is told."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import pytest

from jupyter_oci.agent.loop import Agent
from jupyter_oci.config import AgentConfig
from jupyter_oci.errors import Stopped
from jupyter_oci.events import ApprovalRequested, Decision, RunEvent, RunFinished
from jupyter_oci.kernel.launch import launch_kernel
from jupyter_oci.kernel.session import KernelSession
from jupyter_oci.model.scripted import ScriptedModel
from jupyter_oci.request import Request

E = TypeVar("E")
REQUEST = Request("do it")


@dataclass
class Run:
    """The events of one run."""

    events: list[RunEvent] = field(default_factory=list)

    def of(self, kind: type[E]) -> list[E]:
        return [event for event in self.events if isinstance(event, kind)]

    @property
    def end(self) -> RunFinished:
        assert isinstance(self.events[-1], RunFinished)
        assert len(self.of(RunFinished)) == 1
        return self.events[-1]

    @property
    def ending(self) -> tuple[str, str]:
        return self.end.status, self.end.reason


def drive(
    agent: Agent,
    request: Request,
    decide: Callable[[ApprovalRequested], Decision] | None = None,
    stop_at: Callable[[RunEvent], bool] = lambda event: False,
) -> Run:
    """Run to the end; answer approvals after some waiting, throw Stopped at the event that `stop_at` names."""
    run, steps, answer = Run(), agent.run(request), None
    stopped = False
    while True:
        try:
            event = steps.throw(Stopped()) if stopped else steps.send(answer)
        except StopIteration:
            return run
        answer, stopped = None, False
        if event is None:
            continue
        run.events.append(event)
        if isinstance(event, ApprovalRequested) and decide:
            assert [steps.send(None) for _ in range(3)] == [None] * 3
            answer = decide(event)
        stopped = stop_at(event)


@pytest.fixture(scope="session")
def shared_kernel(tmp_path_factory: pytest.TempPathFactory) -> Iterator[KernelSession]:
    with launch_kernel(cwd=tmp_path_factory.mktemp("notebook")) as session:
        yield session


@pytest.fixture
def kernel(tmp_path: Path) -> Iterator[KernelSession]:
    """Give a kernel that the test may harm."""
    with launch_kernel(cwd=tmp_path) as session:
        yield session


@pytest.fixture
def ask(shared_kernel: KernelSession) -> Callable[..., Run]:
    """Ask with scripted replies; keywords are fields of AgentConfig (mode is auto unless given)."""

    def run(replies: Any, *, request: Request = REQUEST, edits: Any = None, **settings: Any) -> Run:
        driving = {key: settings.pop(key) for key in ("decide", "stop_at") if key in settings}
        window = settings.pop("window", 8192)
        config = AgentConfig(**{"mode": "auto", **settings})
        executor = settings.pop("executor", shared_kernel)
        agent = Agent(ScriptedModel(replies, window=window), executor, config, {} if edits is None else edits)
        return drive(agent, request, **driving)

    return run
