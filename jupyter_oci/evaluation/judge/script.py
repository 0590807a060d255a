"""Checks that are a program themselves, such as HumanEval's `check(candidate)`: they run here, the code under test does not."""

from __future__ import annotations

import builtins
import importlib
import linecache
import sys
import traceback
from typing import Any

from .program import run_program
from .remote import Line, Raised
from .verdict import Verdict

_FILE = "<check>"


class Scope(dict[str, Any]):
    """The names of the checks; those they lack are the program's, reached over the line.

    A built-in name is never the program's unless it is the entry point, and a module of the standard library is imported
    here: a program that redefines `abs` or `math` does not redefine them for the checks.
    """

    def __init__(self, line: Line, names: dict[str, str], entry_point: str) -> None:
        super().__init__(__name__="check", __builtins__=builtins)
        self._line = line
        self._names = names
        if entry_point in names:
            self[entry_point] = line.value("name", entry_point)

    def __missing__(self, name: str) -> Any:
        if name not in self._names or hasattr(builtins, name):
            raise KeyError(name)
        module = self._names[name]
        own = module in sys.stdlib_module_names
        self[name] = importlib.import_module(module) if own else self._line.value("name", name)
        return self[name]


def run_check(job: dict[str, Any], line: Line) -> Verdict:
    """Run the program over there, then the checks here."""
    names = run_program(job["program"], line, job["program_seconds"])
    if isinstance(names, Verdict):
        return names
    source = job["check"]
    linecache.cache[_FILE] = (len(source), None, source.splitlines(keepends=True), _FILE)
    try:
        exec(compile(source, _FILE, "exec", dont_inherit=True), Scope(line, names, job["entry_point"]))  # noqa: S102 - the suite's own checks
    except Exception as error:
        return _verdict(error)
    return Verdict("passed")


def _verdict(error: Exception) -> Verdict:
    raised = getattr(error, "raised", None)
    if isinstance(raised, Raised):
        return raised.verdict()
    lines = "".join(traceback.format_exception(error)).splitlines()
    ours = next((number for number, text in enumerate(lines) if f'File "{_FILE}"' in text), len(lines) - 1)
    return Verdict("wrong" if isinstance(error, AssertionError) else "error", "\n".join(lines[ours:]).strip())
