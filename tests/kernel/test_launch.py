"""A kernel of our own."""

import os
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

import jupyter_oci
from jupyter_oci.errors import KernelNotFound
from jupyter_oci.kernel.launch import launch_kernel

SCRIPT = """
from pathlib import Path
from jupyter_oci.kernel.launch import launch_kernel
with launch_kernel(cwd=Path('.')) as session:
    for event in session.execute('cell', 'import os; print(os.getpid())'):
        if event is not None and event.type == 'kernel_output':
            print(event.message['content']['text'], end='')
"""


def test_it_works_in_its_directory_and_is_gone_afterwards(tmp_path, drive):
    with launch_kernel(cwd=tmp_path) as session:
        seen = drive(session.execute("cell", "import os; print(os.getpid()); print(os.getcwd())"))
        pid, cwd = seen.text.split()
        assert psutil.pid_exists(int(pid))
    assert cwd == str(tmp_path)
    assert not psutil.pid_exists(int(pid))


def test_an_error_in_the_block_shuts_the_kernel_down_too(tmp_path, drive):
    pids = []

    def fail_inside():
        with launch_kernel(cwd=tmp_path) as session:
            pids.append(int(drive(session.execute("cell", "import os; print(os.getpid())")).text))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail_inside()
    assert not psutil.pid_exists(pids[0])


def test_a_program_that_used_one_ends_by_itself(tmp_path):
    env = {**os.environ, "PYTHONPATH": str(Path(jupyter_oci.__file__).parents[1])}
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", SCRIPT],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
        cwd=tmp_path,
        env=env,
    )
    assert not psutil.pid_exists(int(done.stdout))
    assert done.stderr == ""


def test_a_kernel_that_is_not_installed_is_named(tmp_path):
    with pytest.raises(KernelNotFound, match="no-such-kernel"), launch_kernel(cwd=tmp_path, kernel_name="no-such-kernel"):
        pass
