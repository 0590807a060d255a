"""Sessions in one live kernel, each validator with a right answer and wrong ones, and the agent's door to them."""

from __future__ import annotations

import builtins
import copy
import json
import platform
import re
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from nbformat import NotebookNode

from jupyter_oci.agent.endings import ending
from jupyter_oci.cli import evaluate as command
from jupyter_oci.cli import main
from jupyter_oci.config import AgentConfig
from jupyter_oci.errors import ConfigError
from jupyter_oci.evaluation.data import Files
from jupyter_oci.evaluation.live_kernel import execute, said_done
from jupyter_oci.evaluation.proof import checks
from jupyter_oci.evaluation.record import Evaluation, Record
from jupyter_oci.evaluation.registry import Options, make_evaluation
from jupyter_oci.evaluation.results import open_results
from jupyter_oci.evaluation.sessions import live
from jupyter_oci.evaluation.sessions.dseval import DSEval
from jupyter_oci.evaluation.sessions.inside.seal import Seal
from jupyter_oci.evaluation.sessions.live import Answered, ReferenceFailedError, judged, live_session
from jupyter_oci.evaluation.sessions.suite import NOT_ENCLOSED, read_sessions
from jupyter_oci.evaluation.sessions.verdict import Verdict
from jupyter_oci.kernel.session import KernelSession
from jupyter_oci.model.scripted import ScriptedModel

from .small import write_lines

GIVEN = "import pandas as pd\ntable = pd.DataFrame({'city': ['Bern', 'Rome'], 'people': [1, 3]})\nnumbers = [3, 1, 2]"
FORGET = "for name in ('ordered', 'double'): globals().pop(name, None)\ndel name"
TESTS = {"table_test": {"function_name": "double", "test_cases": [[1], ["`[2]`"], "`[np.random.randint(9)]`", "//"]}}
DOUBLE = "def double(x):\n    return x * 2"
PEOPLE = "table['people'].mean()"
SORTED = "ordered = sorted(numbers)"
NAMES = {"template": "empty", "namespace_check": {"ordered": None}}
DROPPED = "table = table[table.people > 1]"
TABLE = {"namespace_check": {"table": None}}
BY_LENGTH = "def compare_fn(ref, sub):\n    return {'match': len(ref) == len(sub), 'reason': ''}"
RENAMED = "table[['people']].rename(columns={'people': 'count'})"

# name: the reference's code, its validators, an answer, and how that fails ("": it is right)
CASES: dict[str, tuple[str, dict[str, Any], str, str]] = {
    "the value of the last expression": (PEOPLE, {}, "sum(table.people) / 2", ""),
    "a value within tolerance": (PEOPLE, {}, "2.000000001", ""),
    "another value": (PEOPLE, {}, "2.5", "wrong_output"),
    "a value that is printed": (PEOPLE, {}, f"print({PEOPLE})", "presentation_error"),
    "no value": (PEOPLE, {}, f"mean = {PEOPLE}", "wrong_output"),
    "nothing that runs": (PEOPLE, {}, "", "no_code"),
    "an error": (PEOPLE, {}, "table['persons'].mean()", "crash"),
    "no Python": (PEOPLE, {}, "mean of people", "syntax_error"),
    "a loop without end": (PEOPLE, {}, "while True: pass", "timeout"),
    "an end of the kernel": (PEOPLE, {}, "import ctypes; ctypes.string_at(0)", "crash"),
    "a changed variable": (PEOPLE, {}, f"table['people'] += 1\n{PEOPLE} - 1", "intact_violation"),
    "a lost variable": (PEOPLE, {}, f"mean = {PEOPLE}\ndel numbers\nmean", "intact_violation"),
    "a new variable": (PEOPLE, {}, f"mean = {PEOPLE}\nmean", ""),
    "a change that the reference makes too": (
        DROPPED,
        {"namespace_check": {"table": None}},
        "table = table.query('people > 1')",
        "",
    ),
    "another table": (
        DROPPED,
        {"namespace_check": {"table": None}},
        "table = table.query('people > 2').iloc[:0]",
        "wrong_variables",
    ),
    "a table of other labels": (
        "table[['people']]",
        {},
        "table[['people']].rename(columns={'people': 'count'})",
        "presentation_error",
    ),
    "a named variable": (SORTED, NAMES, "ordered = numbers.copy(); ordered.sort()", ""),
    "a variable of another value": (SORTED, NAMES, "ordered = numbers[:1]", "wrong_variables"),
    "a variable of another name": (SORTED, NAMES, "in_order = sorted(numbers)", "wrong_variables"),
    "what is printed": ("print('a', 1)", {"stream": None}, "print('a 1')", ""),
    "other words": ("print('a', 1)", {"stream": None}, "print('a: 1')", "wrong_output"),
    "a function": (DOUBLE, TESTS, "def double(x):\n    return x + x", ""),
    "a function that is wrong": (DOUBLE, TESTS, "def double(x):\n    return x ** 2 if x == 2 else x", "unit_test_failure"),
    "a function that raises": (DOUBLE, TESTS, "def double(x):\n    raise ValueError", "crash"),
    "a function that exits": (DOUBLE, TESTS, "def double(x):\n    raise SystemExit", "crash"),
    "a function without end": (DOUBLE, TESTS, "def double(x):\n    while True:\n        pass", "timeout"),
    "a function of another name": (DOUBLE, TESTS, "def twice(x):\n    return x * 2", "unit_test_failure"),
    "either of two validators": (
        SORTED,
        {"template": "empty", "or": {"stream": None, "namespace_check": {"ordered": None}}},
        "ordered = sorted(numbers); print('sorted')",
        "",
    ),
    "order where it does not matter": ("numbers", {"result": {"ignore_order": True}}, "[1, 2, 3]", ""),
    "a comparison of the suite's own": ("numbers", {"result": BY_LENGTH}, "[7, 8, 9]", ""),
    "order where it matters": ("numbers", {}, "[1, 2, 3]", "presentation_error"),
}


def session_row(name: str, problems: list[tuple[str, dict[str, Any], str]]) -> dict[str, Any]:
    """Write a session: for each reference, validators and question what is given anew, and a problem."""
    cells: list[dict[str, Any]] = []
    for code, validator, question in problems:
        cells.append({"reference_code": GIVEN if not cells else f"{GIVEN}\n{FORGET}"})
        cells.append({"question": question, "reference_code": code, "validator": validator, "execution": {"max_time": 0.3}})
    return {"benchmark": "small", "problemset": name, "num_questions": len(problems), "cells": cells}


def answered(code: str, executor: KernelSession, notebook: NotebookNode) -> Answered:
    if not code:
        return Answered((), "")
    result = execute(executor, "answer", code)
    stream = "".join(output["text"] for output in result.outputs if output["output_type"] == "stream")
    return Answered((result.execution_count or 0,), stream, result.status == "timeout")


@pytest.fixture(scope="module")
def verdicts(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Verdict]:
    """Give all answers, one after the other, in sessions that go on until an answer takes the kernel along."""
    given: dict[str, Verdict] = {}
    folder = tmp_path_factory.mktemp("sessions")
    for place, names in enumerate((list(CASES), ["an end of the kernel"])):
        several = [name for name in names if place or name != "an end of the kernel"]
        rows = [session_row("all", [(CASES[name][0], CASES[name][1], name) for name in several])]
        (session,) = read_sessions(write_lines(folder / f"{place}.jsonl", rows))
        with live_session(session, folder) as opened:
            for name, cell in zip(several, session.problems.values(), strict=True):
                opened.advance_to(cell)
                given[name] = opened.attempt(partial(answered, CASES[name][2]))
    return given


@pytest.mark.parametrize("name", CASES)
def test_an_answer_is_judged_by_every_validator(name: str, verdicts: Mapping[str, Verdict]) -> None:
    assert verdicts[name].failure == CASES[name][3], verdicts[name].reason


CARELESS = "def double(x):\n    while True:\n        try:\n            while True: pass\n        except BaseException: pass"
WARNED = "import warnings\nwarnings.warn('old')\n5"

# name: the reference's code, its validators, an answer that leaves the kernel of no use or deceives the judge, and the verdict
BREAKING: dict[str, tuple[str, dict[str, Any], str, str]] = {
    "a comparison replaced": (
        DROPPED,
        TABLE,
        "pd.testing.assert_frame_equal = lambda *given, **more: None\ntable = table[table.people < 2]",
        "crash",
    ),
    "a comparison replaced by a function under test": (
        DOUBLE,
        TESTS,
        "def double(x):\n    import numpy as np\n    np.isclose = lambda *given, **more: True\n    return 5",
        "crash",
    ),
    "an exit": (PEOPLE, {}, "import os\nos._exit(0)", "crash"),
    "an exit of IPython": (PEOPLE, {}, "exit()", "crash"),
    "a function that ends the kernel": (DOUBLE, TESTS, "def double(x):\n    import os\n    os._exit(0)", "crash"),
    "a function that no exception ends": (DOUBLE, TESTS, CARELESS, "timeout"),
    "what the judge writes its findings by": (
        PEOPLE,
        {},
        "import dataclasses\ndataclasses.asdict = lambda given: {'validator': 'result', 'correct': 'yes', 'reason': ''}\n0",
        "crash",
    ),
    "more memory than there is": (PEOPLE, {}, f"much = bytearray(8 << 30)\n{PEOPLE}", "crash"),
    "its folder removed": (PEOPLE, {}, f"import os, shutil\nshutil.rmtree(os.getcwd())\n{PEOPLE}", "crash"),
    "warnings made errors": (WARNED, {}, "import warnings\nwarnings.filterwarnings('error')\n5", "crash"),
}


@pytest.mark.parametrize("name", BREAKING)
def test_an_answer_that_breaks_the_kernel_counts(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live, "REFERENCE_SECONDS", 6.0)
    code, validators, answer, failure = BREAKING[name]
    (session,) = read_sessions(write_lines(tmp_path / "one.jsonl", [session_row("one", [(code, validators, name)])]))
    verdict = judged(partial(live_session, session, tmp_path), 1, partial(answered, answer))
    assert verdict.failure == failure, verdict.reason


@pytest.mark.parametrize(
    ("owner", "name"), [(pd.testing, "assert_frame_equal"), (pd.DataFrame, "equals"), (np, "isclose"), (builtins, "sorted")]
)
def test_a_changed_function_breaks_the_seal(owner: Any, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    seal = Seal()
    assert not seal.broken()
    monkeypatch.setattr(owner, name, lambda *given, **more: True)
    assert name in seal.broken()


def test_changed_code_of_a_function_breaks_the_seal(monkeypatch: pytest.MonkeyPatch) -> None:
    seal = Seal()
    monkeypatch.setattr(copy.deepcopy, "__code__", (lambda *given, **more: None).__code__)
    assert seal.broken().endswith("deepcopy.__code__")


def test_where_no_cell_was_run_nothing_is_right(tmp_path: Path) -> None:
    (session,) = read_sessions(write_lines(tmp_path / "one.jsonl", [session_row("one", [("pass", {}, "Do nothing.")])]))
    judge = partial(judged, partial(live_session, session, tmp_path), 1)
    assert judge(lambda *_: Answered((), "")).failure == "no_code"
    assert judge(partial(answered, "pass")).failure == ""


def test_the_session_whose_file_many_lack_is_the_last(tmp_path: Path) -> None:
    rows = [session_row(name, [("1", {}, "?")]) for name in "abc"]
    rows[1]["cells"][1]["data"] = {NOT_ENCLOSED: "https://example.org/names.csv"}
    sessions = read_sessions(write_lines(tmp_path / "three.jsonl", rows))
    assert [session.name for session in sessions] == ["a", "c", "b"]


def test_a_reference_that_fails_by_itself_is_nobodys_fault(tmp_path: Path) -> None:
    (session,) = read_sessions(write_lines(tmp_path / "one.jsonl", [session_row("one", [("1 / 0", {}, "?")])]))
    with pytest.raises(ReferenceFailedError, match="ZeroDivisionError"):
        judged(partial(live_session, session, tmp_path), 1, partial(answered, "5"))


def test_an_unknown_validator_or_limit_is_refused(tmp_path: Path) -> None:
    row = session_row("odd", [("1", {"smells_right": None}, "?")])
    with pytest.raises(ConfigError, match="smells_right"):
        read_sessions(write_lines(tmp_path / "odd.jsonl", [row]))


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """Write a folder with one session that reads a file."""
    row = session_row("towns", [(PEOPLE, {}, "How many people on average?"), ("len(towns)", {}, "How many towns are there?")])
    row["cells"][0]["reference_code"] += "\ntowns = open('inputs/towns.txt').read().split()"
    row["cells"][1]["data"] = {"towns.txt": "https://example.org/towns.txt"}
    (tmp_path / "dseval" / "inputs" / "exercise").mkdir(parents=True)
    (tmp_path / "dseval" / "inputs" / "exercise" / "towns.txt").write_text("Bern Rome Oslo")
    write_lines(tmp_path / "dseval" / "exercise.jsonl", [row])
    return tmp_path


SCRIPT = {
    "How many people": ["```python\ntable = None\nprint(1)\n```", "It is 1."],
    "How many towns": ["```python\nopen('inputs/towns.txt', 'w')\nlen(towns)\n```", "There are 3."],
}


class Watched(ScriptedModel):
    """Plays the script; `seen` are the requests."""

    def __init__(self) -> None:
        super().__init__(SCRIPT)
        self.seen: list[str] = []

    def generate(self, messages: Any, *more: Any) -> Any:
        self.seen.append(messages[-1].content)
        return super().generate(messages, *more)


def test_an_answer_that_others_are_shown_is_the_recorded_one_and_asked_for_once(data: Path, tmp_path: Path) -> None:
    made = partial(make_evaluation, "dseval-exercise", "session", Options(Files(data), propagate=True))
    evaluation, model = made(), Watched()
    second, first = (evaluation.solve(problem, model, AgentConfig(mode="auto")) for problem in ("towns/2", "towns/1"))
    assert len(model.seen) == 4  # two replies to each
    assert first.written[0]["source"] == "table = None\nprint(1)"
    with open_results(tmp_path / "results", {}) as results:
        results.add(first)
    with open_results(tmp_path / "results", {}) as results:
        resumed, model = made(), Watched()
        assert isinstance(resumed, DSEval)
        resumed.recall(results.records(resumed.problems()), results.add)
        assert resumed.solve("towns/2", model, AgentConfig(mode="auto")).failure == second.failure == ""
    assert len(model.seen) == 2
    assert "table = None" in model.seen[0]


def test_an_answer_that_was_shown_has_its_record_though_nobody_asked_for_it(data: Path, tmp_path: Path) -> None:
    evaluation, model = make_evaluation("dseval-exercise", "session", Options(Files(data), propagate=True)), Watched()
    assert isinstance(evaluation, DSEval)
    with open_results(tmp_path, {}) as results:
        evaluation.recall([], results.add)
        results.add(evaluation.solve("towns/2", model, AgentConfig(mode="auto")))
        assert results.records(["towns/1"])[0].written[0]["source"] == "table = None\nprint(1)"
    lines = (tmp_path / "records.jsonl").read_text().splitlines()
    assert [json.loads(line)["problem"] for line in lines] == ["towns/1", "towns/2"]


def solve_here(evaluation: Evaluation, problems: Sequence[str], *given: Any, **more: Any) -> Iterator[Record]:
    """Solve as the runner does, but in this thread: jupyter_client leaves the event loops of others open."""
    model, config, results = given
    for problem in problems:
        if problem not in results.done:
            results.add(evaluation.solve(problem, model, config))
            yield results.records([problem])[0]


def test_a_run_goes_on_from_its_own_answers_and_tells_what_is_left_out(
    data: Path, tmp_path: Path, capsys: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(command, "solve_all", solve_here)
    row = session_row("lakes", [("1", {}, "?")])
    row["cells"][0]["reference_code"] = "open('inputs/lakes.txt')"
    with (data / "dseval" / "exercise.jsonl").open("a") as file:
        file.write(f"{json.dumps(row)}\n")
    words = ["evaluate", "dseval-exercise", "--propagate", "--data", str(data), "--output", str(tmp_path / "out")]
    first, second = Watched(), Watched()
    assert main([*words, "--limit", "1"], model_factory=lambda config: first) == 0
    assert main(words, model_factory=lambda config: second) == 0
    assert len(first.seen) == len(second.seen) == 2
    assert "table = None" in second.seen[0]
    told = (
        f"lakes of {data / 'dseval' / 'exercise.jsonl'} is left out. To have it done, put lakes.txt into inputs/exercise beside"
    )
    assert told in capsys.readouterr().err


def test_another_pandas_in_the_kernel_is_another_run(
    data: Path, tmp_path: Path, capsys: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(command, "solve_all", solve_here)
    out = tmp_path / "out"
    words = ["evaluate", "dseval-exercise", "--data", str(data), "--output", str(out)]
    assert main([*words, "--limit", "1"], model_factory=lambda config: Watched()) == 0
    kernel = f"Python {platform.python_version()}, NumPy {np.__version__}, pandas {pd.__version__}"
    assert f"<dt>kernel</dt><dd>{kernel}</dd>" in (out / "report.html").read_text()
    monkeypatch.setattr("jupyter_oci.evaluation.sessions.dseval.versions", lambda name: f"{kernel}.1")
    assert main(words, model_factory=lambda config: Watched()) == 2
    assert "(kernel differ)" in capsys.readouterr().err


def test_a_kernel_that_is_not_there_is_told_at_once(data: Path, tmp_path: Path, capsys: Any) -> None:
    words = ["evaluate", "dseval-exercise", "--kernel", "other", "--data", str(data), "--output", str(tmp_path / "out")]
    assert main(words, model_factory=lambda config: Watched()) == 1
    told = capsys.readouterr().err
    assert "The kernel 'other' cannot be started" in told
    assert "has no record" not in told


@pytest.mark.parametrize("propagate", [False, True])
def test_each_problem_begins_in_the_state_of_the_reference(data: Path, propagate: bool) -> None:
    model = Watched()
    evaluation = make_evaluation("dseval-exercise", "session", Options(Files(data), propagate=propagate))
    first, second = (evaluation.solve(problem, model, AgentConfig(mode="auto")) for problem in evaluation.problems())
    assert (first.failure, second.failure) == ("wrong_output", "")
    assert second.measures["cells"] == ["open('inputs/towns.txt', 'w')\nlen(towns)"]
    shown = next(text for text in model.seen if "How many towns" in text)
    assert ("table = None" in shown) is propagate
    assert ("table['people'].mean()" in shown) is not propagate
    table = evaluation.summary([first, second])
    assert table.rows[0][:3] == ("this agent", "1 (50.0%)", "2")
    assert evaluation.summary([first]).notes[0].startswith("1 of 2 problems were run")
    assert evaluation.summary([first, second]).notes[0].startswith("The problems are not the published ones")
    assert table.rows[1][:2] == ("CoML, GPT-3.5 (published)", "148 (79.1%)")


ENDS = {"answered": True, "checked": True, "same_code": True, "unfounded": False, "uncomputed": False, "declined": False}


@pytest.mark.parametrize("reason", ENDS)
def test_what_the_product_doubts_is_not_said_to_be_done(reason: str) -> None:
    assert said_done(ending(reason, 1)) is ENDS[reason]


def test_code_that_would_need_a_yes_is_not_said_to_be_done(data: Path) -> None:
    evaluation = make_evaluation("dseval-exercise", "session", Options(Files(data)))
    script = {"How many people": ["```python\nimport os\nos.system('true')\n```"] * 9}
    record = evaluation.solve("towns/1", ScriptedModel(script), AgentConfig(mode="auto"))
    assert (record.ended, record.failure, record.said_done) == ("declined", "no_code", False)


def test_results_of_each_setting_have_a_name_of_their_own(data: Path) -> None:
    made = partial(make_evaluation, "dseval-exercise", "session")
    assert made(Options(Files(data))).name == "dseval-exercise"
    assert made(Options(Files(data), propagate=True, kernel="other")).name == "dseval-exercise-propagated-other"


def test_the_references_own_answers_are_right(data: Path) -> None:
    (check,) = checks("dseval-exercise", Files(data)).values()
    assert [(proof.name, proof.wrong) for proof in check()] == [("towns/1", ""), ("towns/2", "")]


def test_what_to_do_about_a_missing_file_is_told(data: Path) -> None:
    gone = data / "dseval" / "inputs" / "exercise" / "towns.txt"
    gone.unlink()
    wanted = "download https://example.org/towns.txt to inputs/exercise/towns.txt beside exercise.jsonl"
    (check,) = checks("dseval-exercise", Files(data)).values()
    assert [proof.wrong for proof in check()] == [f"not judged, for want of a file: {wanted}"]
    evaluation = make_evaluation("dseval-exercise", "session", Options(Files(data)))
    with pytest.raises(ConfigError, match=re.escape(f"files that are not there: {wanted}.")):
        evaluation.problems()
    assert str(data) not in "".join(evaluation.summary([]).notes)  # a summary is for other machines, too
    assert evaluation.summary([]).notes[-1] == f"Left out, for want of a file: towns. To have it done, {wanted}."
    gone.parent.rmdir()
    with pytest.raises(ConfigError, match=re.escape(wanted)):
        make_evaluation("dseval-exercise", "session", Options(Files(data))).problems()
