"""How many tests passed and failed, and which failed why, read from the report that each runner writes."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

_REASON_CHARACTERS = 600
_COLOUR = re.compile(r"\x1b\[[0-9;]*m")


@dataclass(frozen=True)
class Counts:
    """What came of a stage's tests; `failures` name those that failed, each with the beginning of its reason."""

    passed: int = 0
    failed: int = 0
    skipped: int = 0
    failures: tuple[str, ...] = field(default=(), compare=False)

    def __add__(self, other: Counts) -> Counts:
        return Counts(
            self.passed + other.passed,
            self.failed + other.failed,
            self.skipped + other.skipped,
            self.failures + other.failures,
        )

    def __str__(self) -> str:
        line = f"{self.passed} passed, {self.failed} failed"
        return f"{line}, {self.skipped} skipped" if self.skipped else line


def read_junit(report: Path) -> Counts:
    """Read what pytest's --junitxml wrote."""
    total = Counts()
    for suite in ElementTree.parse(report).getroot().iter("testsuite"):
        tests, skipped = int(suite.get("tests", 0)), int(suite.get("skipped", 0))
        failed = int(suite.get("failures", 0)) + int(suite.get("errors", 0))
        total += Counts(max(0, tests - failed - skipped), failed, skipped, tuple(_junit_failures(suite)))
    return total


def _junit_failures(suite: ElementTree.Element) -> Iterator[str]:
    for case in suite.iter("testcase"):
        for problem in (*case.findall("failure"), *case.findall("error")):
            yield _told(f"{case.get('classname')}::{case.get('name')}", problem.get("message", ""))


def read_jest(report: Path) -> Counts:
    """Read what jest's --json wrote; a file that cannot even be compiled counts as one failure."""
    result = json.loads(report.read_text())
    failed = result["numFailedTests"] + result["numRuntimeErrorTestSuites"]
    files = [file for file in result.get("testResults", ()) if file["status"] == "failed"]
    return Counts(
        result["numPassedTests"],
        failed,
        result["numPendingTests"],
        tuple(_told(file["name"], file["message"]) for file in files),
    )


def read_playwright(report: Path) -> Counts:
    """Read what Playwright's json reporter wrote; a test that passed at its second try passed."""
    result = json.loads(report.read_text())
    stats = result["stats"]
    failures = tuple(failure for suite in result.get("suites", ()) for failure in _journeys(suite))
    return Counts(stats["expected"] + stats["flaky"], stats["unexpected"], stats["skipped"], failures)


def _journeys(suite: dict[str, Any]) -> Iterator[str]:
    for journey in suite.get("specs", ()):
        if not journey["ok"]:
            tries = [result for test in journey["tests"] for result in test["results"]]
            reasons = [error.get("message", "") for result in tries for error in result.get("errors", ())]
            yield _told(f"{journey['file']}: {journey['title']}", *reasons)
    for inner in suite.get("suites", ()):
        yield from _journeys(inner)


def _told(name: str, *reasons: str) -> str:
    short = [" ".join(_COLOUR.sub("", reason).split())[:_REASON_CHARACTERS] for reason in reasons]
    return "\n    ".join((name, *short))
