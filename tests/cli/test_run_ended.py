"""`jupyter oci run` is ended from outside: by signals, by a terminal that closes, by a reader that goes away."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

import nbformat
import pytest
from nbformat import NotebookNode, v4


@pytest.fixture
def path(tmp_path: Path) -> Path:
    file = tmp_path / "work.ipynb"
    nbformat.write(v4.new_notebook(cells=[v4.new_code_cell("number = 21")]), file)
    return file


def read(file: Path) -> NotebookNode:
    return nbformat.read(file, 4)


PROGRAM = """
import signal
import sys
from jupyter_oci.cli import main
from jupyter_oci.model.scripted import ScriptedModel

code = {code!r}
if hasattr(signal, "SIGHUP"):
    signal.signal(signal.SIGHUP, signal.SIG_DFL)  # the tests may run under nohup
sys.exit(main(sys.argv[1:], model_factory=lambda config: ScriptedModel([f"```python\\n{{code}}\\n```"])))
"""


@contextmanager
def waiting(path: Path, code: str, *options: str, **streams: Any) -> Iterator[subprocess.Popen[str]]:
    """Run the command line in a process of its own, with a model that writes `code`; it is ended in any case."""
    command = [sys.executable, "-c", PROGRAM.format(code=code), "run", str(path), "wait", "--json", *options]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, **streams) as process:
        try:
            yield process
            process.wait(30)
        finally:
            process.kill()


def until_it_prints(process: subprocess.Popen[str]) -> IO[str]:
    """Read events up to the first output; give the rest of them."""
    assert process.stdout is not None
    while json.loads(process.stdout.readline())["type"] != "kernel_output":
        pass
    return process.stdout


ENDINGS = {
    "Ctrl+C": ["SIGINT"],
    "timeout": ["SIGTERM", "SIGTERM"],  # it signals the command, then its group
    "closed terminal": ["SIGHUP"],
}


@pytest.mark.skipif(sys.platform == "win32", reason="there are no such signals")
@pytest.mark.parametrize("signals", ENDINGS.values(), ids=ENDINGS)
def test_an_end_from_outside_stops_the_run_and_writes_what_there_is(path: Path, signals: list[str]) -> None:
    code = "import time\nprint('begun', flush=True)\ntime.sleep(600)"
    with waiting(path, code, stderr=subprocess.DEVNULL) as process:
        events = until_it_prints(process)
        for name in signals:
            process.send_signal(signal.Signals[name])
        last = json.loads(events.readlines()[-1])
    assert (last["type"], last["status"], process.returncode) == ("run_finished", "stopped", 1)
    assert "begun" in json.dumps(read(path).cells[1].outputs)


def test_a_second_interrupt_ends_the_run_at_once_and_writes_what_there_is(path: Path) -> None:
    code = """import time
print("begun", flush=True)
while True:
    try:
        time.sleep(600)
    except KeyboardInterrupt:
        print("goes on", flush=True)"""
    with waiting(path, code, stderr=subprocess.DEVNULL) as process:
        assert process.stdout is not None
        for line in process.stdout:
            if json.loads(line)["type"] == "kernel_output":
                process.send_signal(signal.SIGINT)
    assert process.returncode == 130
    assert "goes on" in json.dumps(read(path).cells[1].outputs)


def test_a_run_that_nobody_reads_any_more_ends_quietly_and_writes_what_there_is(path: Path) -> None:
    code = "import time\nfor number in range(600):\n    print(number, flush=True)\n    time.sleep(0.1)"
    with waiting(path, code, stderr=subprocess.PIPE) as process:
        events = until_it_prints(process)
        events.close()
        assert process.stderr is not None
        said = process.stderr.read()
    assert (process.returncode, said) == (1, f"Written to {path}.\n")
    assert "0\n1\n" in read(path).cells[1].outputs[0].text


@pytest.mark.skipif(sys.platform == "win32", reason="there are no pseudo-terminals")
def test_an_interrupt_at_a_question_stops_the_run_and_writes_what_there_is(path: Path) -> None:
    controller, terminal = os.openpty()
    with waiting(path, "number += 1", "--ask", stdin=terminal, stderr=terminal) as process:
        assert process.stdout is not None
        shown = b""
        while b"Run it?" not in shown:
            shown += os.read(controller, 4096)
        time.sleep(1)  # the question is there a moment before its answer is read
        process.send_signal(signal.SIGINT)
        last = json.loads(process.stdout.readlines()[-1])
    assert (last["type"], last["status"], process.returncode) == ("run_finished", "stopped", 1)
    assert [cell.source for cell in read(path).cells] == ["number = 21", "number += 1"]
