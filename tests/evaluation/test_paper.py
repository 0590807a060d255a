"""The published protocol, word for word, with a scripted model."""

from __future__ import annotations

from pathlib import Path

import pytest

from jupyter_oci.config import AgentConfig
from jupyter_oci.evaluation.hidden import HiddenTests, Score
from jupyter_oci.evaluation.judge import Verdict
from jupyter_oci.evaluation.paper import prompts
from jupyter_oci.evaluation.paper.feedback import feedback
from jupyter_oci.evaluation.paper.kinds import EXECUTION, HUMAN, ORACLE
from jupyter_oci.evaluation.paper.protocol import Paper
from jupyter_oci.evaluation.record import Record
from jupyter_oci.evaluation.suites.humaneval import load_humanevalplus
from jupyter_oci.evaluation.suites.problem import Problem
from jupyter_oci.model.scripted import ScriptedModel

from .small import ADD, LONGEST, write_lines

RIGHT = "```python\ndef add(a, b):\n    return a + b\n```"
BASE_ONLY = "```python\ndef add(a, b):\n    return a + b if a > 0 else 0\n```"
WRONG = "```python\ndef add(a, b):\n    return a - b\n```"
FIRST = """\
You are an exceptionally intelligent coding assistant that consistently delivers accurate and reliable responses to user \
instructions.

@@ Instruction
Here is the given code to do completion:
```python
def add(a, b):
    \"\"\"Add.

    >>> add(1, 2)
    3
    \"\"\"
```
Please continue to complete the function with python programming language. You are not allowed to modify the given code and do \
the completion only.\x20

Please return all completed codes in one code block.\x20
This code block should be in the following format:
```python
# Your codes here
```

@@ Response"""
SECOND = """

@@ Instruction
Execution result:\x20
The results aren't as expected.
Input: [1, 2]
Expected Output: 3
Actual Output: -1"""


@pytest.fixture(scope="module")
def problems(tmp_path_factory: pytest.TempPathFactory) -> list[Problem]:
    return load_humanevalplus(write_lines(tmp_path_factory.mktemp("data") / "problems.jsonl", [ADD, LONGEST]))


def solved(problems: list[Problem], script: dict[str, list[str]], guide: ScriptedModel | None = None) -> Record:
    return Paper("humaneval", problems, guide).solve("HumanEval/0", ScriptedModel(script), AgentConfig())


def columns(record: Record) -> list[tuple[str, dict[str, bool]]]:
    return [(each.name, dict(each.verdicts)) for each in record.rounds]


def test_the_prompts_are_the_published_ones(problems: list[Problem]) -> None:
    assert prompts.complete(problems[0].prompt) == FIRST
    assert prompts.again(FIRST, WRONG, prompts.executed("no")) == f"{FIRST}\n{WRONG}\n\n@@ Instruction\nExecution result: \nno\n"


def test_what_passes_at_once_gets_no_second_try(problems: list[Problem]) -> None:
    record = solved(problems, {"": [RIGHT]})
    assert columns(record) == [("single turn", {"base": True, "plus": True})]
    assert record.failure == ""


def test_what_fails_is_told_the_first_hidden_test_in_one_user_message(problems: list[Problem]) -> None:
    record = solved(problems, {f"{FIRST}\n{WRONG}{SECOND}": [RIGHT], FIRST: [WRONG]})
    first, *second = record.rounds
    assert first.code == "def add(a, b):\n    return a - b"
    assert columns(record)[0] == ("single turn", {"base": False, "plus": False})
    assert [each.verdicts for each in second] == [{"base": True}, {"plus": True}]
    base, plus = (each.told for each in second)
    assert base == SECOND.partition("@@ Instruction\n")[2]
    assert plus == f"{base}\nThe results aren't as expected.\nInput: [-1, 5]\nExpected Output: 4\nActual Output: -6"
    assert record.failure == ""


def test_with_one_round_what_fails_gets_no_second_try_and_no_row(problems: list[Problem]) -> None:
    paper = Paper("humaneval", problems)
    record = paper.solve("HumanEval/0", ScriptedModel({"": [WRONG]}), AgentConfig(max_rounds=1))
    assert columns(record) == [("single turn", {"base": False, "plus": False})]
    ours, published = paper.summary([record]).rows[:2]
    assert ours == ("this model, 1 of 2 problems", "0.0 (0.0)", "0 (0) of 1")
    assert published[0].startswith("OpenCodeInterpreter")


def test_only_the_version_that_fails_is_tried_again(problems: list[Problem]) -> None:
    record = solved(problems, {"Execution result: \n": [WRONG], "": [BASE_ONLY]})
    assert columns(record) == [
        ("single turn", {"base": True, "plus": False}),
        ("+ Execution Feedback", {"plus": False}),
    ]
    assert record.rounds[1].told.endswith("Input: [-1, 5]\nExpected Output: 4\nActual Output: 0")
    assert record.failure == "wrong (plus)"  # the first reply's, where no try passes


def test_the_guide_is_asked_as_published_and_its_words_go_on(problems: list[Problem]) -> None:
    guide = ScriptedModel({"@@Canonical Solution\n    return a + b\n": ["Do as it does."], "@@Guidance": ["Think of the sign."]})
    script = {"Do as it does.": [RIGHT], "Think of the sign.": [BASE_ONLY], "Execution result: ": [WRONG], "": [WRONG]}
    record = solved(problems, script, guide)
    by_kind = {(each.name, version): held for each in record.rounds for version, held in each.verdicts.items()}
    assert by_kind["+ Execution Feedback", "base"] is False
    assert by_kind["+ Synth. Human Feedback", "base"] is True
    assert by_kind["+ Synth. Human Feedback", "plus"] is False
    assert by_kind["+ Synth. Human Feedback (Oracle)", "plus"] is True
    assert {each.told for each in record.rounds[3:]} == {"Think of the sign.", "Do as it does."}
    assert record.failure == ""
    table = Paper("humaneval", problems, guide).summary([record])
    assert [row[:2] for row in table.rows[:4]] == [
        ("this model, 1 of 2 problems", "0.0 (0.0)"),
        ("+ Execution Feedback", "0.0 (0.0)"),
        ("+ Synth. Human Feedback", "100.0 (0.0)"),
        ("+ Synth. Human Feedback (Oracle)", "100.0 (100.0)"),
    ]
    assert ("OpenCodeInterpreter-SC2-3B", "65.2 (57.9)", "") in table.rows
    assert any("oracle" in note for note in table.notes)


def test_a_problem_has_passed_where_any_try_passes_and_nobody_said_it_was_done(problems: list[Problem]) -> None:
    guide = ScriptedModel({"@@Canonical Solution": ["Do as it does."], "": ["Think of the sign."]})
    record = solved(problems, {"Do as it does.": [WRONG], "Think of the sign.": [RIGHT], "": [WRONG]}, guide)
    assert [each.verdicts["plus"] for each in record.rounds if "plus" in each.verdicts] == [False, False, True, False]
    assert record.failure == ""
    assert solved(problems, {"": [WRONG]}).said_done is False


def test_a_second_prompt_that_does_not_fit_the_window_is_a_try_that_failed(problems: list[Problem]) -> None:
    paper = Paper("humaneval", problems[:1])
    record = paper.solve("HumanEval/0", ScriptedModel([f"{WRONG}{' ' * 4000}"], window=1000), AgentConfig())
    assert columns(record) == [
        ("single turn", {"base": False, "plus": False}),
        (EXECUTION, {"base": False}),
        (EXECUTION, {"plus": False}),
    ]
    assert (record.ended, record.failure) == ("stop", "wrong")
    table = paper.summary([record])
    assert table.rows[1] == (EXECUTION, "0.0 (0.0)", "0 (0) of 1")
    assert table.notes[0] == "2 prompts did not fit the model's or the guide's window: those tries count as failed."


def test_a_guides_prompt_that_does_not_fit_leaves_the_other_kinds_alone(problems: list[Problem]) -> None:
    record = solved(problems, {"Execution result: ": [RIGHT], "": [WRONG]}, ScriptedModel([], window=10))
    by_kind = {(each.name, version): held for each in record.rounds for version, held in each.verdicts.items()}
    assert (by_kind[EXECUTION, "plus"], by_kind[HUMAN, "plus"], by_kind[ORACLE, "plus"]) == (True, False, False)


def test_a_first_prompt_that_does_not_fit_the_window_is_a_problem_that_failed(problems: list[Problem]) -> None:
    record = Paper("humaneval", problems).solve("HumanEval/0", ScriptedModel([RIGHT], window=100), AgentConfig())
    assert columns(record) == [("single turn", {"base": False, "plus": False})]
    assert (record.ended, record.failure) == ("context_overflow", "prompt_overflow")


@pytest.mark.parametrize(
    ("code", "verdict", "told"),
    [
        ("def plus(): pass", Verdict("error", "..."), "Please rename your function to add as there is no function named add."),
        ("def add(): pass", Verdict("timeout", "..."), "Execution timed out."),
        ("def add(): pass", Verdict("wrong", "x" * 600), "x" * 500),
        ("def add(): pass", Verdict("error", 'File "<string>", line 1\nAssertionError: must be\ntwo'), "must be\ntwo"),
        ("def add(): pass", Verdict("error", 'File "<string>", line 1\nAssertionError\n'), ""),
        ("def add(): pass", Verdict("error", 'File "<string>", line 1\nKeyError: 2\n'), 'File "<string>", line 1\nKeyError: 2'),
    ],
)
def test_each_kind_of_failure_is_told_as_published(problems: list[Problem], code: str, verdict: Verdict, told: str) -> None:
    assert feedback(problems[0], code, Score(verdict, verdict), "base") == told


def test_a_canonical_solution_that_fails_is_our_failure(problems: list[Problem], tmp_path: Path) -> None:
    broken = {**ADD, "canonical_solution": "    return a +\n"}
    (problem,) = load_humanevalplus(write_lines(tmp_path / "broken.jsonl", [broken]))
    with pytest.raises(Exception, match="canonical solution of HumanEval/0 fails here"):
        HiddenTests(problem)
