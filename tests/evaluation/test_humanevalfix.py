"""HumanEvalFix on real kernels and with the real judge, with a scripted model: what is counted, and as what."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from jupyter_oci.config import AgentConfig
from jupyter_oci.evaluation.data import Files
from jupyter_oci.evaluation.fix import HumanEvalFix, needless_lines
from jupyter_oci.evaluation.record import Record, Round
from jupyter_oci.model.scripted import ScriptedModel

from .small import MEDIAN, write_lines

RIGHT = "def middle(values):\n    values = sorted(values)\n    return values[len(values) // 2]"
EXAMPLES_ALONE = "def middle(values):\n    values = sorted(values)\n    return values[1]"
WRONG = "def middle(values):\n    return values[0]"

Solve = Callable[..., Record]


@pytest.fixture
def evaluation(tmp_path: Path) -> HumanEvalFix:
    without_examples = MEDIAN | {"task_id": "Python/1", "example_test": ""}
    write_lines(tmp_path / "humanevalpack_python.jsonl", [MEDIAN, without_examples])
    return HumanEvalFix(Files(tmp_path))


@pytest.fixture
def solve(evaluation: HumanEvalFix) -> Solve:
    def solve(first: str, told: str = "", problem: str = "Python/0", check: str = "") -> Record:
        block = "```python\n{}\n```".format
        replies = {"assert statements": [block(check)], "Write what is missing": ["no"], "": [block(first), block(told or first)]}
        return evaluation.solve(problem, ScriptedModel(replies), AgentConfig(mode="auto", max_rounds=2))

    return solve


def test_a_fix_that_passes_the_hidden_tests_counts_in_its_round(solve: Solve, evaluation: HumanEvalFix) -> None:
    record = solve(WRONG, told=RIGHT)
    assert [each.verdicts["hidden"] for each in record.rounds] == [False, True]
    assert "`middle([30, 10, 20])` is 30, expected 20" in record.rounds[0].told
    assert (record.ended, record.said_done, record.failure) == ("fixed", True, "")
    assert record.measures == {"examples_failed": True, "needless_lines": 0}
    table = evaluation.summary([record, solve(EXAMPLES_ALONE)])
    shown = dict(zip(table.columns, table.rows[0], strict=True))
    assert (shown["fixed in one try"], shown["fixed after 2"]) == ("0 (0.0%)", "1 (50.0%)")
    assert (shown["said to work"], shown["of these wrong"]) == ("2", "1 (50.0%)")


def test_the_table_goes_to_the_last_round_that_there_was(evaluation: HumanEvalFix) -> None:
    rounds = tuple(Round("", "", "", {"hidden": passed}, 0, 10, 1.0) for passed in (False, False, False, False, False, True))
    table = evaluation.summary([Record("Python/0", rounds, "fixed", True, "", 6.0, {"needless_lines": 0})])
    shown = dict(zip(table.columns, table.rows[0], strict=True))
    assert (shown["fixed after 5"], shown["fixed after 6"]) == ("0 (0.0%)", "1 (100.0%)")
    assert evaluation.summary([]).columns[4] == "fixed after 4"


def test_what_no_reply_mends_stays_as_it_was(solve: Solve) -> None:
    record = solve(WRONG)
    assert (record.ended, record.said_done, record.failure) == ("none_holds", False, "unchanged")
    assert not any(each.code for each in record.rounds)


def test_without_examples_the_claim_rests_on_a_check_of_the_agents_own(solve: Solve) -> None:
    record = solve(RIGHT, problem="Python/1", check="assert middle([1, 2, 3]) == 2")
    assert (record.ended, record.said_done, record.failure) == ("fixed_own_check", True, "")
    assert record.measures["examples_failed"] is False


def test_lines_are_needless_where_the_canonical_solution_left_them(evaluation: HumanEvalFix) -> None:
    base, canonical = (MEDIAN["declaration"] + MEDIAN[key] for key in ("buggy_solution", "canonical_solution"))
    assert needless_lines(base, RIGHT, canonical) == 0
    assert needless_lines(base, "def middle(values):\n    return sorted(values)[len(values) // 2]", canonical) == 1
    assert needless_lines(base, base + "# more", canonical) == 0
