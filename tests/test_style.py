"""What the style promises and no linter checks: files and functions stay short, and tests lean on no other test."""

import ast
import re
from pathlib import Path
from statistics import median

import pytest

ROOT = Path(__file__).parent.parent
FILES = sorted([*(ROOT / "jupyter_oci").rglob("*.py"), *(ROOT / "scripts").glob("*.py")])
TESTS = sorted((ROOT / "tests").rglob("test_*.py"))
FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)


@pytest.mark.parametrize("file", FILES, ids=lambda file: str(file.relative_to(ROOT)))
def test_no_function_is_longer_than_forty_lines(file: Path) -> None:
    functions = [node for node in ast.walk(ast.parse(file.read_text())) if isinstance(node, FUNCTIONS)]
    assert [node.name for node in functions if (node.end_lineno or 0) - node.lineno >= 40] == []


def test_no_file_is_longer_than_a_few_screens() -> None:
    assert [file.name for file in FILES if len(file.read_text().splitlines()) > 320] == []


def test_files_are_mostly_short() -> None:
    assert median(len(file.read_text().splitlines()) for file in FILES) <= 120


@pytest.mark.parametrize("file", TESTS, ids=lambda file: str(file.relative_to(ROOT)))
def test_what_tests_share_is_not_in_a_test_file(file: Path) -> None:
    imports = [node for node in ast.walk(ast.parse(file.read_text())) if isinstance(node, (ast.Import, ast.ImportFrom))]
    names = [name for node in imports for name in (getattr(node, "module", None) or "", *(alias.name for alias in node.names))]
    assert [name for name in names if re.search(r"(^|\.)test_\w+$", name)] == []
