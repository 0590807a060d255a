"""What the scripts run gets the time that it needs to end."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPTS = Path(__file__).parents[2] / "scripts"
PARENT = "import sys; from commands import exit_code; code = exit_code(sys.executable, '-c', sys.argv[1]); print('went on', code)"
CHILD = """
import sys, time
try:
    print("begun", flush=True)
    time.sleep(600)
except KeyboardInterrupt:
    time.sleep(2)
    print("ended", flush=True)
    sys.exit({code})
"""


@pytest.mark.skipif(sys.platform == "win32", reason="there are no process groups that take SIGINT")
@pytest.mark.parametrize(("code", "parents"), [(0, 0), (1, 130)])
def test_ctrl_c_waits_for_the_command_and_ends_what_asked_for_it(code: int, parents: int) -> None:
    command = [sys.executable, "-c", PARENT, CHILD.format(code=code)]
    streams = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    with subprocess.Popen(command, cwd=SCRIPTS, start_new_session=True, **streams) as process:
        try:
            assert process.stdout is not None
            assert process.stdout.readline() == "begun\n"
            os.killpg(process.pid, signal.SIGINT)
            assert process.communicate(timeout=60) == ("ended\n", "")
            assert process.returncode == parents
        finally:
            process.kill()
