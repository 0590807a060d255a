"""The notebook protocol on real kernels, with a scripted model: what is asked, what is claimed, and what the hidden tests say."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from jupyter_oci.config import AgentConfig
from jupyter_oci.evaluation.data import Files
from jupyter_oci.evaluation.notebook.asked import sentence
from jupyter_oci.evaluation.notebook.program import program_of
from jupyter_oci.evaluation.notebook.protocol import Notebook
from jupyter_oci.evaluation.notebook.summary import notebook_table
from jupyter_oci.evaluation.record import Record, Round
from jupyter_oci.evaluation.registry import Options, make_evaluation
from jupyter_oci.evaluation.suites.humaneval import of_the_docstring
from jupyter_oci.evaluation.suites.mbpp import load_mbppplus
from jupyter_oci.model.scripted import ScriptedModel

from .small import ADD, SHARED, data_folder, write_lines

RIGHT = "```python\ndef add(a, b):\n    return a + b\n```"
BASE_ONLY = "```python\ndef add(a, b):\n    return a + b if a > 0 else 0\n```"
WRONG = "```python\ndef add(a, b):\n    return a - b\n```"
HOPELESS = "```python\ndef add(a, b):\n    return str(a) + str(b)\n```"  # no small change of it adds
DONE = "The function adds."

Solve = Callable[..., Record]


@pytest.fixture
def solve(tmp_path: Path) -> Solve:
    evaluation = make_evaluation("humaneval", "notebook", Options(Files(data_folder(tmp_path))))

    def solve(*replies: str, fixes: Sequence[str] = (), problem: str = "HumanEval/0", rounds: int = 4) -> Record:
        script = {"Complete this function": list(replies), "": list(fixes)}
        return evaluation.solve(problem, ScriptedModel(script), AgentConfig(max_rounds=rounds))

    return solve


def test_a_right_function_is_done_after_no_round_of_revision(solve: Solve) -> None:
    record = solve(RIGHT, DONE)
    assert [each.verdicts for each in record.rounds] == [{"base": True, "plus": True}]
    assert (record.said_done, record.failure, record.ended) == (True, "", "checked")


def test_where_the_examples_fail_the_cell_is_fixed(solve: Solve) -> None:
    record = solve(WRONG, DONE, fixes=[RIGHT])
    assert [each.verdicts["plus"] for each in record.rounds] == [False, True]
    assert (record.said_done, record.ended) == (True, "fixed")
    assert record.rounds[0].code == "def add(a, b):\n    return a - b"


@pytest.mark.parametrize(
    "wrong",
    [
        "add = lambda a, b: a - b",
        "if True:\n    def add(a, b):\n        return a - b",
        "try:\n    from adding import add\nexcept ImportError:\n    def add(a, b):\n        return a - b",
    ],
)
def test_the_cell_with_the_function_is_found_however_it_is_defined(solve: Solve, wrong: str) -> None:
    record = solve(f"```python\n{wrong}\n```", DONE, fixes=[RIGHT])
    assert [each.verdicts["plus"] for each in record.rounds] == [False, True]
    assert (record.said_done, record.ended) == (True, "fixed")


def test_examples_that_take_too_long_are_not_done_though_no_error_is_seen(solve: Solve, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("jupyter_oci.evaluation.live_kernel.SECONDS", 1.0)
    waits = "    try:\n        time.sleep(60 * (a == 2))\n    except KeyboardInterrupt:\n        pass\n"
    record = solve(f"```python\nimport time\ndef add(a, b):\n{waits}    return a + b\n```", DONE, rounds=1)
    assert (record.said_done, record.failure) == (False, "timeout")


def test_without_a_try_left_there_is_no_fix(solve: Solve) -> None:
    record = solve(WRONG, DONE, fixes=[RIGHT], rounds=1)
    assert [each.verdicts["plus"] for each in record.rounds] == [False]
    assert (record.said_done, record.failure) == (False, "wrong")


def test_the_hidden_tests_know_what_the_examples_do_not(solve: Solve) -> None:
    record = solve(BASE_ONLY, DONE)
    assert record.rounds[-1].verdicts == {"base": True, "plus": False}
    assert (record.said_done, record.failure) == (True, "wrong (plus)")


def test_a_fix_that_is_not_found_is_not_said_to_be_done(solve: Solve) -> None:
    record = solve(
        HOPELESS, DONE, fixes=[f"```python\ndef add(a, b):\n    return str(a) + {n}\n```" for n in ["'12'", "'34'", "'5'"]]
    )
    assert len(record.rounds) == 4, "each try of Fix is a round, though none is proposed"
    assert [bool(each.told) for each in record.rounds] == [True, True, True, False]
    assert record.rounds[-1].verdicts == {"base": False, "plus": False}
    assert (record.said_done, record.failure) == (False, "wrong")


def test_without_code_nothing_passes(solve: Solve) -> None:
    record = solve("Adding is what you want.")
    assert (record.said_done, record.failure) == (False, "no_code")
    assert [each.verdicts for each in record.rounds] == [{"base": False, "plus": False}]


def test_a_function_without_examples_is_as_done_as_the_agent_says(solve: Solve) -> None:
    longest = "```python\ndef longest(words):\n    return max(words, key=len)\n```"
    record = solve(longest, "It gives the longest.", problem="HumanEval/1")
    assert (record.said_done, record.failure, record.measures["examples"]) == (True, "error (plus)", False)


def test_that_no_request_has_examples_is_told(tmp_path: Path) -> None:
    folder = data_folder(tmp_path)
    (told,) = told_of(folder, write_lines(tmp_path / "mine.jsonl", [ADD]))
    assert told.startswith("No request has examples, so that nothing is run below the function and Fix is never asked for.")
    assert told_of(folder, write_lines(tmp_path / "mine.jsonl", [{**ADD, "example_test": "assert add(1, 2) == 3"}])) == []


def told_of(folder: Path, mine: Path) -> list[str]:
    """Give what is told of problems of one's own; of the folder's nothing is."""
    evaluation, whole = (make_evaluation("humaneval", "notebook", Options(Files(data))) for data in (mine, folder))
    assert isinstance(evaluation, Notebook)
    assert isinstance(whole, Notebook)
    assert whole.left_out() == []
    return evaluation.left_out()


def test_code_that_ends_the_kernel_is_no_failure_of_ours(solve: Solve) -> None:
    record = solve("```python\nimport faulthandler\ndef add(a, b):\n    return a + b\nfaulthandler._sigsegv()\n```")
    assert (record.ended, record.said_done) == ("KernelDied", False)
    assert record.rounds[-1].verdicts == {"base": True, "plus": True}


def test_the_summary_counts_what_passes_after_each_round_and_what_is_claimed() -> None:
    right_at_once, fixed, wrong, doubted = (
        record("0", [True], said_done=True),
        record("1", [False, True], said_done=True),
        record("2", [False, False], said_done=True),
        record("3", [True], said_done=False),
    )
    table = notebook_table("", [right_at_once, fixed, wrong, doubted], 4)
    assert table.notes[0] == "0 of 4 requests have examples."
    base = dict(zip(table.columns, table.rows[0], strict=True))
    assert base["after 0 rounds"] == "2 (50.0%)"
    assert base["after 1 round"] == base["after 3 rounds"] == base["at the end"] == "3 (75.0%)"
    assert (base["said done"], base["said done but wrong"], base["gave up but right"]) == ("3", "1 (33.3%)", "1")
    assert (base["tokens"], base["seconds"]) == ("15", "3.0")


def record(problem: str, passes: Sequence[bool], *, said_done: bool) -> Record:
    rounds = tuple(Round("", "", "", {"base": passed, "plus": passed}, 0, 10, 2.0) for passed in passes)
    return Record(problem, rounds, "", said_done, "", 9.0)


def test_mbpp_is_asked_by_its_sentence_and_its_one_assertion(tmp_path: Path) -> None:
    (problem,) = load_mbppplus(write_lines(tmp_path / "mbpp.jsonl", [SHARED]))
    asked = sentence(problem)
    assert asked.prompt == ("Write a function to find the shared elements of tuples.\nassert set(shared((3, 4), (4, 5))) == {4}")
    assert asked.examples == "assert set(shared((3, 4), (4, 5))) == {4}"
    assert problem.base == ([(3, 4), (4, 5)],)


def test_mbpps_examples_are_the_files_own_where_it_has_some(tmp_path: Path) -> None:
    row = {**SHARED, "example_test": "assert shared((1,), (2,)) == ()\n"}
    (problem,) = load_mbppplus(write_lines(tmp_path / "mbpp.jsonl", [row]))
    assert sentence(problem).examples == "assert shared((1,), (2,)) == ()"


def test_what_was_judged_is_in_the_record_where_it_is_of_several_cells(solve: Solve) -> None:
    helper = "```python\ndef plus(a, b):\n    return a + b\n```"
    record = solve(helper, "```python\ndef add(a, b):\n    return plus(a, b)\n```", DONE)
    assert record.rounds[-1].code == "def add(a, b):\n    return plus(a, b)"
    assert "def plus" in record.rounds[-1].judged
    assert solve(RIGHT, DONE).rounds[-1].program == ""


DOCSTRING = """def monotonic(l: list):
    \"\"\"Return True if list elements are in one order.
    >>> monotonic([1, 20,4, 10])
    False
    monotonic("a b"), monotonic(abc, -1), monotonic('')
    \"\"\"
"""


@pytest.mark.parametrize(
    ("example", "stands"),
    [
        ("monotonic([1, 20, 4, 10]) == False", True),
        ("monotonic('a b') == monotonic('abc', -1)", True),
        ("not monotonic('')", True),
        ("monotonic([1, 2, 4, 10]) == True", False),
        ("monotonic([1, 20, 4]) == True", False),
        ("monotonic('ab')", False),
        ("monotonic('abc', 1)", True),  # a 1 stands there
        ("monotonic('abc', 7)", False),
        ("True", False),  # shows nothing
    ],
)
def test_examples_are_those_whose_values_the_docstring_has(example: str, *, stands: bool) -> None:
    check = "def check(monotonic):\n    # simple\n    assert {0}\n\ncheck(monotonic)".format
    assert of_the_docstring(check(example), DOCSTRING, "monotonic") == (check(example) if stands else "")
    both = f"assert monotonic([1, 20, 4, 10]) is False\nassert ({example},\n  )"
    kept = both if stands or example == "True" else both.partition("\n")[0]
    assert of_the_docstring(both, DOCSTRING, "monotonic") == kept


def test_a_program_is_what_the_function_needs_and_nothing_that_was_tried() -> None:
    cells = [
        "import math\nSCALE = 2\nunused = 1 / 0",
        "def helper(x):\n    return x * SCALE\n\nclass Other: pass",
        "def f(x):\n    return helper(x)\n\nprint(f(1))\nassert f(1) == 3",
        "this is no Python",
        "def f(x):\n    return helper(x) + 1",
    ]
    program = program_of(cells, "f")
    names: dict[str, object] = {}
    exec(program, names)
    assert names["f"](1) == 3  # type: ignore[operator]
    assert "1 / 0" not in program
    assert "Other" not in program
    assert program.startswith("import math")
    assert program_of(["print(1)"], "f") == ""


def test_a_program_may_be_of_any_depth_and_keeps_its_decorators() -> None:
    cells = [
        "import functools; print(1 / 0)",
        "%matplotlib inline\n@functools.cache\n@(\n  functools.cache)\ndef f(x):\n    return " + " + ".join(["x"] * 400),
    ]
    program = program_of(cells, "f")
    names: dict[str, Any] = {}
    exec(program, names)
    assert names["f"](2) == 800
    assert names["f"].cache_info().currsize == 1


STATE = {
    "an import that may fail": [
        "try:\n    from math import gcd\nexcept ImportError:\n    gcd = None",
        "def f(x):\n    return gcd(x, 3)",
    ],
    "a table by a loop": ["T = {}\nfor i in range(9):\n    T[i] = i", "def f(x):\n    return T[3]"],
    "a table by calls": ["T = []\nT.append(3)\n[T.append(x) for x in 'ab']\ndef f(x):\n    return T[0] * (len(T) == 3)"],
    "a table by a function that is given it": ["def fill(t):\n    t.append(3)\nT = []\nfill(T)\ndef f(x):\n    return T[0]"],
    "a table by a function that knows it": ["T = []\ndef fill():\n    T.append(3)\nfill()\ndef f(x):\n    return T[0]"],
    "a table by a function of a module": ["import heapq\nT = [4]\nheapq.heappush(T, 3)\ndef f(x):\n    return T[0]"],
    "an item": ["T = {}\nT['x'] = 3\ndef f(x):\n    return T['x']"],
    "what the function itself answers": ["T = []\ndef f(x):\n    return x if x < 6 else T[0]\nT.append(f(3))"],
    "an attribute": ["class C:\n    pass\nC.x = 1", "def f(x):\n    return C.x + f.y\nf.y = 2"],
    "a condition": [
        "import sys\nif sys.version_info > (3,):\n    def f(x):\n        return 3\nelse:\n    def f(x):\n        return 4"
    ],
    "Python's own state": ["import sys\nsys.setrecursionlimit(5000)\ndef f(x):\n    return 3 if x > 2000 else f(x + 1)"],
    "an imported name's state": ["from decimal import *\ngetcontext().prec = 1\ndef f(x):\n    return int(Decimal('3.4') * 1)"],
    "a loop that shows and tries": [
        "T = []\nfor é in 'é':\n    assert T; print(é, f(1)); display(T); T.append(3)\ndef f(x):\n    return T[0]"
    ],
    "names of notebooks alone": ["T = {1: 3}\nT[2] = Out[1]\ndef f(x):\n    return T[1]"],
}


@pytest.mark.parametrize("name", STATE)
def test_what_a_function_needs_may_be_made_by_any_statement(name: str) -> None:
    names: dict[str, Any] = {}
    exec(program_of(STATE[name], "f"), names)
    assert names["f"](6) == 3


@pytest.mark.parametrize(
    "trial",
    [
        "result = f(None) + 1",  # the function has a name of its own by that name
        "for x in [None]:\n    assert f(x)",
        "for x in [1]:\n    seen.append(x)",
        "assert (y := f(1)) == 2",
        "def check(g):\n    print(g(1))\n    assert g(1) == 2\ncheck(f)",
        "def main():\n    seen = []\n    seen.append(1)\n    print(f(1))\nmain()",
        "import pprint\npprint.pprint(f(None))",
        "import os\nos._exit(1)",
        "f(1), [f(x) for x in range(3)]",
        "T; sorted(T); display(T)",
    ],
)
def test_a_trial_is_no_part_of_a_program(trial: str) -> None:
    function = "def f(x):\n    result = T[0]\n    for y in [x]:\n        result += y\n    return result"
    program = program_of(["T = [1]", f"seen = []\n{function}\n{trial}"], "f")
    parts = [part for part in program.split("\n\n") if not part.startswith("import")]
    assert "\n\n".join(parts) == program_of(["T = [1]", function], "f")


def test_what_fails_beside_the_function_does_not_end_the_program() -> None:
    cells = [
        "import sys\nT = [3]\nT.append(1 / 0)\nT.remove(9)\nsys.exit(1)",
        "T.append(await later())",
        "def f(x):\n    return T[-1]",
    ]
    names: dict[str, Any] = {}
    exec(program_of(cells, "f"), names)
    assert names["f"](1) == 3
