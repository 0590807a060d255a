"""`jupyter oci evaluate`: records that survive, results that are not mixed, and what its options choose."""

from __future__ import annotations

import errno
import json
import os
import signal
import subprocess
import sys
import textwrap
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from jupyter_oci.cli import main
from jupyter_oci.evaluation.data import PUBLISHED_FILES
from jupyter_oci.evaluation.hidden import HiddenTests
from jupyter_oci.evaluation.paper.kinds import EXECUTION
from jupyter_oci.evaluation.paper.summary import OWN
from jupyter_oci.evaluation.record import Record
from jupyter_oci.evaluation.results import open_results
from jupyter_oci.evaluation.runner import chosen, part_told
from jupyter_oci.evaluation.suites.humaneval import load_humanevalplus
from jupyter_oci.evaluation.suites.mbpp import load_mbppplus
from jupyter_oci.evaluation.suites.problem import Problem
from jupyter_oci.model.base import Message
from jupyter_oci.model.scripted import ScriptedModel

from .small import ADD, LONGEST, data_folder, write_lines

RIGHT = "```python\ndef add(a, b):\n    return a + b\n```"
LONGEST_RIGHT = "```python\ndef longest(words):\n    return max(words, key=len, default=None)\n```"
SCRIPT = {"def add(a, b):": [RIGHT], "def longest(words):": [LONGEST_RIGHT]}
HANGS = """
import sys, time
from jupyter_oci.cli import main
from jupyter_oci.model.scripted import ScriptedModel

class Model(ScriptedModel):
    def generate(self, messages, *more):
        if "longest" in messages[-1].content:
            print("hanging", flush=True)
            time.sleep(600)
        return super().generate(messages, *more)

main(sys.argv[1:], lambda config: Model({script!r}))
"""


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return data_folder(tmp_path / "data")


def evaluate(*words: object, script: Any = SCRIPT) -> int:
    given = [str(word) for word in ("evaluate", "humaneval", "--protocol", "paper", *words)]
    return main(given, model_factory=lambda config: ScriptedModel(script))


def records(folder: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (folder / "records.jsonl").read_text().splitlines()]


def test_every_problem_gets_a_record_and_the_report_is_written(data: Path, tmp_path: Path, capsys: Any) -> None:
    out = tmp_path / "out"
    assert evaluate("--data", data, "--output", out, "--jobs", 2) == 0
    assert {record["problem"] for record in records(out)} == {"HumanEval/0", "HumanEval/1"}
    assert {path.name for path in out.iterdir()} >= {"summary.md", "plot.png", "report.html", "manifest.json"}
    assert "100.0 (100.0)" in capsys.readouterr().out
    manifest = json.loads((out / "manifest.json").read_text())
    assert set(manifest["data"]) == {"HumanEvalPlus-v0.1.9.jsonl.gz"}
    assert manifest["machine"]["python"]


def test_without_matplotlib_what_to_install_for_the_plot_is_told(
    data: Path, tmp_path: Path, capsys: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    given = ("--data", data, "--output", tmp_path / "out", "--limit", 1)
    assert evaluate(*given) == 0
    assert "matplotlib" not in capsys.readouterr().err
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    assert evaluate(*given) == 0
    assert "no plot, for want of matplotlib: pip install 'jupyter_oci[evaluate]'" in capsys.readouterr().err


def test_what_has_a_record_is_not_done_again_and_a_broken_line_is(data: Path, tmp_path: Path, capsys: Any) -> None:
    out = tmp_path / "out"
    assert evaluate("--data", data, "--output", out) == 0
    first, second = (out / "records.jsonl").read_bytes().splitlines(keepends=True)
    (out / "records.jsonl").write_bytes(first + second[: len(second) // 2])
    answers_longest_alone = {"def longest(words):": [LONGEST_RIGHT]}
    assert evaluate("--data", data, "--output", out, script=answers_longest_alone) == 0
    assert (out / "records.jsonl").read_bytes().splitlines(keepends=True)[0] == first
    assert [record["problem"] for record in records(out)] == ["HumanEval/0", "HumanEval/1"]
    assert "1 broken lines were left out" in capsys.readouterr().err


def test_a_run_that_was_killed_goes_on_where_it_was(data: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    words = ["evaluate", "humaneval", "--protocol", "paper", "--data", str(data), "--output", str(out)]
    program = textwrap.dedent(HANGS).format(script=SCRIPT)
    with subprocess.Popen([sys.executable, "-c", program, *words], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "hanging\n"
        os.kill(process.pid, signal.SIGKILL)
    assert [record["problem"] for record in records(out)] == ["HumanEval/0"]
    assert evaluate("--data", data, "--output", out, script={"def longest(words):": [LONGEST_RIGHT]}) == 0
    assert [record["problem"] for record in records(out)] == ["HumanEval/0", "HumanEval/1"]


def test_results_of_another_run_are_not_added_to(data: Path, tmp_path: Path, capsys: Any) -> None:
    out = tmp_path / "out"
    assert evaluate("--data", data, "--output", out, "--limit", 1) == 0
    before = (out / "records.jsonl").read_bytes()
    for change, named in (
        (["--rounds", "2"], "settings"),
        (["--seed", "7"], "settings"),
        (["--guide", "x"], "guide"),
        (["--device", "cpu-16bit"], "device"),
        (["--jobs", "2"], "jobs"),
    ):
        assert evaluate("--data", data, "--output", out, *change) == 2
        error = capsys.readouterr().err
        assert "holds results of another run" in error
        assert named in error
    assert (out / "records.jsonl").read_bytes() == before


def test_a_folder_without_records_is_free_for_another_run(data: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    assert evaluate("--data", data, "--output", out, "--limit", 1) == 0
    (out / "records.jsonl").unlink()
    assert evaluate("--data", data, "--output", out, "--limit", 1, "--jobs", 2) == 0
    assert json.loads((out / "manifest.json").read_text())["jobs"] == 2
    (out / "records.jsonl").write_bytes(b"")
    assert evaluate("--data", data, "--output", out, "--limit", 1) == 0


def test_a_record_that_could_not_be_written_is_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(descriptor: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with open_results(tmp_path, {}) as results:
        with pytest.raises(OSError, match="No space left"):
            results.add(Record("HumanEval/0", (), "", False, "", 0.0))
        assert results.done == frozenset()


def test_an_update_of_the_system_between_two_sittings_is_no_other_run(
    data: Path, tmp_path: Path, capsys: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "out"
    assert evaluate("--data", data, "--output", out, "--limit", 1) == 0
    began = json.loads((out / "manifest.json").read_text())["began"]
    (out / "manifest.json").write_text((out / "manifest.json").read_text().replace(began, "2020-01-02"))
    monkeypatch.setattr("platform.platform", lambda: "Linux-99")
    assert evaluate("--data", data, "--output", out) == 0
    assert "Linux-99" in (out / "report.html").read_text()
    assert ", 2020-01-02; system" in (out / "summary.md").read_text()
    monkeypatch.setattr("platform.python_version", lambda: "3.99")
    assert evaluate("--data", data, "--output", out) == 2
    assert "machine differ" in capsys.readouterr().err


def test_a_template_that_was_changed_is_another_run(data: Path, tmp_path: Path, capsys: Any) -> None:
    out, template = tmp_path / "out", tmp_path / "chat.jinja"
    template.write_text("{{ messages[0].content }}")
    given = ("--data", data, "--output", out, "--template", template)
    assert evaluate(*given, "--limit", 1) == 0
    template.write_text("{{ messages[0].content }}!")
    assert evaluate(*given) == 2
    assert "(template_sha256 differ)" in capsys.readouterr().err


class Placed(ScriptedModel):
    """Reads in so many bits, and in the next ones from where the longest word is asked for."""

    def __init__(self, *bits: int, script: Any = SCRIPT) -> None:
        super().__init__(script)
        self._bits = list(bits)

    @property
    def computed(self) -> dict[str, Any]:
        return {"device": "cpu", "bits read": self._bits[0], "window": 8192}

    def generate(self, messages: Sequence[Message], *more: Any) -> Any:
        if "longest" in messages[-1].content and len(self._bits) > 1:
            self._bits.pop(0)
        return super().generate(messages, *more)


def test_records_that_are_computed_in_other_bits_are_not_mixed(data: Path, tmp_path: Path, capsys: Any) -> None:
    out = tmp_path / "out"
    words = ["evaluate", "humaneval", "--protocol", "paper", "--data", str(data), "--output", str(out)]
    assert main([*words, "--limit", "1"], model_factory=lambda config: Placed(8)) == 0
    told = "Computed in: device cpu, bits read 8, window 8192."
    assert told in (out / "summary.md").read_text()
    before = (out / "records.jsonl").read_bytes()
    assert main(words, model_factory=lambda config: Placed(4)) == 2
    error = capsys.readouterr().err
    assert f"The records in {out} were computed otherwise (bits read 8, now 4)" in error
    assert "--device" in error
    assert (out / "records.jsonl").read_bytes() == before
    assert main([*words, "--limit", "1"], model_factory=lambda config: Placed(4)) == 0, "nothing is left to compute"
    assert told in (out / "summary.md").read_text()
    assert main(words, model_factory=lambda config: Placed(8)) == 0
    assert "<dt>computed, bits read</dt><dd>8</dd>" in (out / "report.html").read_text()


def test_a_model_that_is_loaded_anew_in_other_bits_ends_the_run(data: Path, tmp_path: Path, capsys: Any) -> None:
    out = tmp_path / "out"
    words = ["evaluate", "humaneval", "--protocol", "paper", "--data", str(data), "--output", str(out)]
    assert main(words, model_factory=lambda config: Placed(8, 4)) == 1
    assert "The model was loaded anew, and is computed otherwise (bits read 8, now 4)." in capsys.readouterr().err
    assert [record["problem"] for record in records(out)] == ["HumanEval/0"]
    assert main(words, model_factory=lambda config: Placed(8)) == 0


def test_both_suites_in_one_table_are_computed_in_the_same(data: Path, tmp_path: Path, capsys: Any) -> None:
    words = ["--protocol", "paper", "--data", str(data), "--limit", "1", "--output"]
    humaneval, mbpp = tmp_path / "humaneval", tmp_path / "mbpp"
    assert main(["evaluate", "humaneval", *words, str(humaneval)], model_factory=lambda config: Placed(8)) == 0
    beside = ["evaluate", "mbpp", *words, str(mbpp), "--beside", str(humaneval)]
    assert main(beside, model_factory=lambda config: Placed(4, script={"": [RIGHT]})) == 2
    assert "computed differ, so that one row cannot hold both suites" in capsys.readouterr().err


def test_what_the_judge_cannot_forbid_is_told_and_stands_in_the_report(
    data: Path, tmp_path: Path, capsys: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "out"
    monkeypatch.setattr("jupyter_oci.evaluation.manifest.confinement", lambda: {"files": True, "TCP": False, "signals": False})
    assert evaluate("--data", data, "--output", out, "--limit", 1) == 0
    assert "On this machine the judge cannot forbid the code under test: TCP, signals." in capsys.readouterr().err
    page = (out / "report.html").read_text()
    assert "<dt>judged code is forbidden</dt><dd>files</dd>" in page
    assert "<dt>judged code is not forbidden</dt><dd>TCP, signals</dd>" in page
    monkeypatch.setattr("jupyter_oci.evaluation.manifest.confinement", lambda: {"files": True})
    assert evaluate("--data", data, "--output", out) == 0
    assert "cannot forbid" not in capsys.readouterr().err


def test_other_data_are_another_run(data: Path, tmp_path: Path, capsys: Any) -> None:
    out = tmp_path / "out"
    assert evaluate("--data", data, "--output", out, "--limit", 1) == 0
    mine = write_lines(tmp_path / "mine.jsonl", [ADD])
    assert evaluate("--data", mine, "--output", out) == 2
    assert "data differ" in capsys.readouterr().err
    assert evaluate("--data", mine, "--output", tmp_path / "mine") == 0
    assert [record["problem"] for record in records(tmp_path / "mine")] == ["HumanEval/0"]


def test_a_summary_says_which_part_it_is_of(data: Path, tmp_path: Path) -> None:
    assert evaluate("--data", data, "--output", tmp_path, "--split", "tuning", "--limit", "1") == 0
    told = (tmp_path / "summary.md").read_text().splitlines()
    assert "- Part of the suite: split tuning, of these the first 1." in told


def test_what_is_missing_for_the_protocol_is_told_at_once(tmp_path: Path, capsys: Any) -> None:
    mine = write_lines(tmp_path / "mine.jsonl", [ADD])
    assert evaluate("--data", mine, "--output", tmp_path / "out", "--protocol", "notebook", "--split", "reporting") == 0
    assert "No request has examples" in capsys.readouterr().err


def test_problems_of_ones_own_are_not_compared_with_the_published_rows(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert evaluate("--data", data, "--output", tmp_path / "own") == 0
    assert f"- {OWN}" in (tmp_path / "own" / "summary.md").read_text().splitlines()
    (name, sha256), *_ = json.loads((tmp_path / "own" / "manifest.json").read_text())["data"].items()
    monkeypatch.setitem(PUBLISHED_FILES, name, sha256)
    assert evaluate("--data", data, "--output", tmp_path / "published") == 0
    assert OWN not in (tmp_path / "published" / "summary.md").read_text()


def test_both_suites_of_the_published_table_stand_in_one_with_their_average(data: Path, tmp_path: Path, capsys: Any) -> None:
    first, second = tmp_path / "first", tmp_path / "second"
    assert evaluate("--data", data, "--output", first, script={"longest(words)": [LONGEST_RIGHT], "": ["no code"]}) == 0
    mbpp = ["evaluate", "mbpp", "--protocol", "paper", "--data", str(data), "--output", str(second), "--beside"]
    script = {"": ["```python\ndef shared(a, b):\n    return tuple(set(a) & set(b))\n```"]}

    def beside(folder: Path, *more: str) -> int:
        return main([*mbpp, str(folder), *more], model_factory=lambda config: ScriptedModel(script))

    assert beside(first) == 0
    lines = (second / "summary.md").read_text().splitlines()
    assert lines[4] == "|  | HumanEval (+) | MBPP (+) | Average (+) |"
    assert lines[6:8] == ["| this model | 50.0 (50.0) | 100.0 (100.0) | 75.0 (75.0) |", lines[6].replace("this model", EXECUTION)]
    assert "| OpenCodeInterpreter-DS-1.3B | 65.2 (61.0) | 63.4 (52.4) | 64.3 (56.7) |" in lines
    assert f"- {OWN}" in lines
    assert "- Problems: ours 2 of HumanEval (+) and 1 of MBPP (+), those of the published rows 164 and 399." in lines
    capsys.readouterr()
    for folder, more, message in (
        (tmp_path, (), "holds no results of an evaluation"),
        (second, (), "results of mbpp-paper, and not of humaneval-paper"),
        (first, ("--rounds", "1"), "settings differ"),
        (first, ("--protocol", "notebook"), "add --protocol paper"),
    ):
        assert beside(folder, *more) == 2
        assert message in capsys.readouterr().err


def test_a_problem_that_could_not_be_asked_has_no_record_and_is_tried_again(data: Path, tmp_path: Path, capsys: Any) -> None:
    out = tmp_path / "out"
    assert evaluate("--data", data, "--output", out, script={"def add(a, b):": [RIGHT]}) == 1
    assert [record["problem"] for record in records(out)] == ["HumanEval/0"]
    assert "HumanEval/1 has no record: ModelError" in capsys.readouterr().err
    assert evaluate("--data", data, "--output", out) == 0


def test_problems_of_ones_own_are_judged_as_they_stand(tmp_path: Path) -> None:
    names = {"mine/first": "are_equivalent", "mine/2": "check_str", "mine/295": "sum_div"}
    same = {"prompt": "Add a zero.", "base_input": [[[1, 2]]], "plus_input": [[[]]], "atol": 0}
    rows = [
        {**same, "task_id": task_id, "entry_point": name, "canonical_solution": f"def {name}(x): return x + [0]"}
        for task_id, name in names.items()
    ]
    path = write_lines(tmp_path / "mine.jsonl", rows)
    assert [(problem.base, problem.oracle) for problem in load_mbppplus(path)] == [(([[1, 2]],), "equal")] * 3
    assert main(["evaluate", "mbpp", "--check-data", "--data", str(path)]) == 0
    zero = {**rows[0], "task_id": "mine/0", "entry_point": "find_zero"}
    assert [problem.oracle for problem in load_humanevalplus(write_lines(path, [zero]))] == ["equal"]


def test_a_file_of_ones_own_is_not_taken_for_the_original_suite(tmp_path: Path, capsys: Any) -> None:
    mine = write_lines(tmp_path / "mine.jsonl", [ADD])
    assert main(["evaluate", "humaneval", "--check-data", "--data", str(mine)]) == 0
    assert "2 of 2 judgements are as they must be" in capsys.readouterr().out


def test_what_fails_for_a_reason_of_its_own_leaves_the_other_problems_alone(
    data: Path, tmp_path: Path, capsys: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails_once(self: HiddenTests, problem: Problem) -> None:
        if problem.id == "HumanEval/0":
            raise RecursionError("too deep")
        prepare(self, problem)

    prepare, out = HiddenTests.__init__, tmp_path / "out"
    monkeypatch.setattr(HiddenTests, "__init__", fails_once)
    assert evaluate("--data", data, "--output", out) == 1
    assert [record["problem"] for record in records(out)] == ["HumanEval/1"]
    assert "HumanEval/0 has no record: RecursionError: too deep" in capsys.readouterr().err


def test_a_part_is_chosen_the_same_way_each_time() -> None:
    names = [str(number) for number in range(50)]
    sample = chosen(names, sample=5, seed=3)
    assert sample == chosen(names, sample=5, seed=3) == sorted(sample, key=int)
    assert sample != chosen(names, sample=5, seed=4)
    assert chosen(names, limit=2) == ["0", "1"]
    assert chosen(names, limit=2, sample=5, seed=3) == sample[:2]
    assert chosen(names, sample=500) == names
    tuning, reporting = chosen(names, split="tuning"), chosen(names, split="reporting")
    assert tuning[:3] == ["0", "2", "4"]
    assert sorted([*tuning, *reporting], key=int) == names
    assert set(chosen(names, split="reporting", sample=5)) < set(reporting)
    assert part_told() == ""
    assert part_told(limit=2) == "the first 2"
    whole = "split reporting, of these 5 at random by seed 3, of these the first 2"
    assert part_told(limit=2, sample=5, seed=3, split="reporting") == whole


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["mbpp", "--protocol", "session"], "mbpp has no protocol 'session'; it has notebook, paper"),
        (["humaneval", "--guide", "x"], "add --protocol paper"),
        (["humaneval", "--propagate"], "are settings of sessions"),
        (["humaneval", "--kernel", "other"], "are settings of sessions"),
        (["humaneval", "--data", "/nowhere"], "there is no"),
    ],
)
def test_what_does_not_fit_is_refused(data: Path, capsys: Any, words: list[str], message: str) -> None:
    given = ["evaluate", *words] if "--data" in words else ["evaluate", *words, "--data", str(data)]
    assert main(given, model_factory=lambda config: ScriptedModel(SCRIPT)) == 2
    assert message in capsys.readouterr().err


def test_the_suites_own_solutions_pass_or_are_told(data: Path, capsys: Any) -> None:
    checked = ["evaluate", "mbpp", "--check-data", "--data"]
    assert main([*checked, str(data)]) == 0
    assert "2 of 2 judgements are as they must be" in capsys.readouterr().out
    original = {**LONGEST, "test": "def check(candidate):\n    assert candidate(['a', 'bb']) == 'a'\n"}
    write_lines(data / "humaneval" / "HumanEval.jsonl.gz", [original])
    assert main(["evaluate", "humaneval", "--check-data", "--jobs", "2", "--data", str(data)]) == 1
    told = capsys.readouterr()
    assert "4 of 5 judgements are as they must be" in told.out
    assert "HumanEval/1, original: wrong" in told.err
