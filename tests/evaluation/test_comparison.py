"""`jupyter oci evaluate SUITE --compare`: two results side by side, and what cannot be compared."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from jupyter_oci.cli import main
from jupyter_oci.evaluation.paper.kinds import EXECUTION, FIRST
from jupyter_oci.evaluation.record import Record, Round
from jupyter_oci.evaluation.report.comparison import comparison, mcnemar
from jupyter_oci.evaluation.sessions.verdict import NOT_JUDGED

MANIFEST = {
    "evaluation": "humaneval-notebook",
    "model": "small",
    "settings": {"mode": "auto", "max_rounds": 4},
    "data": {"problems.jsonl": "a" * 64, "examples.jsonl": "b" * 64},
    "code_sha256": "1" * 64,
    "surroundings": {"memory": "8 GiB"},
}


def record(problem: str, *passes: Mapping[str, bool], names: tuple[str, ...] = (), failure: str = "") -> Record:
    each = [Round("", "", "", passed, 0, 0, 0.0, name) for passed, name in zip(passes, names or ("",) * len(passes), strict=True)]
    return Record(problem, tuple(each), "done", said_done=True, failure=failure, seconds=1.0)


def results(folder: Path, *records: Record, **changed: Any) -> Path:
    folder.mkdir()
    (folder / "manifest.json").write_text(json.dumps({**MANIFEST, **changed}))
    (folder / "records.jsonl").write_text("".join(f"{json.dumps(dataclasses.asdict(each))}\n" for each in records))
    return folder


def test_what_only_one_of_two_got_right_is_told_by_its_problem(tmp_path: Path, capsys: Any) -> None:
    yes, no = {"base": True}, {"base": False}
    a = results(tmp_path / "a", record("x/1", no, yes), record("x/2", yes), record("x/3", no), record("x/4", yes))
    settings = {"mode": "auto", "max_rounds": 1}
    code = {"code_sha256": "2" * 64, "surroundings": {"memory": "16 GiB"}, "settings": settings}
    b = results(tmp_path / "b", record("x/3", yes), record("x/2", yes), record("x/1", no, no), **code)
    table = comparison("humaneval", (a, b))
    assert table.columns == ("right", "problems", "A", "B", "only A", "only B", "p")
    assert table.rows == (
        ("base, first reply", "3", "1 (33.3%)", "2 (66.7%)", "0", "1", "1"),
        ("base, at the end", "3", "2 (66.7%)", "2 (66.7%)", "1", "1", "1"),
    )
    assert table.notes[2:5] == (
        "settings, max_rounds: A 4, B 1.",
        "code_sha256: A 111111111111, B 222222222222.",
        "1 problems with a verdict in one alone are left out.",
    )
    assert table.notes[-2:] == ("base, at the end, only A: x/1.", "base, at the end, only B: x/3.")
    assert main(["evaluate", "humaneval", "--compare", str(a), str(b)]) == 0
    assert "2 (66.7%)" in capsys.readouterr().out


def test_second_tries_that_are_alternatives_are_compared_each(tmp_path: Path) -> None:
    no, names = {"plus": False}, (FIRST, EXECUTION)
    a = results(tmp_path / "a", record("x/1", no, {"plus": True}, names=names))
    b = results(tmp_path / "b", record("x/1", no, no, names=names))
    assert [row[:4] for row in comparison("humaneval", (a, b)).rows] == [
        (f"plus, {FIRST}", "1", "0 (0.0%)", "0 (0.0%)"),
        (f"plus, {EXECUTION}", "1", "1 (100.0%)", "0 (0.0%)"),
    ]


def test_sessions_are_judged_at_the_end_alone_and_what_could_not_be_is_left_out(tmp_path: Path) -> None:
    suite = {"evaluation": "dseval-so-pandas2-without-cells", "data": {"so.jsonl": "c" * 64}}
    given = (record("s/1", {}, {"session": True}), record("s/2", {"session": False}, failure=NOT_JUDGED))
    a, b = (results(tmp_path / name, *given, **suite) for name in "ab")
    assert [row[:3] for row in comparison("dseval-so", (a, b)).rows] == [("session, at the end", "1", "1 (100.0%)")]


@pytest.mark.parametrize(
    ("given", "changed", "message"),
    [
        ("x/1", {"evaluation": "humanevalfix"}, "holds results of humanevalfix, and not of humaneval."),
        ("x/2", {}, "are results of other problems"),
        ("x/1", {"data": {"mine.jsonl": "a" * 64}}, "are results of other problems"),
        ("x/1", {"data": {**MANIFEST["data"], "problems.jsonl": "c" * 64}}, "are results of other problems"),
    ],
)
def test_what_is_not_comparable_is_refused(
    tmp_path: Path, capsys: Any, given: str, changed: dict[str, Any], message: str
) -> None:
    a = results(tmp_path / "a", record("x/1", {"base": True}))
    b = results(tmp_path / "b", record(given, {"base": True}), **changed)
    assert main(["evaluate", "humaneval", "--compare", str(a), str(b)]) == 2
    assert message in capsys.readouterr().err


def test_protocols_whose_rounds_mean_other_things_are_not_compared(tmp_path: Path, capsys: Any) -> None:
    a = results(tmp_path / "a", record("x/1", {"base": True}))
    b = results(tmp_path / "b", record("x/1", {"base": True}, names=(FIRST,)), evaluation="humaneval-paper")
    assert main(["evaluate", "humaneval", "--compare", str(a), str(b)]) == 2
    assert "humaneval-notebook and humaneval-paper are judged in other ways" in capsys.readouterr().err
    assert main(["evaluate", "humaneval", "--compare", str(a), str(tmp_path)]) == 2
    assert "holds no results of an evaluation" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("only_a", "only_b", "p"), [(0, 0, 1), (1, 1, 1), (10, 1, 24 / 2048), (0, 5, 1 / 16), (1, 10, 24 / 2048)]
)
def test_chance_is_that_of_the_exact_test(only_a: int, only_b: int, p: float) -> None:
    assert mcnemar(only_a, only_b) == pytest.approx(p)
