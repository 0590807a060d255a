"""Real kernels, and a model that says what it is told."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from jupyter_oci.agent.loop import Agent
from jupyter_oci.config import AgentConfig
from jupyter_oci.kernel.launch import launch_kernel
from jupyter_oci.kernel.session import KernelSession
from jupyter_oci.model.scripted import ScriptedModel
from jupyter_oci.request import Request

from .driving import Run, drive
from .fixing import Notebook

REQUEST = Request("do it")


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
def notebook(kernel: KernelSession) -> Notebook:
    return Notebook(kernel)


@pytest.fixture
def ask(shared_kernel: KernelSession) -> Callable[..., Run]:
    """Ask with scripted replies; keywords are fields of AgentConfig (mode is auto unless given, or as `live` gives it)."""

    def run(replies: Any, *, request: Request = REQUEST, edits: Any = None, **settings: Any) -> Run:
        driving = {key: settings.pop(key) for key in ("decide", "stop_at") if key in settings}
        window = settings.pop("window", 8192)
        executor = settings.pop("executor", shared_kernel)
        live = settings.pop("live", None)
        config = AgentConfig(**{"mode": "auto", **settings})
        agent = Agent(ScriptedModel(replies, window=window), executor, config, {} if edits is None else edits, live)
        return drive(agent, request, **driving)

    return run
