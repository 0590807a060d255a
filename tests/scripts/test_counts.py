"""The last line of `make test` adds up what the runners report."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from counts import Counts, read_jest, read_junit, read_playwright

SUITE = """
import pytest
def test_good(): pass
def test_bad(): assert False
@pytest.fixture
def broken(): raise ValueError
def test_error(broken): pass
@pytest.mark.skip
def test_skipped(): pass
"""


def test_pytests_own_report_is_read(tmp_path: Path) -> None:
    (tmp_path / "test_it.py").write_text(SUITE)
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--junitxml=report.xml", "test_it.py"]
    subprocess.run(command, cwd=tmp_path, stdout=subprocess.DEVNULL, check=False)
    assert read_junit(tmp_path / "report.xml") == Counts(passed=1, failed=2, skipped=1)


def test_a_file_that_jest_cannot_compile_counts_as_a_failure(tmp_path: Path) -> None:
    report = tmp_path / "jest.json"
    report.write_text(
        json.dumps({"numPassedTests": 5, "numFailedTests": 1, "numPendingTests": 2, "numRuntimeErrorTestSuites": 1})
    )
    assert read_jest(report) == Counts(5, 2, 2)


def test_a_flaky_journey_passed_in_the_end(tmp_path: Path) -> None:
    report = tmp_path / "playwright.json"
    report.write_text(json.dumps({"stats": {"expected": 3, "unexpected": 1, "flaky": 1, "skipped": 0}}))
    assert read_playwright(report) == Counts(4, 1, 0)


@pytest.mark.parametrize(
    ("counts", "line"), [(Counts(3, 0), "3 passed, 0 failed"), (Counts(3, 1, 2), "3 passed, 1 failed, 2 skipped")]
)
def test_the_line_has_the_plain_form(counts: Counts, line: str) -> None:
    assert str(counts) == line
