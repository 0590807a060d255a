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
    counts = read_junit(tmp_path / "report.xml")
    assert counts == Counts(passed=1, failed=2, skipped=1)
    bad, error = counts.failures
    assert bad.startswith("test_it::test_bad\n")
    assert "assert False" in bad
    assert error.startswith("test_it::test_error\n")
    assert "ValueError" in error


def test_a_file_that_jest_cannot_compile_counts_as_a_failure(tmp_path: Path) -> None:
    report = tmp_path / "jest.json"
    files = [{"name": "a.spec.ts", "status": "failed", "message": "cannot find x"}, {"name": "b.spec.ts", "status": "passed"}]
    report.write_text(
        json.dumps(
            {
                "numPassedTests": 5,
                "numFailedTests": 1,
                "numPendingTests": 2,
                "numRuntimeErrorTestSuites": 1,
                "testResults": files,
            }
        )
    )
    counts = read_jest(report)
    assert counts == Counts(5, 2, 2)
    assert counts.failures == ("a.spec.ts\n    cannot find x",)


def test_a_flaky_journey_passed_in_the_end(tmp_path: Path) -> None:
    report = tmp_path / "playwright.json"
    first = {"errors": [{"message": "\x1b[31mlate\x1b[39m"}, {"message": "no\n button"}]}
    tried = [{"results": [first, {"errors": [{"message": "none again"}]}]}]
    journeys = [{"ok": True}, {"ok": False, "file": "ask.spec.ts", "title": "asks", "tests": tried}]
    stats = {"expected": 3, "unexpected": 1, "flaky": 1, "skipped": 0}
    report.write_text(json.dumps({"stats": stats, "suites": [{"suites": [{"specs": journeys}]}]}))
    counts = read_playwright(report)
    assert counts == Counts(4, 1, 0)
    assert counts.failures == ("ask.spec.ts: asks\n    late\n    no button\n    none again",)


@pytest.mark.parametrize(
    ("counts", "line"), [(Counts(3, 0), "3 passed, 0 failed"), (Counts(3, 1, 2), "3 passed, 1 failed, 2 skipped")]
)
def test_the_line_has_the_plain_form(counts: Counts, line: str) -> None:
    assert str(counts) == line
