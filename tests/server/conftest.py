"""A real server with our extension, a scripted model, real kernels, and a page that talks to them."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import Any

import pytest
from page import Page, code
from pytest_jupyter.jupyter_server import *  # noqa: F403 - its fixtures and hooks, for this folder only
from tornado.httpclient import HTTPClientError
from traitlets.config import Config

from jupyter_oci.model.scripted import ScriptedModel


@pytest.fixture
def script() -> dict[str, list[str]]:
    """Give the replies of the model, by words of the request."""
    return {
        "fail": [code("1 / 0"), code("print('repaired')"), "Repaired."],
        "hold": [code("held = [1, 2]"), "Held."],
        "sleep": [code("print('asleep', flush=True)\nimport time\ntime.sleep(600)"), "Awake."],
        "long": [code("import time\ntime.sleep(5)\nprint('came to its end')"), "Long."],
        "talk": ["word " * 400],
        "die": [
            code("import os, time\nprint('!', flush=True)\ntime.sleep(1)\nos.kill(os.getpid(), 9)"),
            "Done.",
        ],
        "flood": [code("for i in range(300):\n    print('x' * 10_000, flush=True)"), "Much."],
        "": [code("print('hello', 6 * 7)"), "It printed 42."],
    }


@pytest.fixture
def delay() -> float:
    """Give the seconds between two tokens."""
    return 0.0


@pytest.fixture
def settings() -> dict[str, Any]:
    """Give what the administrator sets."""
    return {"mode": "auto"}


@pytest.fixture
def jp_server_config(script: Any, delay: float, settings: dict[str, Any], tmp_path: Any) -> Config:
    own = {
        "model_factory": lambda config: ScriptedModel(script, delay=delay),
        "journal_dir": str(tmp_path / "journal"),
        "cache_dir": str(tmp_path / "models"),
        **settings,
    }
    server = {
        "jpserver_extensions": {"jupyter_oci": True, "jupyter_server_terminals": False},
        "allow_unauthenticated_access": False,
    }
    return Config({"ServerApp": server, "OCIApp": own})


@pytest.fixture
def notebook(jp_fetch: Any, jp_asyncio_loop: Any) -> Any:
    """Open notebooks with kernels: call it with a path to get the session; all are closed at the end."""
    run = jp_asyncio_loop.run_until_complete
    opened: list[str] = []

    async def start(path: str) -> dict[str, Any]:
        asked = {"path": path, "type": "notebook", "name": path, "kernel": {"name": "python3"}}
        session = json.loads((await jp_fetch("api", "sessions", method="POST", body=json.dumps(asked))).body)
        opened.append(session["id"])
        return session

    yield start
    for session_id in opened:
        with suppress(HTTPClientError):  # a test may have shut its kernel down
            run(jp_fetch("api", "sessions", session_id, method="DELETE"))


@pytest.fixture
def session(notebook: Any, jp_asyncio_loop: Any) -> dict[str, Any]:
    """Open a notebook."""
    return jp_asyncio_loop.run_until_complete(notebook("nb.ipynb"))


@pytest.fixture
def page(jp_fetch: Any, jp_ws_fetch: Any, session: dict[str, Any]) -> Page:
    """Open the page of the notebook."""
    return Page(jp_fetch, jp_ws_fetch, session["kernel"]["id"], "nb.ipynb")
