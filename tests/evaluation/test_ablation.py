"""What is kept from the agent, seen by what the model is told."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

import pytest

from jupyter_oci.agent.loop import Agent
from jupyter_oci.config import AgentConfig, SamplingParams
from jupyter_oci.errors import ConfigError
from jupyter_oci.evaluation.ablation import Ablation
from jupyter_oci.evaluation.data import Files
from jupyter_oci.evaluation.live_kernel import live_kernel, run_cells
from jupyter_oci.evaluation.registry import Options, make_evaluation
from jupyter_oci.events import ExecutionStarted, FeedbackGiven, RunEvent, StatusChanged
from jupyter_oci.model.base import Message, Usage
from jupyter_oci.model.scripted import ScriptedModel
from jupyter_oci.request import Cell, Request

from .small import data_folder, write_lines

SUM = ("```python\ntides['high']\n```", "```python\nsum(tides['heights'])\n```", "It is 3.")
HALF = ("```python\ndef half(x):\n    return x // 2\n```", "```python\ndef half(x):\n    return x / 2\n```", "It halves.")


E = TypeVar("E")


@dataclass
class Told:
    """What one run told the model, prompt by prompt, and its events."""

    prompts: list[str] = field(default_factory=list)
    events: list[RunEvent] = field(default_factory=list)

    @property
    def sources(self) -> list[str]:
        return [event.source for event in self.of(ExecutionStarted)]

    def of(self, kind: type[E]) -> list[E]:
        return [event for event in self.events if isinstance(event, kind)]


class Listening(ScriptedModel):
    """A scripted model that writes down what it is told after the example that every prompt begins with."""

    def __init__(self, replies: Sequence[str], told: Told) -> None:
        super().__init__(replies)
        self._told = told

    def generate(
        self, messages: Sequence[Message], sampling: SamplingParams, drafts: Sequence[str] = ()
    ) -> Generator[str | StatusChanged | None, bool | None, Usage]:
        self._told.prompts.append("\n".join(message.content for message in messages[5:]))
        return (yield from super().generate(messages, sampling, drafts))


def run(*without: str, prompt: str = "Sum the heights.", replies: Sequence[str] = SUM) -> Told:
    """Run the agent under an ablation, in a notebook of one cell."""
    ablation, told = Ablation(frozenset(without)), Told()
    with live_kernel() as kernel:
        cells = run_cells(kernel, [Cell("tides", "code", "tides = {'heights': [1, 2]}  # by hand")])
        request = ablation.request(Request(prompt, tuple(cells), "tides"))
        steps = Agent(Listening(replies, told), ablation.executor(kernel), AgentConfig(mode="auto")).run(request)
        told.events = [event for event in steps if event is not None]
    return told


def test_nothing_is_kept_from_the_whole_agent() -> None:
    first, second, *_ = run().prompts
    assert "# by hand" in first
    assert "tides: dict length 1 {'heights'" in first
    assert "----> 1 tides['high']\nKeyError: 'high'" in second
    assert "`tides` is dict" in second


@pytest.mark.parametrize(
    ("part", "kept"),
    [
        ("cells", "# by hand"),
        ("variables", "dict length 1"),
        ("traceback", "----> 1"),
        ("error", "KeyError"),
    ],
)
def test_a_part_is_kept_from_the_model(part: str, kept: str) -> None:
    whole, lesser = run(), run(part)
    assert kept in "".join(whole.prompts)
    assert kept not in "".join(lesser.prompts)
    assert lesser.sources == ["tides['high']", "sum(tides['heights'])"]
    assert "`tides['high']`" not in lesser.prompts[1] or part not in ("traceback", "error")


def test_without_an_error_the_model_knows_that_there_was_one() -> None:
    assert "```\nError\n```" in run("error").prompts[1]


@pytest.mark.parametrize(("part", "told"), [("traceback", ("KeyError", "'high'", [])), ("error", ("Error", "", []))])
def test_cells_that_a_fix_is_asked_for_tell_as_little(part: str, told: tuple[str, str, list[str]]) -> None:
    error = {"output_type": "error", "ename": "KeyError", "evalue": "'high'", "traceback": ["----> 1"]}
    printed = {"output_type": "stream", "name": "stdout", "text": "high"}
    (cell,) = Ablation(frozenset({part})).cells([Cell("a", "code", "tides['high']", outputs=(printed, error))])
    assert cell.outputs[0] == printed
    assert (cell.outputs[1]["ename"], cell.outputs[1]["evalue"], cell.outputs[1]["traceback"]) == told
    (whole,) = Ablation().cells([Cell("a", "code", "tides['high']", outputs=(error,))])
    assert whole.outputs == (error,)


def test_without_trials_what_fails_a_check_is_told_at_once() -> None:
    asked = {"prompt": "Halve it.\nassert half(3) == 1.5\nassert half(8) == 4", "replies": HALF}
    whole, lesser = run(**asked), run("trials", **asked)
    assert whole.sources == lesser.sources == ["def half(x):\n    return x // 2", "def half(x):\n    return x / 2"]
    assert [len(told.of(FeedbackGiven)) for told in (whole, lesser)] == [1, 2]
    assert "expected 1.5" in lesser.of(FeedbackGiven)[0].text


def test_results_of_each_ablation_have_a_name_of_their_own(tmp_path: Path) -> None:
    files = Files(data_folder(tmp_path))
    lesser = Ablation(frozenset({"variables", "trials"}))
    named = make_evaluation("humaneval", "notebook", Options(files, ablation=lesser))
    assert named.name == "humaneval-notebook-without-trials-variables"
    assert named.summary([]).title == "HumanEval (+), notebook protocol, without trials and variables"
    whole = make_evaluation("humaneval", "notebook", Options(files))
    assert (whole.name, whole.summary([]).title) == ("humaneval-notebook", "HumanEval (+), notebook protocol")
    write_lines(tmp_path / "so.jsonl", [{"problemset": "s", "cells": [{"question": "How much?", "reference_code": "1"}]}])
    without_cells = Ablation(frozenset({"variables", "cells"}))
    sessions = make_evaluation("dseval-so", "session", Options(Files(tmp_path / "so.jsonl"), ablation=without_cells))
    assert sessions.summary([]).title == "dseval-so, without cells and variables"


@pytest.mark.parametrize(
    ("suite", "protocol"), [("humaneval", "paper"), ("humanevalfix", "notebook"), ("humaneval", "notebook"), ("mbpp", "notebook")]
)
def test_where_nothing_is_kept_back_it_is_refused(tmp_path: Path, suite: str, protocol: str) -> None:
    with pytest.raises(ConfigError, match="--without"):
        make_evaluation(suite, protocol, Options(Files(data_folder(tmp_path)), ablation=Ablation(frozenset({"cells"}))))
