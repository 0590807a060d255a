"""The validators that a problem names: each compares one side of an answer with the reference's."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from .calls import Call, defined
from .matching import Rules, matches
from .outcome import Outcome

Correct = Literal["yes", "partial", "no"]
"""Partial: the right values, but not in the form that was asked for."""


@dataclass(frozen=True)
class Finding:
    """What one validator found; `reason` is empty when all was right."""

    validator: str
    correct: Correct
    reason: str = ""


Validate = Callable[[Outcome, Outcome, Any], "list[Finding]"]
"""Takes the reference's outcome, the answer's, and the validator's options."""


def findings(expected: Outcome, found: Outcome, validators: Mapping[str, Any]) -> list[Finding]:
    """Ask every validator."""
    return [finding for name, options in validators.items() for finding in VALIDATORS[name](expected, found, options)]


def overall(found: list[Finding]) -> Correct:
    """Say whether all is right, or how far it is not."""
    worst: set[Correct] = {finding.correct for finding in found}
    return "no" if "no" in worst else "partial" if "partial" in worst else "yes"


def _crash(expected: Outcome, found: Outcome, options: Any) -> list[Finding]:  # noqa: ARG001 - a validator
    return [Finding("crash", "no" if found.error else "yes", found.error)]


def _intact(expected: Outcome, found: Outcome, options: Any) -> list[Finding]:  # noqa: ARG001 - a validator
    """Names may be added; those of the user change only as the reference changes them."""
    wrong = [
        f"{name} was {change}" for name, change in found.changes.items() if change not in ("added", expected.changes.get(name))
    ]
    return [Finding("namespace_intact", "no" if wrong else "yes", "; ".join(wrong))]


def _result(expected: Outcome, found: Outcome, options: Any) -> list[Finding]:
    if expected.result is None:
        return [Finding("result", "yes")]
    if found.result is None:
        printed = _words(expected.result) in " ".join(found.stream.split())
        return [Finding("result", "partial" if printed else "no", "The value is printed, not given" if printed else "No result")]
    rules = options.get("compare_fn", options) if isinstance(options, Mapping) else options
    return [_compared("result", expected.result, found.result, rules)]


def _variables(expected: Outcome, found: Outcome, options: Any) -> list[Finding]:
    return [
        _compared("namespace_check", expected.names[name], found.names[name], rules, f"{name}: ")
        if name in found.names
        else Finding("namespace_check", "no", f"{name} is not there")
        for name, rules in options.items()
    ]


def _stream(expected: Outcome, found: Outcome, options: Any) -> list[Finding]:  # noqa: ARG001 - a validator
    same = expected.stream == found.stream
    return [Finding("stream", "yes" if same else "no", "" if same else f"Printed {found.stream!r}, not {expected.stream!r}")]


def _table_test(expected: Outcome, found: Outcome, options: Any) -> list[Finding]:
    name = options["function_name"]
    if name not in found.calls:
        return [Finding("table_test", "no", f"{name} is not there")]
    for wanted, call in zip(expected.calls[name], found.calls[name]):  # noqa: B905 - of one length
        finding = _call_finding(wanted, call, options)
        if finding.correct != "yes":
            return [finding]
    return [Finding("table_test", "yes")]


def _call_finding(wanted: Call, call: Call, options: Mapping[str, Any]) -> Finding:
    """Compare a call: it must not fail, must leave its arguments as the reference leaves them, and return what that returns."""
    if call.error:
        return Finding("crash", "no", call.error)
    if options.get("input_checker") is not False:
        rules = options.get("input_checker")
        rules = None if rules is True else rules
        finding = _compared("table_test", wanted.arguments, call.arguments, rules, "Its arguments afterwards: ")
        if finding.correct != "yes":
            return finding
    return _compared("table_test", wanted.output, call.output, options.get("output_checker"))


def _any(expected: Outcome, found: Outcome, options: Any) -> list[Finding]:
    """Give what the best of several validators found."""
    tried = [findings(expected, found, {name: sub}) for name, sub in options.items()]
    return min(tried, key=lambda result: ("yes", "partial", "no").index(overall(result)))


VALIDATORS: dict[str, Validate] = {
    "crash": _crash,
    "namespace_intact": _intact,
    "result": _result,
    "namespace_check": _variables,
    "stream": _stream,
    "table_test": _table_test,
    "and": findings,
    "or": _any,
}


def _compared(validator: str, expected: Any, found: Any, rules: Any, prefix: str = "") -> Finding:
    """Compare by rules, or by code that defines `compare_fn(expected, found)`."""
    if isinstance(rules, str):
        return _by_code(validator, expected, found, rules)
    strict = Rules(**(rules or {}))
    wrong = _safely(expected, found, strict)
    if wrong is None:
        return Finding(validator, "yes")
    loose = _safely(expected, found, strict.loosened()) is None
    return Finding(validator, "partial" if loose else "no", prefix + wrong)


def _safely(expected: Any, found: Any, rules: Rules) -> str | None:
    try:
        return matches(expected, found, rules)
    except Exception as error:  # noqa: BLE001, RUF100 - whatever the values' own classes raise
        return f"Cannot be compared: {error}"


def _by_code(validator: str, expected: Any, found: Any, code: str) -> Finding:
    try:
        match = defined(code, "compare_fn")(expected, found)
    except Exception as error:  # noqa: BLE001, RUF100 - such as its own assertions
        return Finding(validator, "no", f"{type(error).__name__}: {error}")
    return Finding(validator, "yes" if match["match"] else "no", "" if match["match"] else str(match["reason"]))


def _words(value: Any) -> str:
    return " ".join(str(value).split())
