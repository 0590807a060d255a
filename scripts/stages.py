"""The stages of `make test`: what each runs, and where its counts come from."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from browser import find_browser
from commands import BIN
from counts import Counts, read_jest, read_junit, read_playwright
from stamps import ROOT

REPORTS = ROOT / "build" / "reports"


@dataclass(frozen=True)
class Stage:
    """One command. Without a `report` it is one test: it passes or fails as a whole."""

    name: str
    command: tuple[str | Path, ...]
    report: Path | None = None
    read: Callable[[Path], Counts] | None = None
    variables: dict[str, str] = field(default_factory=dict)


PYTHON_FOLDERS = ("jupyter_oci", "tests", "scripts", "ui-tests")
PYTEST, JEST, UI = REPORTS / "pytest.xml", REPORTS / "jest.json", REPORTS / "playwright.json"

# As for the journeys in the browser: where nobody watches, a test that fails is tried once more, and both tries are told.
SECOND_TRY = ("--reruns=1", "-raR") if os.environ.get("CI") else ()

STAGES = (
    Stage("ruff", (BIN / "ruff", "check", *PYTHON_FOLDERS)),
    Stage("ruff-format", (BIN / "ruff", "format", "--check", *PYTHON_FOLDERS)),
    Stage("mypy", (BIN / "mypy",)),
    Stage("import-linter", (BIN / "lint-imports",)),
    Stage("front-end-lint", (BIN / "jlpm", "lint:check")),
    Stage("tsc", (BIN / "jlpm", "tsc", "-p", "tsconfig.test.json")),
    Stage("pytest", (BIN / "pytest", *SECOND_TRY, f"--junitxml={PYTEST}"), PYTEST, read_junit),
    # --silent: JupyterLab's own libraries warn some two thousand times; failures are printed all the same.
    Stage("jest", (BIN / "jlpm", "jest", "--silent", "--json", f"--outputFile={JEST}"), JEST, read_jest),
    Stage("wheel", (BIN / "python", "scripts/check_wheel.py")),
    Stage(
        "ui",
        (BIN / "jlpm", "test:ui"),
        UI,
        read_playwright,
        {"OCI_UI_REPORT": str(UI), "CHROMIUM": find_browser() or "/usr/bin/chromium"},
    ),
)
