"""When an answer is the expected one: equality, closeness, and the oracles of a few problems."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest

from jupyter_oci.evaluation.judge import Limits, judge_inputs
from jupyter_oci.evaluation.judge.compare import Comparison
from jupyter_oci.evaluation.judge.verdict import Oracle


def agrees(answer: Any, expected: Any, *, atol: float = 0, oracle: Oracle = "equal", arguments: Any = ()) -> bool:
    return Comparison(atol, oracle).agrees(answer, expected, arguments)


@pytest.mark.parametrize(
    ("answer", "expected", "same"),
    [
        ([1, 2], [1, 2], True),
        ([1, 2], (1, 2), False),
        (0.30000000000000004, 0.3, True),
        ([0.1 + 0.2, 1.0], [0.3, 1.0], True),
        ((0.1 + 0.2,), [0.3], True),
        ([0.3, 1.0], [0.3], False),
        (float("nan"), float("nan"), True),
        (float("inf"), 1e300, False),
        ("0.3", 0.3, False),
        (None, 0.3, False),
        ([], [], True),
        (1 << 70, (1 << 70) + 1, False),
    ],
)
def test_equal_or_close(answer: Any, expected: Any, same: bool) -> None:
    assert agrees(answer, expected) is same


def test_integers_are_exact_until_floats_are_expected_and_close_from_then_on() -> None:
    comparison = Comparison(0)
    assert not comparison.agrees(10**9 + 1, 10**9, ())
    assert comparison.agrees(0.3, 0.1 + 0.2, ())
    assert comparison.agrees(10**9 + 1, 10**9, ())


@pytest.mark.parametrize(
    ("oracle", "answer", "expected", "same"),
    [
        ("any", "whatever", True, True),
        ("or_zero", 0, 7, True),
        ("or_zero", 1, 7, False),
        ("is_given", "a match", True, True),
        ("is_given", None, True, False),
        ("is_given", False, True, False),
    ],
)
def test_an_oracle_takes_more_than_the_canonical_answer(oracle: Oracle, answer: Any, expected: Any, same: bool) -> None:
    assert agrees(answer, expected, oracle=oracle) is same


@pytest.mark.parametrize(("root", "passes"), [(-0.5, True), (-0.50001, True), (0.5, False)])
def test_any_root_is_right_and_none_is_for_the_published_oracle(root: float, passes: bool) -> None:
    assert agrees(root, None, atol=1e-4, oracle="root", arguments=([1, 2],)) is passes
    assert not agrees(root, None, atol=1e-4, oracle="root_of_tuple", arguments=([1, 2],))


@pytest.mark.parametrize("value", [Decimal("1.5"), Fraction(3, 2)])
def test_exact_numbers_arrive_as_what_they_are(value: object) -> None:
    program = "from decimal import Decimal\nfrom fractions import Fraction\ndef same(text): return eval(text)"
    assert judge_inputs(program, "same", [[repr(value)]], [1.5]).passed


def test_a_wrong_answer_is_told_as_it_prints() -> None:
    detail = judge_inputs("def f(x): return x", "f", [["a"]], ["b"]).detail
    assert detail == "The results aren't as expected.\nInput: ['a']\nExpected Output: b\nActual Output: a"


def test_a_program_has_a_time_of_its_own() -> None:
    limits = Limits(seconds=30, program_seconds=0.5)
    assert judge_inputs("import time\ntime.sleep(20)\ndef f(): return 1", "f", [[]], [1], limits=limits).status == "timeout"
