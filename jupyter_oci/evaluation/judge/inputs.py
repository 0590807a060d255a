"""Checks that are inputs and expected outputs, such as those of evalplus: the candidate sees inputs alone, one by one."""

from __future__ import annotations

import sys
import time
from typing import Any

from .compare import agrees
from .program import run_program
from .remote import Line, Raised
from .verdict import Verdict
from .wire import decode, encode

MISSING = "Please rename your function to {0} as there is no function named {0}."
_WRONG = "The results aren't as expected.\nInput: {}\nExpected Output: {}\nActual Output: {}"
_SHOWN = 4000


def compare_answers(job: dict[str, Any], line: Line) -> Verdict:
    """Call the entry point on each input and compare; the first that fails is the verdict."""
    function = _function(job, line)
    if isinstance(function, Verdict):
        return function
    expected = decode(job["expected"], int)
    for arguments, wanted, seconds in zip(decode(job["inputs"], int), expected, job["seconds_each"], strict=True):
        answer = line.ask("call", function, list(arguments), {}, seconds=seconds)
        if isinstance(answer, Raised):
            return answer.verdict()
        if not _agrees(answer, wanted, arguments, job):
            return Verdict("wrong", _WRONG.format(*map(_show, (arguments, wanted, answer)))[:_SHOWN])
    return Verdict("passed")


def answers_to(job: dict[str, Any], line: Line) -> dict[str, Any] | Verdict:
    """Give what the entry point answers to each input, and the seconds each call took."""
    function = _function(job, line)
    if isinstance(function, Verdict):
        return function
    outputs, seconds = [], []
    for arguments in decode(job["inputs"], int):
        start = time.perf_counter()
        answer = line.ask("call", function, list(arguments), {})
        seconds.append(time.perf_counter() - start)
        if isinstance(answer, Raised):
            return answer.verdict()
        outputs.append(answer is not None if job["oracle"] == "is_given" and not isinstance(answer, bool) else answer)
    return {"outputs": encode(outputs, _not_a_value), "seconds": seconds}


def _function(job: dict[str, Any], line: Line) -> Any:
    names = run_program(job["program"], line)
    if isinstance(names, Verdict):
        return names
    if job["entry_point"] not in names:
        return Verdict("error", MISSING.format(job["entry_point"]))
    return line.value("name", job["entry_point"])


def _agrees(answer: Any, wanted: Any, arguments: Any, job: dict[str, Any]) -> bool:
    try:
        return agrees(answer, wanted, arguments, job["atol"], job["oracle"])
    except (TypeError, ValueError, OverflowError, RecursionError):
        return False


def _show(value: Any) -> str:
    """Write a value in full: an integer may have more digits than Python cares to print."""
    if hasattr(sys, "set_int_max_str_digits"):
        sys.set_int_max_str_digits(0)
    try:
        return repr(value)
    except RecursionError:
        return f"<a {type(value).__name__}, nested too deeply to print>"


def _not_a_value(value: object) -> int:
    raise TypeError(f"a canonical solution answered {value!r}, which is no plain value")
