"""Verdict: how an answer failed, from what the validators found; the kinds are those of DSEval's own reports."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

KINDS = {
    "crash": "crash",
    "syntax_error": "syntax error",
    "timeout": "timeout",
    "no_code": "nothing ran",
    "wrong_output": "wrong output",
    "wrong_variables": "wrong variables",
    "unit_test_failure": "unit tests",
    "intact_violation": "broke a variable",
    "presentation_error": "presentation",
    "prompt_overflow": "prompt too long",
}
"""Every kind of failure, as it is printed."""

NOT_JUDGED = "not_judged"
"""The reference's own code fails here, so nobody's answer can be judged."""

_BY_ERROR = {"SyntaxError": "syntax_error", "TimeLimit": "timeout"}
_BY_VALIDATOR = {
    "namespace_check": "wrong_variables",
    "result": "wrong_output",
    "stream": "wrong_output",
    "table_test": "unit_test_failure",
}


@dataclass(frozen=True, slots=True)
class Verdict:
    """`failure` is one of `KINDS`, or empty: the answer is right. `reason` says what differs."""

    failure: str
    reason: str = ""

    @property
    def passed(self) -> bool:
        """Whether every validator is content."""
        return not self.failure


def verdict_of(findings: Sequence[Mapping[str, Any]]) -> Verdict:
    """Name the gravest of what was found."""
    wrong = {finding["validator"]: finding["reason"] for finding in findings if finding["correct"] == "no"}
    partial = {finding["validator"]: finding["reason"] for finding in findings if finding["correct"] == "partial"}
    if "crash" in wrong:
        return Verdict(_BY_ERROR.get(wrong["crash"].partition(":")[0], "crash"), wrong["crash"])
    if wrong.keys() == {"namespace_intact"}:
        return Verdict("intact_violation", wrong["namespace_intact"])
    if not wrong:
        return Verdict("presentation_error" if partial else "", "; ".join(partial.values()))
    gravest = next(validator for validator in _BY_VALIDATOR if validator in {**wrong, **partial})
    return Verdict(_BY_VALIDATOR[gravest], "; ".join(wrong.values()))
