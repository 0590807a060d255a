"""What is tried before it is proposed, and what is not: with real kernels, and real processes beside them."""

from __future__ import annotations

from typing import Any

import pytest

from jupyter_oci.agent.elsewhere import Proposal
from jupyter_oci.agent.problem import problem_of
from jupyter_oci.agent.trial import Trial
from jupyter_oci.kernel.session import KernelSession
from jupyter_oci.request import Cell

HALF = "def half(x):\n    return x // 2"
NOT_TRIED = None


def told(kernel: KernelSession, change: str, sentence: str = "half(3) should be 1.5", base: str = HALF, **options: Any):
    problem = problem_of([Cell("cell", "code", base)], 0, sentence, kernel.variables())
    mode = options.pop("mode", "auto")
    steps = Trial(kernel, lambda: mode, **options).of(problem, Proposal(0, change, ""))
    while True:
        try:
            next(steps)
        except StopIteration as end:
            return end.value


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (HALF.replace("//", "/"), ""),
        (HALF.replace("x // 2", "float(x // 2)"), "the check fails: `half(3)` is 1.0, expected 1.5"),
        (HALF.replace("x // 2", "undefined"), "the check raises NameError: name 'undefined' is not defined"),
        (
            HALF + "\nhalf('a')",
            "the cell raises TypeError: unsupported operand type(s) for //: 'str' and 'int', in `return x // 2`",
        ),
        (HALF + "\nx = [0] * (1 << 40)", "the cell raises MemoryError"),
    ],
)
def test_what_fails_is_told_before_it_is_proposed(shared_kernel, change, expected):
    answer = told(shared_kernel, change)
    assert answer is not NOT_TRIED
    assert answer[: len(expected) or None] == expected


def test_a_change_that_does_not_end_is_ended(shared_kernel):
    assert told(shared_kernel, HALF + "\nwhile True:\n    pass", seconds=1.0) == "it does not end within 1 seconds"


def test_a_change_that_raises_is_seen_without_a_check_too(shared_kernel):
    assert told(shared_kernel, "values = [1]\nvalues[1]", "", base="values = [1]\nvalues[2]").startswith(
        "the cell raises IndexError"
    )
    assert told(shared_kernel, "values = [1]\nvalues[0]", "", base="values = [1]\nvalues[2]") == ""


@pytest.mark.parametrize(
    "change",
    [
        HALF + "\nopen('seen', 'w')",
        HALF + "\nimport subprocess",
        HALF + "\n!ls",
        HALF.replace("x // 2", "x / connection"),  # the kernel holds it, and it is more than data
    ],
)
def test_what_may_do_more_or_needs_the_kernel_is_not_tried(shared_kernel, change):
    for _ in shared_kernel.execute("cell", "import socket\nconnection = socket"):
        pass
    assert told(shared_kernel, change) is NOT_TRIED


def test_nothing_is_tried_where_nothing_may_run(shared_kernel):
    assert told(shared_kernel, HALF.replace("//", "/"), mode="suggest") is NOT_TRIED
