"""How many tests passed and failed, read from the report that each runner writes."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree


@dataclass(frozen=True)
class Counts:
    """What came of a stage's tests."""

    passed: int = 0
    failed: int = 0
    skipped: int = 0

    def __add__(self, other: Counts) -> Counts:
        return Counts(self.passed + other.passed, self.failed + other.failed, self.skipped + other.skipped)

    def __str__(self) -> str:
        line = f"{self.passed} passed, {self.failed} failed"
        return f"{line}, {self.skipped} skipped" if self.skipped else line


def read_junit(report: Path) -> Counts:
    """Read what pytest's --junitxml wrote."""
    total = Counts()
    for suite in ElementTree.parse(report).getroot().iter("testsuite"):
        tests, skipped = int(suite.get("tests", 0)), int(suite.get("skipped", 0))
        failed = int(suite.get("failures", 0)) + int(suite.get("errors", 0))
        total += Counts(max(0, tests - failed - skipped), failed, skipped)
    return total


def read_jest(report: Path) -> Counts:
    """Read what jest's --json wrote; a file that cannot even be compiled counts as one failure."""
    result = json.loads(report.read_text())
    failed = result["numFailedTests"] + result["numRuntimeErrorTestSuites"]
    return Counts(result["numPassedTests"], failed, result["numPendingTests"])


def read_playwright(report: Path) -> Counts:
    """Read what Playwright's json reporter wrote; a test that passed at its second try passed."""
    stats = json.loads(report.read_text())["stats"]
    return Counts(stats["expected"] + stats["flaky"], stats["unexpected"], stats["skipped"])
