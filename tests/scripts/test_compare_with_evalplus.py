"""The comparison with evalplus, by a stand-in for it that does what it does: same names, and arguments that stay changed."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any

import compare_with_evalplus
import pytest

ADD: dict[str, Any] = {
    "task_id": "mine/add",
    "prompt": 'def add(a, b):\n    """Add."""\n',
    "canonical_solution": "    return a + b\n",
    "entry_point": "add",
    "base_input": [[1, 2], [2, 2]],
    "plus_input": [[0, 0], [-1, 5]],
    "atol": 0,
}
LARGEST: dict[str, Any] = {
    "task_id": "mine/largest",
    "prompt": '"""Give the largest number of digits."""\n',
    "canonical_solution": "def largest(digits):\n    digits.sort(reverse=True)\n    return digits\n",
    "entry_point": "largest",
    "base_input": [[[1, 2, 3]]],
    "plus_input": [[[5, 9]]],
    "atol": 0,
}
DATA = """
import json, os
def get_human_eval_plus():
    with open(os.environ["HUMANEVAL_OVERRIDE_PATH"]) as file:
        return {row["task_id"]: row for row in map(json.loads, file)}
get_mbpp_plus = get_human_eval_plus
"""
EVALUATE = """
SUCCESS = "success"
def run(program, problem, tests):
    names = {}
    exec(program, names)
    return [names[problem["entry_point"]](*arguments) for arguments in problem[tests]]
def get_groundtruth(problems, hashcode, not_none):
    print("Computing expected output...")
    solution = lambda problem: problem["prompt"] + problem["canonical_solution"]
    kinds = ("base_input", "plus_input")
    return {name: {kind: run(solution(each), each, kind) for kind in kinds} for name, each in problems.items()}
def check_correctness(suite, number, problem, program, expected, fast_check, min_time_limit, gt_time_limit_factor):
    slow = "SLOW" in program and min_time_limit < 5 or "NEVER" in program
    return {kind: ("failed" if slow else judged(program, problem, f"{kind}_input", expected), []) for kind in ("base", "plus")}
def judged(program, problem, tests, expected):
    try:
        return SUCCESS if run(program, problem, tests) == expected[tests] else "failed"
    except Exception:
        return "failed"
"""


@pytest.fixture(autouse=True)
def stand_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "packages"
    files = {
        "evalplus/__init__.py": "",
        "evalplus/data.py": DATA,
        "evalplus/evaluate.py": EVALUATE,
        "evalplus/eval/__init__.py": "",
        "evalplus/eval/_special_oracle.py": "MBPP_OUTPUT_NOT_NONE_TASKS = []\n",
        "evalplus-0.2.0.dist-info/METADATA": "Metadata-Version: 2.1\nName: evalplus\nVersion: 0.2.0\n",
    }
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(filter(None, (str(folder), os.environ.get("PYTHONPATH", "")))))
    monkeypatch.chdir(tmp_path)
    return folder


def write_lines(path: Path, rows: list[dict[str, Any]]) -> Path:
    path.parent.mkdir(exist_ok=True)
    path.write_text("".join(f"{json.dumps(row)}\n" for row in rows))
    return path


def compare(rows: list[dict[str, Any]], *words: str) -> int:
    """Compare on these problems; what was judged before is not judged again."""
    data = write_lines(Path("mine.jsonl"), rows)
    given = ["humaneval", "--evalplus-python", sys.executable, "--data", str(data), *words]
    return compare_with_evalplus.main(given)


def commented(word: str) -> dict[str, Any]:
    return {**ADD, "canonical_solution": f"    return a + b  # {word}\n"}


def test_verdicts_that_agree_are_counted_once_for_each_program(capsys: Any) -> None:
    assert compare([ADD], "--mutants", "2") == 0
    told = capsys.readouterr().out
    assert "| canonical | 1 | 2 | 2 | 2 | 0 | 0 | 0 |" in told
    assert "| mutants | 2 | 4 |" in told
    assert "alone" not in told
    before = Path("evalplus-humaneval.jsonl").read_bytes()
    assert compare([ADD], "--mutants", "2") == 0
    assert capsys.readouterr().out == told
    assert Path("evalplus-humaneval.jsonl").read_bytes() == before


def test_a_difference_is_told_and_fails_unless_its_reason_is_seen(capsys: Any) -> None:
    assert compare([commented("SLOW")], "--mutants", "0") == 0
    told = capsys.readouterr().out
    assert "| canonical | 1 | 2 | 2 | 0 | 2 | 0 | 0 |" in told
    assert "mine/add, canonical: base passes and plus passes here alone; they agree with more time." in told
    assert compare([commented("NEVER")], "--mutants", "0") == 1
    told = capsys.readouterr().out
    assert "| canonical | 1 | 2 | 2 | 0 | 0 | 0 | 2 |" in told
    assert "nobody knows why" in told


def test_what_was_judged_by_another_judge_or_of_other_data_is_judged_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert compare([ADD], "--mutants", "0") == 0
    stricter = {**ADD, "base_input": [[1, 2]]}
    assert compare([stricter], "--mutants", "0") == 0
    output = Path("evalplus-humaneval.jsonl")
    assert len(output.read_text().splitlines()) == 2
    changed = tmp_path / "hidden.py"
    changed.write_text("")
    monkeypatch.setattr(compare_with_evalplus.hidden, "__file__", str(changed))
    assert compare([stricter], "--mutants", "0") == 0
    assert len(output.read_text().splitlines()) == 3


def test_half_a_line_of_one_that_was_killed_is_dropped() -> None:
    assert compare([ADD], "--mutants", "1") == 0
    output = Path("evalplus-humaneval.jsonl")
    whole = output.read_text()
    output.write_text(whole[:-30])
    for _ in range(2):
        assert compare([ADD], "--mutants", "1") == 0
        assert sorted(output.read_text().splitlines()) == sorted(whole.splitlines())


def test_arguments_that_the_canonical_solution_changed_are_a_reason(tmp_path: Path, capsys: Any) -> None:
    reply = f"{LARGEST['prompt']}def largest(digits):\n    return digits\n"
    write_results(tmp_path / "results", reply)
    assert compare([LARGEST], "--mutants", "0", "--samples", "results") == 0
    told = capsys.readouterr().out
    assert "| canonical | 1 | 2 | 2 | 2 | 0 | 0 | 0 |" in told
    assert "| replies | 1 | 2 | 0 | 0 | 0 | 2 | 0 |" in told
    assert "mine/largest, replies: base fails and plus fails here alone; they agree with the arguments kept." in told


def write_results(folder: Path, code: str) -> None:
    each = {"reply": "", "told": "", "verdicts": {}, "prompt_tokens": 0, "completion_tokens": 0, "seconds": 0.0}
    record = {"problem": "mine/largest", "ended": "", "said_done": True, "failure": "", "seconds": 0.0}
    write_lines(folder / "records.jsonl", [{**record, "rounds": [{**each, "code": code}, {**each, "code": ""}]}])
    (folder / "manifest.json").write_text('{"evaluation": "humaneval-notebook"}')


def test_what_is_no_such_evalplus_and_no_such_results_are_refused(stand_in: Path, tmp_path: Path, capsys: Any) -> None:
    write_results(tmp_path / "results", "")
    (tmp_path / "results" / "manifest.json").write_text('{"evaluation": "mbpp-paper"}')
    assert compare([ADD], "--samples", "results") == 2
    assert "these are results of mbpp-paper, and not of humaneval" in capsys.readouterr().err
    metadata = next(stand_in.glob("*.dist-info/METADATA"))
    metadata.write_text(metadata.read_text().replace("0.2.0", "0.3.1"))
    assert compare([ADD]) == 2
    assert "has evalplus 0.3.1: install evalplus==0.2.0 there" in capsys.readouterr().err
    (stand_in / "evalplus" / "evaluate.py").unlink()
    assert compare([ADD]) == 2
    assert "evalplus ended, as told above" in capsys.readouterr().err
