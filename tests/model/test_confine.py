"""What the model's process may not do, tried from within a confined process."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from jupyter_oci.model.confine import active

pytestmark = pytest.mark.skipif(not active()["writes"], reason="this kernel has no Landlock")

CONFINED = """
import os, socket, sys
from pathlib import Path
from jupyter_oci.model.confine import confine
own, other = map(Path, sys.argv[1:3])
assert confine([own])
def attempt(action):
    try:
        action()
    except OSError as error:
        return type(error).__name__
    return "done"
print(attempt(lambda: {action}))
"""


def attempt(tmp_path: Path, action: str) -> str:
    own, other = tmp_path / "own", tmp_path / "other"
    own.mkdir()
    other.mkdir()
    (other / "notebook.ipynb").write_text("{}")
    command = [sys.executable, "-c", CONFINED.replace("{action}", action), str(own), str(other)]
    done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=Path(__file__).parents[2])
    return done.stdout.strip()


@pytest.mark.parametrize(
    "action",
    [
        "(other / 'notebook.ipynb').write_text('overwritten')",
        "(other / 'new').touch()",
        "(other / 'notebook.ipynb').unlink()",
        "(other / 'notebook.ipynb').rename(own / 'stolen')",
        "os.truncate(other / 'notebook.ipynb', 0)",
    ],
)
def test_it_cannot_change_the_users_files(tmp_path: Path, action: str):
    assert attempt(tmp_path, action) in ("PermissionError", "OSError")
    assert (tmp_path / "other" / "notebook.ipynb").read_text() == "{}"


@pytest.mark.parametrize(
    "action", ["(own / 'packed').mkdir()", "(own / 'x').write_text('x')", "(other / 'notebook.ipynb').read_text()"]
)
def test_it_can_do_its_work(tmp_path: Path, action: str):
    assert attempt(tmp_path, action) == "done"


@pytest.mark.skipif(not active()["tcp"], reason="this kernel's Landlock does not know TCP")
@pytest.mark.parametrize("action", ["socket.create_connection(('127.0.0.1', 9))", "socket.socket().bind(('127.0.0.1', 0))"])
def test_it_cannot_speak_tcp(tmp_path: Path, action: str):
    assert attempt(tmp_path, action) == "PermissionError"


@pytest.mark.skipif(not active()["signals"], reason="this kernel's Landlock does not know signals")
def test_it_cannot_signal_the_server(tmp_path: Path):
    assert attempt(tmp_path, "os.kill(os.getppid(), 0)") == "PermissionError"
