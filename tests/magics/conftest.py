"""Real servers with a token, with a password under a base URL; their kernels; plain IPython shells."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from IPython.core.interactiveshell import InteractiveShell
from traitlets.config import Config

from jupyter_oci.model.scripted import ScriptedModel

from .live import LiveKernel, LiveServer, live_server

SERVERS = {
    "token": {"token": "t0k3n"},
    "password": {"password": "pa55"},
    "base URL": {"token": "t0k3n", "base_url": "/some/where/"},
}


@pytest.fixture(scope="session", params=SERVERS)
def any_server(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveServer]:
    """Each way to log in."""
    with live_server(tmp_path_factory.mktemp("server"), **SERVERS[request.param]) as server:
        yield server


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveServer]:
    with live_server(tmp_path_factory.mktemp("server"), password="pa55", base_url="/base/") as server:
        yield server


@pytest.fixture(scope="session")
def hinting_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveServer]:
    """Allows nothing but hints."""
    with live_server(tmp_path_factory.mktemp("server"), token="t0k3n", hint_only=True) as server:
        yield server


@pytest.fixture
def kernel(server: LiveServer, request: pytest.FixtureRequest) -> LiveKernel:
    """A notebook of the test's own, with the extension loaded."""
    return server.notebook(f"{request.node.name}.ipynb")


@pytest.fixture
def make_shell(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., InteractiveShell]]:
    """Make a plain IPython with the magics and a scripted model."""

    def make(script: Any) -> InteractiveShell:
        config = Config()
        config.OCIMagics.model_factory = lambda _: ScriptedModel(script)
        config.HistoryManager.enabled = False
        config.InteractiveShell.ipython_dir = str(tmp_path)
        config.InteractiveShell.colors = "nocolor"
        InteractiveShell.clear_instance()  # IPython keeps one in a process: tests of other folders may have left theirs
        monkeypatch.setattr(sys.stdin, "isatty", lambda: True)
        shell = InteractiveShell.instance(config=config)
        assert shell.run_cell("%load_ext jupyter_oci", store_history=True).success
        return shell

    yield make
    if InteractiveShell.initialized():
        InteractiveShell.instance().run_cell("%unload_ext jupyter_oci")
        InteractiveShell.clear_instance()
