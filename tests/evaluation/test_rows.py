"""Problems of one's own: what is not of a suite's form is told by its line, before any model or kernel is asked."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from jupyter_oci.cli import main
from jupyter_oci.evaluation.notebook.asked import sentence
from jupyter_oci.evaluation.suites.mbpp import load_mbppplus
from jupyter_oci.model.scripted import ScriptedModel

from .small import ADD, MEDIAN, SHARED, write_lines

PROBLEM: dict[str, Any] = {"question": "How much is x?", "reference_code": "x", "validator": {"result": None}}
SESSION: dict[str, Any] = {"problemset": "towns", "cells": [{"reference_code": "x = 1"}, PROBLEM]}
CALLS = "line 1: a problem of this suite has a field 'base_input', a list of calls, one or more, each the list of its arguments."
CELLS = "line 1: a problem of this suite has a field 'cells', a list of cells, each with the text 'reference_code'"


def refused(suite: str, path: Path, capsys: Any, *words: str) -> str:
    """Have the file refused, and give what was said."""
    given = ["evaluate", suite, "--data", str(path), "--output", str(path.parent / "out"), *words]
    assert main(given, model_factory=lambda config: ScriptedModel({})) == 2
    return str(capsys.readouterr().err)


def problem(**changed: Any) -> dict[str, Any]:
    return {**SESSION, "cells": [{**PROBLEM, **changed}]}


@pytest.mark.parametrize(
    ("suite", "rows", "message"),
    [
        *((suite, [[1]], "line 1: a problem of this suite has a field") for suite in ("humaneval", "humanevalfix", "dseval-so")),
        (
            "humaneval",
            [{**ADD, "task_id": 3}],
            "line 1: a problem of this suite has a field 'task_id', a text that is not empty.",
        ),
        ("humaneval", [ADD, {**ADD, "task_id": ["x"]}], "line 2: a problem of this suite has a field 'task_id', a text"),
        ("humaneval", [ADD, ADD], "line 2: a problem above has the 'task_id' 'HumanEval/0' too; give each its own."),
        ("humaneval", [{**ADD, "base_input": [1, 2]}], CALLS),
        ("humaneval", [{**ADD, "base_input": []}], CALLS),
        ("humaneval", [{**ADD, "atol": "small"}], "'atol', a number."),
        ("mbpp", [{**SHARED, "prompt": ""}], "'prompt', a text that is not empty."),
        ("mbpp", [{**SHARED, "canonical_solution": None}], "'canonical_solution', a text"),
        ("mbpp", [{**SHARED, "plus_input": None}], "'plus_input', a list of calls, each the list of its arguments."),
        ("mbpp", [{**SHARED, "base_input": [[1]]}], "the calls of Mbpp/2 are not those of the published problem"),
        ("humanevalfix", [{**MEDIAN, "example_test": None}], "'example_test', a text."),
        ("humanevalfix", [MEDIAN, MEDIAN], "line 2: a problem above has the 'task_id' 'Python/0' too"),
        ("dseval-so", [{"cells": []}], "'problemset', a text that is not empty."),
        ("dseval-so", [{**SESSION, "cells": "x = 1"}], CELLS),
        ("dseval-so", [{**SESSION, "cells": [{"question": "x"}]}], CELLS),
        ("dseval-so", [problem(question=3)], CELLS),
        ("dseval-so", [SESSION, SESSION], "line 2: a problem above has the 'problemset' 'towns' too"),
        (
            "dseval-so",
            [{**SESSION, "cells": [{"reference_code": "x"}]}],
            "holds no problem: a cell that is one has a 'question'.",
        ),
        ("dseval-so", [problem(validator="result")], "towns: 'validator' of a cell is an object, not 'result'."),
        ("dseval-so", [problem(validator={"magic": None})], "towns: DSEval validators that are not known here: magic."),
        (
            "dseval-so",
            [problem(validator={"template": "most"})],
            "towns: There is no template 'most' of validators: empty, basic",
        ),
        ("dseval-so", [problem(validator={"namespace_check": ["x"]})], "options of 'namespace_check' are an object with a value"),
        ("dseval-so", [problem(validator={"table_test": {}})], "'table_test' has a text 'function_name' and a list"),
        ("dseval-so", [problem(execution={"max_time": "long"})], "towns: 'max_time' is a number of seconds, not 'long'."),
        ("dseval-so", [problem(data=["a.csv"])], "towns: 'data' of a cell is an object, not ['a.csv']."),
    ],
)
def test_a_row_of_another_form_is_told(tmp_path: Path, capsys: Any, suite: str, rows: list[Any], message: str) -> None:
    path = write_lines(tmp_path / "mine.jsonl", rows)
    for words in ((), ("--check-data",)):
        error = refused(suite, path, capsys, *words)
        assert message in error
        assert str(path) in error


@pytest.mark.parametrize("suite", ["mbpp", "dseval-so"])
@pytest.mark.parametrize(
    ("file", "message"),
    [
        (("a.jsonl", b"\n\n"), "holds no problem."),
        (("a.jsonl", b'{"task_id": '), "line 1: not JSON"),
        (("a.jsonl", "é".encode("latin1")), "cannot be read"),
        (("a.jsonl.gz", b"no archive"), "cannot be read"),
        (("a.jsonl.gz", gzip.compress(b"x" * 999)[:-12]), "cannot be read"),
        (("a.jsonl.gz", gzip.compress(b"x" * 999)[:10] + b"\xff" * 99), "cannot be read"),
    ],
)
def test_a_file_that_is_none_is_told(tmp_path: Path, capsys: Any, suite: str, file: tuple[str, bytes], message: str) -> None:
    path = tmp_path / file[0]
    path.write_bytes(file[1])
    assert message in refused(suite, path, capsys)


def test_what_stands_in_a_text_and_before_the_file_is_no_end_of_a_line(tmp_path: Path) -> None:
    rows = [SHARED, {**SHARED, "task_id": "mine/1", "note": "a\u2028b\x85c"}]
    text = "\ufeff" + "".join(f"{json.dumps(row, ensure_ascii=False)}\r\n" for row in rows)
    path = tmp_path / "mine.jsonl"
    for content in (text.encode(), gzip.compress(text.encode())):
        path.write_bytes(content)
        assert [each.id for each in load_mbppplus(path)] == ["Mbpp/2", "mine/1"]


@pytest.mark.parametrize(
    "text", ["Find what is shared.", 'Say "yes" or """no""".\nassert shared((1,), (2,)) == "\\n"', "[1]", 'It ends with a "']
)
def test_a_prompt_of_ones_own_may_be_plain_text(tmp_path: Path, text: str) -> None:
    path = write_lines(tmp_path / "mine.jsonl", [{**SHARED, "prompt": text}])
    (plain,) = load_mbppplus(path)
    asked = sentence(plain)
    assert asked.prompt == text
    assert asked.examples == ('assert shared((1,), (2,)) == "\\n"' if "assert" in text else "")
    assert main(["evaluate", "mbpp", "--check-data", "--data", str(path)]) == 0
