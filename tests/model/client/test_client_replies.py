"""Replies of WorkerModel: streamed, counted, ended; one at a time or several together."""

from __future__ import annotations

from collections.abc import Callable, Generator
from typing import Any

import pytest
from worker_steps import finish, is_text, reply_of, step_until, text

from jupyter_oci.config import SamplingParams
from jupyter_oci.errors import ContextOverflow
from jupyter_oci.events import StatusChanged
from jupyter_oci.model.base import Message, Usage
from jupyter_oci.model.client import WorkerModel


def test_a_reply_loads_the_model_then_thinks_then_writes(model: WorkerModel):
    said, usage = finish(reply_of(model, "say déjà \ud800"))
    phases = [item.phase for item in said if isinstance(item, StatusChanged)]
    assert list(dict.fromkeys(phases)) == ["loading", "thinking", "writing"]
    assert text(said) == "déjà \ud800"
    assert (usage.completion_tokens, usage.stop_reason) == (1, "stop")


def test_tokens_are_counted_while_another_reply_is_written(model: WorkerModel):
    reply = reply_of(model, "words")
    step_until(reply, is_text)
    assert model.count_tokens(["a b c", ""]) == [3, 0]
    reply.close()


def test_enough_ends_the_reply_with_its_cost(model: WorkerModel):
    reply = reply_of(model, "words")
    step_until(reply, is_text)
    said, usage = finish(reply, send=True)
    assert usage.stop_reason == "enough"
    assert not said


@pytest.mark.parametrize("order", ["words", "silent"])
def test_a_closed_reply_leaves_the_model_idle_in_the_same_process(model: WorkerModel, order: str):
    reply = reply_of(model, order)
    step_until(reply, is_text if order == "words" else lambda item: item == StatusChanged("thinking"))
    next(reply)
    pid = model.pid
    reply.close()
    assert text(finish(reply_of(model, "say hello"))[0]) == "hello"
    assert model.pid == pid


def test_what_can_wait_gives_way_to_a_request(make: Callable[..., WorkerModel]):
    model = make("leisurely")
    finish(model.load())
    pid = model.pid
    for order in ("say hello", "say again"):
        assert text(finish(reply_of(model, order))[0]) == order.removeprefix("say ")
    assert model.pid == pid


def test_errors_of_the_model_keep_their_kind_and_spare_the_process(model: WorkerModel):
    with pytest.raises(ContextOverflow, match="Send fewer cells"):
        finish(reply_of(model, "overflow"))
    pid = model.pid
    finish(reply_of(model, "say hello"))
    assert model.pid == pid


def candidates_of_words(model: WorkerModel, lengths: list[int]) -> Generator[Any, Any, list[Usage]]:
    return model.candidates([[Message("user", "words")]] * len(lengths), [SamplingParams(length) for length in lengths])


def test_candidates_come_together_each_with_its_place(model: WorkerModel):
    said, usages = finish(candidates_of_words(model, [2, 4]))
    assert sorted(item for item in said if isinstance(item, tuple)) == [(0, "word ")] * 2 + [(1, "word ")] * 4
    assert [usage.completion_tokens for usage in usages] == [2, 4]
    phases = [item.phase for item in said if isinstance(item, StatusChanged)]
    assert list(dict.fromkeys(phases)) == ["loading", "thinking", "writing"]


def test_enough_of_one_candidate_ends_that_one(model: WorkerModel):
    steps, enough, later = candidates_of_words(model, [10_000, 300]), None, 0
    while True:
        try:
            item = steps.send(enough)
        except StopIteration as stop:
            usages = stop.value
            break
        enough = isinstance(item, tuple) and item[0] == 0
        later += bool(enough)
    assert later == 1
    assert [usage.stop_reason for usage in usages] == ["enough", "length"]


def test_closed_candidates_leave_the_model_free(model: WorkerModel):
    steps = candidates_of_words(model, [100_000] * 2)
    step_until(steps, lambda item: isinstance(item, tuple))
    steps.close()
    assert text(finish(reply_of(model, "say so"))[0]) == "so"
