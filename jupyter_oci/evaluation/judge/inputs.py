"""Checks that are inputs and expected outputs, such as those of evalplus: the candidate sees inputs alone, one by one."""

from __future__ import annotations

import sys
import time
from typing import Any

from .compare import Comparison
from .program import run_program
from .remote import Line, Raised
from .verdict import Verdict
from .wire import TooLargeError, decode, encode

MISSING = "Please rename your function to {0} as there is no function named {0}."
_WRONG = "The results aren't as expected.\nInput: {}\nExpected Output: {}\nActual Output: {}"
_SHOWN = 4000


def compare_answers(job: dict[str, Any], line: Line) -> Verdict:
    """Call the entry point on each input and compare; the first that fails is the verdict."""
    function = _function(job, line)
    if isinstance(function, Verdict):
        return function
    expected = decode(job["expected"], int)
    comparison = Comparison(job["atol"], job["oracle"])
    for arguments, wanted, seconds in zip(decode(job["inputs"], int), expected, job["seconds_each"], strict=True):
        answer = line.ask("call", function, list(arguments), {}, seconds=seconds)
        if isinstance(answer, Raised):
            return answer.verdict()
        if not _agrees(comparison, answer, wanted, arguments):
            return Verdict("wrong", _WRONG.format(*map(_show, (arguments, wanted, answer)))[:_SHOWN])
    return Verdict("passed")


def answers_to(job: dict[str, Any], line: Line) -> dict[str, Any] | Verdict:
    """Give what the entry point answers to each input, the seconds of each call, and the places of what is too large to give."""
    function = _function(job, line)
    if isinstance(function, Verdict):
        return function
    outputs, seconds, too_large = [], [], []
    for place, arguments in enumerate(decode(job["inputs"], int)):
        began = time.perf_counter()
        answer = line.ask("call", function, list(arguments), {})
        if isinstance(answer, Raised) and TooLargeError.__name__ in answer.kinds:
            too_large.append(place)
        elif isinstance(answer, Raised):
            return answer.verdict()
        else:
            seconds.append(time.perf_counter() - began)
            outputs.append(answer is not None if job["oracle"] == "is_given" and not isinstance(answer, bool) else answer)
    return {"outputs": encode(outputs, _not_a_value), "seconds": seconds, "too_large": too_large}


def _function(job: dict[str, Any], line: Line) -> Any:
    names = run_program(job["program"], line, job["program_seconds"])
    if isinstance(names, Verdict):
        return names
    if job["entry_point"] not in names:
        return Verdict("error", MISSING.format(job["entry_point"]))
    return line.value("name", job["entry_point"])


def _agrees(comparison: Comparison, answer: Any, wanted: Any, arguments: Any) -> bool:
    try:
        return comparison.agrees(answer, wanted, arguments)
    except (TypeError, ValueError, ArithmeticError, RecursionError):
        return False


def _show(value: Any) -> str:
    """Print a value in full: an integer may have more digits than Python cares to print. An object's own code writes it."""
    if hasattr(sys, "set_int_max_str_digits"):
        sys.set_int_max_str_digits(0)
    try:
        return str(value)
    except Exception:
        return "<a value that cannot be printed>"


def _not_a_value(value: object) -> int:
    raise TypeError(f"a canonical solution answered {value!r}, which is no plain value")
