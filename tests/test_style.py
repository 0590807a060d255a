"""What the style promises and no linter checks: files and functions stay short."""

import ast
from pathlib import Path
from statistics import median

import pytest

ROOT = Path(__file__).parent.parent
FILES = sorted([*(ROOT / "jupyter_oci").rglob("*.py"), *(ROOT / "scripts").glob("*.py")])
FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)


@pytest.mark.parametrize("file", FILES, ids=lambda file: str(file.relative_to(ROOT)))
def test_no_function_is_longer_than_forty_lines(file: Path) -> None:
    functions = [node for node in ast.walk(ast.parse(file.read_text())) if isinstance(node, FUNCTIONS)]
    assert [node.name for node in functions if (node.end_lineno or 0) - node.lineno >= 40] == []


def test_no_file_is_longer_than_a_few_screens() -> None:
    assert [file.name for file in FILES if len(file.read_text().splitlines()) > 320] == []


def test_files_are_mostly_short() -> None:
    assert median(len(file.read_text().splitlines()) for file in FILES) <= 120
