"""What the published harness told a model of a failed run: the first hidden test that failed, an error, or that it was too slow.

Where that harness failed itself (a name that is in the code but defines nothing, a process that had to be killed), it told its
own traceback or nothing; here that is told as what it is.
"""

from __future__ import annotations

import re

from ..hidden import Score
from ..judge import Verdict
from ..suites.problem import Problem

_BYTES = 500
_RENAME = "Please rename your function to {0} as there is no function named {0}."
_TOO_SLOW = "Execution timed out."
_NO_TUPLE = "TypeError: Invalid output type, output must be an iterable."
_NOT_EXPECTED = "The results aren't as expected."
_ASSERTION = re.compile(r"^AssertionError(?:: (?P<message>.*))?\Z", re.MULTILINE | re.DOTALL)


def feedback(problem: Problem, code: str, score: Score, version: str) -> str:
    """Tell what fails: of the base tests, or of both sets ("plus") as far as the published harness told it."""
    base, extra = (_told(problem, code, verdict) for verdict in (score.base, score.extra))
    if version == "base":
        return base
    if score.base.passed:
        return extra
    return f"{base}\n{extra}" if _NOT_EXPECTED in base and not score.extra.passed else base


def _told(problem: Problem, code: str, verdict: Verdict) -> str:
    if problem.entry_point not in code:
        return _RENAME.format(problem.entry_point)
    if verdict.status == "timeout":
        return _TOO_SLOW
    if problem.oracle == "root_of_tuple" and verdict.status == "wrong":
        return _NO_TUPLE
    return _cut(_message(verdict.detail)).strip()


def _message(detail: str) -> str:
    """Of an assertion of the code's own, tell what it says and not where."""
    found = _ASSERTION.search(detail.rstrip())
    return detail if found is None else found["message"] or ""


def _cut(text: str) -> str:
    return text.encode("utf-8", "replace")[:_BYTES].decode("utf-8", "ignore")
