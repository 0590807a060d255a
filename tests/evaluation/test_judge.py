"""The judge on small programs: what passes, what does not and why, and that nobody gets past it."""

from __future__ import annotations

import math
import socket
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

import jupyter_oci
from jupyter_oci.evaluation.judge import Limits, Reference, Verdict, judge_inputs, judge_script, reference_outputs
from jupyter_oci.evaluation.judge.confinement import confinement
from jupyter_oci.evaluation.judge.examiner import _examine
from jupyter_oci.evaluation.judge.remote import Line

from .adversaries import PROGRAMS

ADD = "def add(a, b):\n    return a + b\n"
CHECK = """
import math
def check(candidate):
    assert candidate(1, 2) == 3
    assert abs(candidate(2, 2) - 4) < 1e-6
    assert math.isclose(candidate(0.5, 0.25), 0.75)
    assert candidate([1], [2]) == [1, 2], "lists"
check(add)
"""
SHORT = Limits(seconds=2, memory=1 << 30)


def test_a_right_program_passes_its_script() -> None:
    assert judge_script(ADD, CHECK).passed


def test_a_right_program_passes_its_inputs() -> None:
    assert judge_inputs(ADD, "add", [[1, 2], [[1], [2]]], [3, [1, 2]]).passed


@pytest.fixture(scope="module")
def verdicts() -> Mapping[str, tuple[Verdict, Verdict]]:
    """Judge all adversaries, several at a time, for many of them wait: by the script and by inputs."""

    def judge(program: str) -> tuple[Verdict, Verdict]:
        by_inputs = judge_inputs(program, "add", [[1, 2], [2, 2]], [3, 4], limits=SHORT)
        return judge_script(program, CHECK, SHORT), by_inputs

    with ThreadPoolExecutor(4) as pool:
        return dict(zip(PROGRAMS, pool.map(judge, PROGRAMS.values()), strict=True))


@pytest.mark.parametrize("name", PROGRAMS)
def test_an_adversary_does_not_pass(name: str, verdicts: Mapping[str, tuple[Verdict, Verdict]]) -> None:
    assert [verdict.passed for verdict in verdicts[name]] == [False, False]


@pytest.mark.parametrize(
    ("program", "status"),
    [
        ("def add(a, b): return a - b", "wrong"),
        ("def add(a, b): raise ValueError('no')", "error"),
        ("def add(a, b): assert False", "error"),
        ("def add(a, b): return a +", "error"),
        ("def add(a, b):\n while True: pass", "timeout"),
        ("def add(a, b): return [0] * 10**12", "memory"),
        ("import os\ndef add(a, b): os._exit(0)", "died"),
    ],
)
def test_a_verdict_says_what_went_wrong(program: str, status: str) -> None:
    limits = Limits(seconds=3, memory=1 << 30)
    assert judge_script(program, CHECK, limits).status == status
    assert judge_inputs(program, "add", [[1, 2]], [3], limits=limits).status == status


def test_a_wrong_answer_is_told_with_its_input_and_the_expected_one() -> None:
    verdict = judge_inputs("def add(a, b): return a - b", "add", [[0, 0], [1, 2]], [0, 3])
    assert verdict.detail == "The results aren't as expected.\nInput: [1, 2]\nExpected Output: 3\nActual Output: -1"


def test_a_failed_assertion_is_told_with_its_line() -> None:
    assert "assert candidate(1, 2) == 3" in judge_script("def add(a, b): return a - b", CHECK).detail


def test_a_traceback_shows_the_program_alone() -> None:
    detail = judge_inputs("def add(a, b):\n    return a[b]", "add", [[[], 2]], [3]).detail
    assert detail.startswith('File "<string>", line 2, in add')
    assert detail.strip().endswith("IndexError: list index out of range")
    assert "judge" not in detail


def test_one_slow_call_is_too_late_by_its_own_limit() -> None:
    slow = "import time\ndef add(a, b):\n    time.sleep(a)\n    return b\n"
    verdict = judge_inputs(slow, "add", [[0, 1], [60, 1]], [1, 1], limits=Limits(seconds=50), seconds_each=[40, 0.5])
    assert verdict.status == "timeout"


def test_what_is_too_slow_is_judged_a_second_time(monkeypatch: pytest.MonkeyPatch) -> None:
    reports = [{"status": status, "detail": ""} for status in ("timeout", "passed", "timeout", "timeout", "wrong")]
    monkeypatch.setattr("jupyter_oci.evaluation.judge.judging._judge", lambda *_: reports.pop(0))
    assert judge_script(ADD, CHECK).status == "passed"
    assert judge_inputs(ADD, "add", [[1, 2]], [3]).status == "timeout"
    assert judge_script(ADD, CHECK).status == "wrong"


@pytest.mark.parametrize(
    "value",
    [
        *(None, True, 0, 1 << 20000, -1.5, math.inf, 1 + 2j, "a\ud800\n", b"\x00", bytearray(b"\x01")),
        *([1, [2]], (1, (2,)), {1: (2,)}, {1, 2}, frozenset({3}), {(1, 2): {"k"}}),
    ],
    ids=lambda value: type(value).__name__,
)
def test_values_of_every_kind_come_and_go_unchanged(value: object) -> None:
    found = reference_outputs("def same(x): return x", "same", [[value]])
    assert isinstance(found, Reference)
    assert found.outputs == (value,)
    assert type(found.outputs[0]) is type(value)
    assert judge_inputs("def same(x): return x", "same", [[value]], [value]).passed


def test_a_list_is_not_a_tuple_and_a_truth_is_a_number() -> None:
    assert judge_inputs("def f(): return [1]", "f", [[]], [(1,)]).status == "wrong"
    assert judge_inputs("def f(): return True", "f", [[]], [1]).passed


@pytest.mark.parametrize(("answer", "passes"), [(0.3, True), (0.1 + 0.2, True), (0.3001, False)])
def test_floats_need_only_be_close(answer: float, passes: bool) -> None:
    assert judge_inputs(f"def f(): return {answer!r}", "f", [[]], [0.3]).passed is passes


def test_a_check_may_expect_an_exception() -> None:
    check = "try:\n    f()\nexcept KeyError:\n    pass\nelse:\n    raise AssertionError"
    assert judge_script("def f(): return {}[1]", check).passed
    assert not judge_script("def f(): return 1", check).passed


def test_a_check_may_use_the_programs_classes_and_objects() -> None:
    program = "class Node:\n    def __init__(self, value): self.value = value\ndef twice(node): return node.value * 2\n"
    assert judge_script(program, "node = Node(2)\nnode.value += 1\nassert twice(node) == 6").passed


def test_a_check_that_swallows_everything_does_not_hide_a_lost_program() -> None:
    check = "try:\n    f()\nexcept BaseException:\n    pass"
    assert judge_script("import os\ndef f(): os._exit(0)", check).status == "died"


def test_a_program_named_like_a_built_in_is_reached_as_the_entry_point() -> None:
    assert judge_script("def sum(a, b): return a + b", "assert sum(1, 2) == 3", entry_point="sum").passed


def test_a_demonstration_under_the_main_guard_does_not_run() -> None:
    assert judge_script(ADD + "if __name__ == '__main__':\n    raise ValueError\n", CHECK).passed


def test_a_set_has_the_same_order_in_every_judgement() -> None:
    ordered = "def f(words): return tuple(set(words))"
    words = [f"word {number}" for number in range(50)]
    found = reference_outputs(ordered, "f", [[words]])
    assert isinstance(found, Reference)
    assert judge_inputs(ordered, "f", [[words]], found.outputs).passed


def test_a_module_that_the_program_writes_is_not_the_checks() -> None:
    program = "open('colorsys.py', 'w').write('def rgb_to_hsv(*a): return True')\nimport colorsys\ndef f(): return 1"
    assert judge_script(program, "import colorsys\nassert colorsys.rgb_to_hsv(0, 0, 0) == (0.0, 0.0, 0)\nassert f() == 1").passed


def test_an_answer_too_large_to_compare_is_told_of_a_reference_and_fails_a_program() -> None:
    many = "def many(count): return [[]] * count"
    found = reference_outputs(many, "many", [[2], [6_000_000], [1]])
    assert isinstance(found, Reference)
    assert (found.outputs, found.too_large) == (([[], []], [[]]), (1,))
    assert judge_inputs(many, "many", [[6_000_000]], [[]]).status == "memory"


@pytest.mark.skipif(not confinement()["TCP"], reason="this system can forbid the judge's processes no TCP")
def test_code_under_test_cannot_connect_out() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        program = f"import socket\ndef f():\n socket.create_connection(('127.0.0.1', {port}), 2)\n return True"
        verdict = judge_inputs(program, "f", [[]], [True])
    assert verdict.status == "error"
    assert "OSError" in verdict.detail or "PermissionError" in verdict.detail


@pytest.mark.skipif(not confinement()["files outside its folder"], reason="this system can forbid writing nowhere")
def test_code_under_test_writes_in_its_folder_alone(tmp_path: Path) -> None:
    writes = "def f(path): return open(path, 'w').write('x')"
    verdict = judge_inputs(writes, "f", [["own"], [str(tmp_path / "other")]], [1, 1])
    assert verdict.status == "error"
    assert f"PermissionError: [Errno 13] Permission denied: '{tmp_path / 'other'}'" in verdict.detail
    assert not list(tmp_path.iterdir())


def test_many_files_that_are_small_enough_alone_end_the_judgement() -> None:
    fills = "import time\ndef f():\n for n in range(8): open(str(n), 'wb').write(b'x' * (1 << 20))\n time.sleep(60)"
    assert judge_inputs(fills, "f", [[]], [None], limits=Limits(seconds=5, folder_size=4 << 20)).status == "died"
    assert judge_inputs(fills, "f", [[]], [None], limits=Limits(seconds=2)).status == "timeout"


def test_an_answer_that_cannot_be_printed_is_told_as_such() -> None:
    verdict = judge_inputs(PROGRAMS["answers with what cannot be printed"], "add", [[1, 2]], [3])
    assert verdict.status == "wrong"
    assert verdict.detail.endswith("Expected Output: 3\nActual Output: <a value that cannot be printed>")


def test_whatever_stops_a_comparison_is_a_verdict_and_what_stops_a_reference_is_ours() -> None:
    with socket.socket() as unused:
        assert _examine({"kind": "inputs"}, Line(unused), SHORT)["status"] == "wrong"
        with pytest.raises(KeyError):
            _examine({"kind": "reference"}, Line(unused), SHORT)


def test_the_examiner_is_of_the_same_code_as_its_caller() -> None:
    where = "import sys\ndef where(): return sys.modules['jupyter_oci'].__file__"
    assert judge_inputs(where, "where", [[]], [jupyter_oci.__file__]) == Verdict("passed")


def test_an_annotation_that_names_nothing_is_an_error_as_it_is_in_a_cell() -> None:
    program = "def add(a: Number, b: Number) -> Number: return a + b"
    assert judge_script(program, CHECK).status == "error"
    assert "NameError" in judge_inputs(program, "add", [[1, 2]], [3]).detail
