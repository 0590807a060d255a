"""What the model's process may not do, tried from within a confined process."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from jupyter_oci.model.confine import active
from jupyter_oci.model.probe import probe
from jupyter_oci.model.readable import readable_paths

pytestmark = pytest.mark.skipif(not active()["writes"], reason="this kernel has no Landlock")

CONFINED = """
import os, socket, sys
from pathlib import Path
from jupyter_oci.model.confine import confine
from jupyter_oci.model.isolation import leave_network
from jupyter_oci.model.readable import listable_paths, readable_paths
own, other, model = map(Path, sys.argv[1:4])
{first}
def attempt(action):
    try:
        action()
    except OSError as error:
        return type(error).__name__
    return "done"
print(attempt(lambda: {action}))
"""


LANDLOCK = "assert confine([own], readable_paths([model]), listable_paths([model]))"
OF_A_FILE = "model = other / 'notebook.ipynb'; (other / 'diary.txt').touch(); " + LANDLOCK
NO_NETWORK = "sys.exit(0) if not leave_network() else None"


def attempt(tmp_path: Path, action: str, first: str = LANDLOCK) -> str:
    own, other, model = (tmp_path / name for name in ("own", "other", "model"))
    for folder in (own, other, model, tmp_path / "blobs"):
        folder.mkdir()
    (other / "notebook.ipynb").write_text("{}")
    (tmp_path / "blobs" / "weights").write_text("weights")
    (model / "model.safetensors").symlink_to(tmp_path / "blobs" / "weights")  # as in the cache of the hub's own library
    code = CONFINED.replace("{action}", action).replace("{first}", first)
    command = [sys.executable, "-c", code, *map(str, (own, other, model))]
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


def test_an_entry_of_the_path_that_cannot_be_opened_leaves_it_confined(tmp_path: Path):
    below_a_file = "sys.path.append(str(other / 'notebook.ipynb' / 'packages')); "
    assert attempt(tmp_path, "(other / 'notebook.ipynb').read_text()", below_a_file + LANDLOCK) == "PermissionError"


@pytest.mark.parametrize(
    "action",
    [
        "(own / 'packed').mkdir()",
        "(own / 'x').write_text('x')",
        "(model / 'model.safetensors').read_text()",
        "__import__('psutil').Process().cpu_times()",
        "__import__('psutil').virtual_memory()",
        "__import__('wave')",
        "Path('/dev/null').write_bytes(b'x')",
        "Path('/dev/urandom').open('rb').read(1)",
        "Path('/proc/self/task', str(os.getpid()), 'comm').write_text('renamed')",
        "__import__('tqdm').tqdm.get_lock()",
    ],
)
def test_it_can_do_its_work(tmp_path: Path, action: str):
    assert attempt(tmp_path, action) == "done"


@pytest.mark.parametrize(
    "action",
    [
        "(other / 'notebook.ipynb').read_text()",
        "list(other.iterdir())",
        "Path('/proc', str(os.getppid()), 'environ').read_bytes()",
        "Path('/etc/hostname').read_text()",
        "list(Path('/dev/pts').iterdir())",
        "os.open('/dev/ptmx', os.O_RDWR)",
    ],
)
def test_it_cannot_read_what_is_not_its_own(tmp_path: Path, action: str):
    assert attempt(tmp_path, action) == "PermissionError"


@pytest.fixture
def shared() -> Iterator[Path]:
    """Give a file in the memory that processes share."""
    if not os.access("/dev/shm", os.W_OK):
        pytest.skip("this system has no shared memory in files")
    with tempfile.NamedTemporaryFile(dir="/dev/shm") as file:
        file.write(b"another's")
        file.flush()
        yield Path(file.name)


@pytest.mark.parametrize("action", ["read_bytes()", "write_bytes(b'overwritten')", "unlink()", "with_suffix('.new').touch()"])
def test_other_processes_shared_memory_is_closed_to_it(tmp_path: Path, shared: Path, action: str):
    assert attempt(tmp_path, f"Path({str(shared)!r}).{action}") == "PermissionError"
    assert shared.read_bytes() == b"another's"


@pytest.mark.skipif(not active()["tcp"], reason="this kernel's Landlock does not know TCP")
@pytest.mark.parametrize("action", ["socket.create_connection(('127.0.0.1', 9))", "socket.socket().bind(('127.0.0.1', 0))"])
def test_it_cannot_speak_tcp(tmp_path: Path, action: str):
    assert attempt(tmp_path, action) == "PermissionError"


@pytest.mark.skipif(not active()["signals"], reason="this kernel's Landlock does not know signals")
def test_it_cannot_signal_the_server(tmp_path: Path):
    assert attempt(tmp_path, "os.kill(os.getppid(), 0)") == "PermissionError"


@pytest.mark.parametrize(
    "action",
    [
        "socket.create_connection(('127.0.0.1', 9), 2)",
        "socket.socket(type=socket.SOCK_DGRAM).sendto(b'', ('127.0.0.1', 9))",
        "socket.socket(type=socket.SOCK_DGRAM).sendto(b'', ('192.0.2.1', 53))",
    ],
)
def test_in_a_network_of_its_own_it_reaches_nothing(tmp_path: Path, action: str):
    said = attempt(tmp_path, action, NO_NETWORK)
    if not said:
        pytest.skip("this system lets nobody make a network of their own")
    assert said == "OSError"  # unreachable, not refused: nobody is there


@pytest.mark.parametrize(
    ("action", "said"),
    [
        ("list(other.iterdir())", "done"),
        ("(other / 'notebook.ipynb').read_text()", "done"),
        ("(other / 'diary.txt').read_text()", "PermissionError"),
    ],
)
def test_of_what_lies_beside_a_file_of_weights_it_sees_the_names_alone(tmp_path: Path, action: str, said: str):
    assert attempt(tmp_path, action, OF_A_FILE) == said


def test_a_model_that_is_a_file_brings_the_notes_beside_it_and_nothing_else(tmp_path: Path):
    for name in ("mine.gguf", "origin.json", "chat_template.jinja", "credentials.json", "diary.txt"):
        (tmp_path / name).touch()
    readable = [path for path in readable_paths([tmp_path / "mine.gguf"]) if path.exists()]
    assert {path.name for path in readable if path.parent == tmp_path} == {"mine.gguf", "origin.json", "chat_template.jinja"}
    assert tmp_path not in readable


def test_what_is_said_to_be_refused_was_tried_in_a_process_like_the_models_own():
    found = probe()
    kernel = active()
    files = ("reading your files", "reading what lies beside a model", "writing among your files")
    assert all(found[name] for name in (*files, "terminals", "secrets in its environment"))
    assert found.get("other processes' shared memory", True)
    assert ("other processes' shared memory" in found) == os.access("/dev/shm", os.W_OK)
    assert found["TCP"] or not kernel["tcp"]
    assert found["signals to other processes"] == kernel["signals"]
