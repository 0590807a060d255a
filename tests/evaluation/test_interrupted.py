"""A run that is interrupted ends, and asks the model for nothing more."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import pytest
from faulty_server import Asked, faulty

from jupyter_oci.config import AgentConfig
from jupyter_oci.errors import ModelError
from jupyter_oci.evaluation.record import Record
from jupyter_oci.evaluation.results import open_results
from jupyter_oci.evaluation.runner import solve_all
from jupyter_oci.model.scripted import ScriptedModel

from .small import data_folder

PROGRAM = """
import signal, sys
from jupyter_oci.cli import main
signal.signal(signal.SIGINT, signal.default_int_handler)  # the tests may run in the background of a shell, where it is ignored
sys.exit(main(sys.argv[1:]))
"""


@pytest.mark.skipif(sys.platform == "win32", reason="no such signal")
def test_an_interrupt_ends_a_run_with_a_model_server(tmp_path: Path) -> None:
    asked_for, over, data = threading.Event(), threading.Event(), data_folder(tmp_path / "data")

    def hang(_: Asked) -> None:
        asked_for.set()
        over.wait(200)

    with faulty(hang) as (base, seen):
        words = ["evaluate", "humaneval", "--protocol", "paper", "--model", base, "--data", data, "--output", tmp_path / "out"]
        process = subprocess.Popen([sys.executable, "-c", PROGRAM, *map(str, words)])
        try:
            assert asked_for.wait(120)
            process.send_signal(signal.SIGINT)
            assert process.wait(30) == 130
        finally:
            process.kill()
            process.wait()
            over.set()
    assert sum(asked.path.endswith("/chat/completions") for asked in seen) == 1


def test_what_fails_after_a_run_was_given_up_is_not_tried_again(tmp_path: Path) -> None:
    let_go, tried = threading.Event(), list[str]()

    class Suite:
        name = "suite"

        def solve(self, problem: str, *_: Any) -> Record:
            tried.append(problem)
            if problem == "first":
                return Record(problem, (), "", False, "", 0.0)
            let_go.wait(60)
            raise ModelError("The model was closed.")

    with open_results(tmp_path / "out", {}) as results:
        outcomes = solve_all(Suite(), ["first", "second"], ScriptedModel({}), AgentConfig(), results, jobs=2)  # type: ignore[arg-type]
        next(outcomes)
        outcomes.close()  # type: ignore[attr-defined]
        let_go.set()
        for thread in threading.enumerate():
            if thread.name.startswith("evaluation"):
                thread.join(60)
    assert sorted(tried) == ["first", "second"]
