"""Runs that end with their code as it is: it asks for input, ends itself, runs too long or is interrupted."""

from __future__ import annotations

import pytest

from jupyter_oci.config import KernelConfig
from jupyter_oci.events import (
    ExecutionFinished,
    ExecutionStarted,
    FeedbackGiven,
    KernelOutput,
    SourceFinished,
)
from jupyter_oci.kernel.launch import launch_kernel
from jupyter_oci.request import Cell, Request

from .driving import block
from .fixing import Notebook, run_it, said


def test_an_interrupt_by_the_user_ends_the_run(ask):
    run = ask([block("raise KeyboardInterrupt"), block("print('unasked')")])
    assert run.ending == ("stopped", "interrupted")
    assert run.of(ExecutionFinished)[0].status == "interrupted"
    assert len(run.of(ExecutionStarted)) == 1


def test_code_that_asks_for_input_is_left_as_it_is_for_the_user_to_run(ask):
    code = "def guess():\n    return int(input('Guess: '))\nguess()"
    run = ask([block(code), block("guess = 5")], request=Request("Write a guessing game with input()"))
    assert run.ending == ("done", "asks_input")
    assert [event.source for event in run.of(ExecutionStarted)] == [code]
    assert run.of(SourceFinished)[-1].source == code


@pytest.mark.parametrize("code", ["0", "None", "", "False"])
def test_a_script_that_ends_itself_well_is_no_failure(ask, code):
    run = ask([block(f"import sys\nprint('hi')\nsys.exit({code})"), "It says hi."])
    assert run.ending == ("done", "answered")
    assert run.of(ExecutionFinished)[0].status == "ok"
    assert [event.message["content"] for event in run.of(KernelOutput)] == [{"name": "stdout", "text": "hi\n"}]
    assert "SystemExit" not in run.of(FeedbackGiven)[0].text
    assert "To exit" not in run.of(FeedbackGiven)[0].text


def test_a_script_that_ends_itself_for_an_error_is_revised(ask):
    run = ask([block("import sys\nsys.exit('no data')"), block("print(1)"), "It is 1."])
    assert run.ending == ("done", "answered")
    assert "SystemExit: no data" in run.of(FeedbackGiven)[0].text


def test_a_script_that_reads_a_command_line_reads_an_empty_one(ask):
    parser = "import argparse\ndef main():\n    p = argparse.ArgumentParser()\n    p.add_argument('--n', default=3)\n"
    code = f"{parser}    return p.{{}}.n\nmain()"
    run = ask([block(code.format("parse_args()")), "It is 3."])
    assert run.ending == ("done", "answered")
    assert run.of(SourceFinished)[-1].source == code.format("parse_args([])")


def test_an_exit_within_a_check_is_no_check_that_holds(ask):
    request = Request("Write double.\nassert double(2) == 4")
    run = ask([block("import sys\ndef double(x):\n    sys.exit(0)")], request=request, max_rounds=1)
    assert run.ending == ("gave_up", "round_limit")


TRAINING = "import time\nfor epoch in range(20):\n    time.sleep(0.2)"


@pytest.fixture
def hurried(tmp_path):
    """Give a kernel in which a cell may run for a second."""
    with launch_kernel(KernelConfig(execution_timeout=1.0), tmp_path) as session:
        yield session


@pytest.mark.parametrize("mode", ["ask", "auto"])
def test_code_that_ran_too_long_is_not_made_shorter(ask, hurried, mode):
    run = ask([block(TRAINING), block("epoch = 2")], mode=mode, decide=run_it, executor=hurried)
    assert run.ending == ("gave_up", "timeout")
    assert [event.source for event in run.of(ExecutionStarted)] == [TRAINING]
    assert run.of(ExecutionFinished)[0].status == "timeout"


def test_a_cell_that_is_needed_and_runs_too_long_is_the_users_to_run(ask, hurried):
    request = Request("show it", (Cell("a", "code", f"{TRAINING}\ntrained = 1"),), "a")
    run = ask([block("print(trained)")], request=request, executor=hurried)
    assert run.ending == ("gave_up", "timeout")


def test_a_fix_that_ran_too_long_stays(hurried):
    notebook = Notebook(hurried)
    fixed = f"total = 1\n{TRAINING}"
    run = notebook.fix(notebook.add(f"total = 1 / 0\n{TRAINING}"), [said(fixed), said("total = 1")])
    assert run.ending == ("gave_up", "timeout")
    assert run.of(SourceFinished)[-1].source == fixed


def test_an_interrupt_of_a_check_ends_the_run(ask):
    run = ask([block("def slow(x):\n    raise KeyboardInterrupt"), block("unasked = 1")], request=Request("assert slow(2) == 4"))
    assert run.ending == ("stopped", "stopped")
    assert len(run.of(ExecutionStarted)) == 1
