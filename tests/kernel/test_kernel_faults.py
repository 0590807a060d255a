"""Kernels that die, leave or are replaced: noticed soon, and nothing is executed afterwards."""

import os
import signal
import time

import pytest

from jupyter_oci.errors import KernelDied, KernelRestarted, KernelUnresponsive
from jupyter_oci.events import ExecutionFinished, ExecutionStarted

NOTICED_WITHIN = 4.0


@pytest.mark.parametrize(
    "killer",
    [
        "import os; os._exit(1)",
        "import os, signal; os.kill(os.getpid(), signal.SIGKILL)",
        "import ctypes; ctypes.string_at(0)",
        "exit()",
        "quit()",
        "get_ipython().ask_exit()",
    ],
)
def test_code_that_ends_the_kernel_ends_the_session(mortal_kernel, drive, killer):
    session = mortal_kernel.session()
    began = time.monotonic()
    seen = drive(session.execute("cell", killer))
    assert isinstance(seen.error, KernelDied)
    assert time.monotonic() - began < NOTICED_WITHIN
    # A killed process may take along the message that the cell began; what began must end.
    assert len(seen.of(ExecutionFinished)) == len(seen.of(ExecutionStarted)) <= 1
    assert isinstance(drive(session.execute("cell", "after = 1")).error, KernelDied)
    assert session.variables() is None


def test_a_kernel_that_is_kept_by_quit_goes_on(kernel, drive):
    session = kernel.session()
    assert drive(session.execute("cell", "quit(keep_kernel=True)")).result.status == "ok"
    assert drive(session.execute("cell", "print('here')")).text == "here\n"


def test_a_kernel_killed_from_outside_while_our_code_runs_is_noticed(mortal_kernel, drive):
    def kill(seen):
        if seen.of(ExecutionStarted):
            os.kill(mortal_kernel.manager.provisioner.pid, signal.SIGKILL)
        return False

    seen = drive(mortal_kernel.session().execute("cell", "import time; time.sleep(60)"), KernelDied(""), kill)
    assert isinstance(seen.error, KernelDied)
    (finished,) = seen.of(ExecutionFinished)
    assert (finished.status, finished.ename, finished.evalue) == ("error", "KernelDied", str(seen.error))


def test_a_kernel_killed_while_we_wait_for_the_user_is_noticed(mortal_kernel, drive):
    mortal_kernel.user().execute("import time; time.sleep(60)")

    def kill(seen):
        if seen.events:
            os.kill(mortal_kernel.manager.provisioner.pid, signal.SIGKILL)
        return False

    seen = drive(mortal_kernel.session().execute("cell", "1"), KernelDied(""), kill)
    assert isinstance(seen.error, KernelDied)
    assert not seen.of(ExecutionStarted)


def test_a_restart_between_two_executions_is_noticed_before_anything_runs(mortal_kernel, drive):
    session = mortal_kernel.session()
    drive(session.execute("one", "x = 1"))
    mortal_kernel.manager.restart_kernel(now=True)
    seen = drive(session.execute("two", "ghost = 1"))
    assert isinstance(seen.error, KernelRestarted)
    assert mortal_kernel.value("'ghost' in globals()") == "False"
    assert session.variables() is None


def test_a_restart_is_told_by_the_messages_even_where_the_owner_does_not_tell(mortal_kernel, drive):
    mortal_kernel.control.incarnation = lambda: "always the same"
    session = mortal_kernel.session()
    drive(session.execute("one", "x = 1"))
    mortal_kernel.manager.restart_kernel(now=True)
    assert isinstance(drive(session.execute("two", "ghost = 1")).error, KernelRestarted)


def test_a_restart_while_our_code_runs_is_noticed(mortal_kernel, drive):
    def restart(seen):
        if seen.of(ExecutionStarted) and not seen.of(ExecutionFinished):
            mortal_kernel.manager.restart_kernel(now=True)
        return False

    seen = drive(mortal_kernel.session().execute("cell", "import time; time.sleep(60)"), KernelDied(""), restart)
    assert isinstance(seen.error, KernelRestarted)


def test_a_session_on_a_dead_kernel_says_so(mortal_kernel, drive):
    mortal_kernel.manager.shutdown_kernel(now=True)
    assert isinstance(drive(mortal_kernel.session().execute("cell", "1")).error, KernelDied)


OUT_OF_MEMORY = """
def full(parts, read=get_ipython().kernel.session.deserialize, **options):
    message = read(parts, **options)
    if message["header"]["msg_type"] == "execute_request":
        raise MemoryError
    return message

get_ipython().kernel.session.deserialize = full
"""


def test_code_that_a_kernel_without_memory_has_dropped_is_not_waited_for_for_ever(mortal_kernel, drive):
    session = mortal_kernel.session()
    assert drive(session.execute("cell", OUT_OF_MEMORY)).result.status == "ok"
    seen = drive(session.execute("cell", "1 + 1"))
    assert isinstance(seen.error, KernelUnresponsive)
    assert "memory" in str(seen.error)
    assert not seen.of(ExecutionStarted)
