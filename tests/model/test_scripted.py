"""ScriptedModel keeps the promises of ChatModel."""

from __future__ import annotations

import time
from collections.abc import Collection, Mapping
from contextlib import suppress
from typing import Any

import pytest

from jupyter_oci.config import SamplingParams
from jupyter_oci.errors import ContextOverflow, ModelError, WorkerDied
from jupyter_oci.events import StatusChanged
from jupyter_oci.model.base import UNWRITTEN, ChatModel, Message, Usage
from jupyter_oci.model.scripted import ScriptedModel


def ask(model: ChatModel, *turns: tuple[str, str], max_tokens: int = 1024) -> tuple[list[object], Usage]:
    """Run a reply to its end; give all that it yielded, and its cost."""
    reply = model.generate([Message(role, text) for role, text in turns], SamplingParams(max_tokens))
    said: list[object] = []
    while True:
        try:
            said.append(next(reply))
        except StopIteration as stop:
            return said, stop.value


def text(said: list[object]) -> str:
    return "".join(piece for piece in said if isinstance(piece, str))


def test_a_request_picks_its_replies_and_feedback_moves_on_in_them():
    model = ScriptedModel({"plot": ["plot 1", "plot 2"], "mean": ["mean 1"]})
    assert text(ask(model, ("user", "the mean of x"))[0]) == "mean 1"
    turns = [("user", "please plot x"), ("assistant", "plot 1"), ("user", "Execution result:\nmean of nothing")]
    assert text(ask(model, *turns)[0]) == "plot 2"


def test_the_last_reply_repeats():
    turns = [("user", "x"), ("assistant", "a"), ("user", "Execution result:"), ("assistant", "b"), ("user", "Execution result:")]
    assert text(ask(ScriptedModel(["a", "b"]), *turns)[0]) == "b"


def test_earlier_requests_are_not_counted():
    turns = [("user", "x"), ("assistant", "a"), ("user", "again")]
    assert text(ask(ScriptedModel(["a", "b"]), *turns)[0]) == "a"


def test_what_was_asked_earlier_picks_no_reply():
    model = ScriptedModel({"plot": ["a plot"], "mean": ["a mean"]})
    earlier = "# Earlier requests, and what was found\n- plot x\n  Done."
    assert text(ask(model, ("user", f"# Notebook\nx\n\n{earlier}\n\n# Request\nthe mean"))[0]) == "a mean"


def test_phases_and_costs_are_those_of_a_model():
    said, usage = ask(ScriptedModel(["twelve chars"]), ("user", "12345"))
    assert [piece.phase for piece in said if isinstance(piece, StatusChanged)] == ["thinking", "writing"]
    assert (usage.prompt_tokens, usage.completion_tokens, usage.stop_reason) == (2, 3, "stop")


def test_the_reply_ends_at_max_tokens():
    said, usage = ask(ScriptedModel(["twelve chars"]), ("user", "x"), max_tokens=2)
    assert (text(said), usage.completion_tokens, usage.stop_reason) == ("twelve c", 2, "length")


def test_enough_ends_the_reply():
    reply = ScriptedModel(["twelve chars"]).generate([Message("user", "x")], SamplingParams())
    while not isinstance(next(reply), str):
        pass
    with pytest.raises(StopIteration) as stop:
        reply.send(True)
    assert stop.value.value.stop_reason == "enough"


def test_it_yields_while_it_waits():
    reply = ScriptedModel(["two tokens"], delay=5).generate([Message("user", "x")], SamplingParams())
    while not isinstance(next(reply), str):
        pass
    started = time.monotonic()
    assert next(reply) is None
    assert time.monotonic() - started < 1
    reply.close()


def test_a_scripted_error_is_raised():
    with pytest.raises(WorkerDied, match="gone"):
        ask(ScriptedModel([WorkerDied("gone")]), ("user", "x"))


def test_a_request_without_a_reply_is_said():
    with pytest.raises(ModelError, match="no reply to 'hello'"):
        ask(ScriptedModel({"plot": ["a"]}), ("user", "hello"))


def test_a_request_beyond_the_window_is_refused():
    with pytest.raises(ContextOverflow):
        ask(ScriptedModel(["a"], window=2), ("user", "more than two tokens"))


def all_parts(steps: Any, enough: Mapping[int, Collection[int]]) -> list[tuple[int, str | Usage]]:
    """Take all of several replies; `enough` is said after so many parts."""
    parts: list[tuple[int, str | Usage]] = []
    with suppress(StopIteration):
        while True:
            item = steps.send(enough.get(len(parts)))
            parts += [item] if isinstance(item, tuple) else []
    return parts


TWO = [[Message("user", "one")], [Message("user", "two")]]


def test_several_replies_come_one_after_another_each_with_its_cost():
    model = ScriptedModel({"one": ["12345"], "two": ["abc"]})
    parts = all_parts(model.candidates(TWO, [SamplingParams(), SamplingParams(1)]), {})
    assert [part for _, part in parts if isinstance(part, str)] == ["1234", "5", "abc"]
    assert [place for place, _ in parts] == [0, 0, 0, 1, 1]
    assert [part.completion_tokens for _, part in parts if isinstance(part, Usage)] == [2, 1]


def test_of_several_replies_what_is_enough_ends_and_is_not_begun():
    model = ScriptedModel(["1234" * 9])
    one, other = (all_parts(model.candidates(TWO, [SamplingParams()] * 2), {1: places}) for places in ((0,), (0, 1)))
    assert [place for place, _ in one] == [0, 0, *[1] * 10]
    assert [part.stop_reason for _, part in one if isinstance(part, Usage)] == ["enough", "stop"]
    assert [place for place, _ in other] == [0, 0, 1]
    assert other[-1] == (1, UNWRITTEN)


def test_load_returns_the_window():
    loading = ScriptedModel(["a"], window=99).load()
    assert next(loading) == StatusChanged("loading", "scripted", 1.0)
    with pytest.raises(StopIteration) as stop:
        next(loading)
    assert stop.value.value == 99
