"""Functions under test: the cases they are called with, and what they did with them."""

from __future__ import annotations

import contextlib
import copy
import random
import signal
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

AGAIN = "//"
"""A test case that is made like the one before, with other random numbers."""


class TimeLimit(BaseException):
    """A function under test took too long. It is none of the exceptions that careless code catches."""


@dataclass(frozen=True)
class Call:
    """What a function made of its arguments and what it returned; `error` is what it raised, "" if nothing."""

    arguments: tuple[Any, ...]
    output: Any = None
    error: str = ""


def called(function: Callable[..., Any], cases: Sequence[tuple[Any, ...]], seconds: float) -> tuple[Call, ...]:
    """Call the function with a copy of each case, each for so many seconds at most, up to the first that fails."""
    calls: list[Call] = []
    for case in cases:
        calls.append(_call(function, copy.deepcopy(case), seconds))
        if calls[-1].error:
            break
    return tuple(calls)


def cases_of(test_cases: Sequence[Any]) -> list[tuple[Any, ...]]:
    """Make the cases: values, or code between backticks that makes them. Leaves the kernel's random numbers as they were.

    The suite's `input_validator` is not asked: it checks the suite's own cases, and by the types of one version of pandas.

    Raises:
        ValueError: a case is no list of arguments.
    """
    made: list[tuple[Any, ...]] = []
    pattern: Any = None
    with _random_numbers_kept():
        for seed, case in enumerate(test_cases):
            pattern = pattern if case == AGAIN else case
            random.seed(seed)
            np.random.seed(seed)  # noqa: NPY002, RUF100 - the cases' own code draws from it
            made.append(_case(pattern))
    return made


def defined(code: str, name: str) -> Any:
    """Run a suite's own code and give what it defines under a name; it finds pd, np and random."""
    names = _names()
    exec(compile(code, f"<{name}>", "exec", dont_inherit=True), names)  # noqa: S102 - the suite's own
    return names[name]


def _call(function: Callable[..., Any], arguments: tuple[Any, ...], seconds: float) -> Call:
    try:
        with _limited(seconds):
            return Call(arguments, function(*arguments))
    except BaseException as error:  # noqa: BLE001, RUF100 - whatever the code under test raises, `sys.exit()` too
        return Call(arguments, error=f"{type(error).__name__}: {error}")


@contextlib.contextmanager
def _limited(seconds: float) -> Iterator[None]:
    """Interrupt what takes longer. Windows has no such alarm: there, who asked for the calls interrupts them."""
    if not hasattr(signal, "setitimer"):
        yield
        return

    def stop(*_: Any) -> None:
        raise TimeLimit(f"It takes more than {seconds:g} seconds.")

    before = signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def _case(pattern: Any) -> tuple[Any, ...]:
    case = _value(pattern)
    if isinstance(case, list):
        return tuple(_value(argument) for argument in case)
    if isinstance(case, tuple):
        return case
    raise ValueError(f"A test case is a list of arguments, not {type(case).__name__}.")


def _value(value: Any) -> Any:
    """Evaluate code: an expression in single backticks, or a program in triple ones that defines `_test_case` or `_generate`."""
    text = value.strip() if isinstance(value, str) else ""
    if text.startswith("```\n") and text.endswith("```"):
        code = text[4:-3]
        return defined(code, "_test_case") if "_test_case" in code else defined(code, "_generate")()
    if len(text) > 1 and text[0] == text[-1] == "`":
        return eval(text[1:-1], _names())  # noqa: S307 - the suite's own
    return value


def _names() -> dict[str, Any]:
    return {"pd": pd, "np": np, "random": random}


@contextlib.contextmanager
def _random_numbers_kept() -> Iterator[None]:
    plain, numpys = random.getstate(), np.random.get_state()  # noqa: NPY002, RUF100 - what the user's code draws from
    try:
        yield
    finally:
        random.setstate(plain)
        np.random.set_state(numpys)  # noqa: NPY002, RUF100 - as above


Tests = Mapping[str, Any]


def tested(names: Mapping[str, Any], tests: Sequence[Tests], seconds: float) -> dict[str, tuple[Call, ...]]:
    """Call each function under test, if it is there, with its cases; a call may take so many seconds."""
    return {
        test["function_name"]: called(names[test["function_name"]], cases_of(test["test_cases"]), seconds)
        for test in tests
        if callable(names.get(test["function_name"]))
    }
