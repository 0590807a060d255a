"""Replies of WorkerModel: streamed, counted, ended; one at a time or several together."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from types import SimpleNamespace

import pytest
from worker_steps import finish, is_text, reply_of, step_until, text

from jupyter_oci.config import SamplingParams
from jupyter_oci.errors import ContextOverflow
from jupyter_oci.events import StatusChanged
from jupyter_oci.model.base import CandidateSteps, Message, Usage
from jupyter_oci.model.client import WorkerModel
from jupyter_oci.model.worker import Worker


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


def candidates_of_words(model: WorkerModel, lengths: list[int]) -> CandidateSteps:
    return model.candidates([[Message("user", "words")]] * len(lengths), [SamplingParams(length) for length in lengths])


def test_candidates_come_together_each_with_its_place(model: WorkerModel):
    said, _ = finish(candidates_of_words(model, [2, 4]))
    parts = [item for item in said if isinstance(item, tuple)]
    assert [place for place, part in parts if part == "word "] == [0, 1, 0, 1, 1, 1]
    assert [(place, part.completion_tokens) for place, part in parts if isinstance(part, Usage)] == [(0, 2), (1, 4)]
    assert isinstance(parts[4][1], Usage), "the first one's end was not told at once"
    phases = [item.phase for item in said if isinstance(item, StatusChanged)]
    assert list(dict.fromkeys(phases)) == ["loading", "thinking", "writing"]


def test_enough_of_one_candidate_ends_that_one(model: WorkerModel):
    steps, enough, parts = candidates_of_words(model, [10_000, 300]), None, []
    with suppress(StopIteration):
        while True:
            item = steps.send(enough)
            parts += [item] if isinstance(item, tuple) else []
            enough = {0} if parts else None
    assert [part for place, part in parts if place == 0 and part == "word "] == ["word "]
    assert [(place, part.stop_reason) for place, part in parts if isinstance(part, Usage)] == [(0, "enough"), (1, "length")]


def test_candidates_that_are_all_enough_end_and_say_what_they_cost(model: WorkerModel):
    steps, parts = candidates_of_words(model, [100_000] * 2), []
    step_until(steps, lambda item: isinstance(item, tuple))
    with suppress(StopIteration):
        while True:
            item = steps.send({0, 1})
            parts += [item] if isinstance(item, tuple) else []
    assert sorted(place for place, _ in parts) == [0, 1]
    assert all(part.stop_reason == "enough" and part.completion_tokens < 50_000 for _, part in parts)


def test_closed_candidates_leave_the_model_free(model: WorkerModel):
    steps = candidates_of_words(model, [100_000] * 2)
    step_until(steps, lambda item: isinstance(item, tuple))
    steps.close()
    assert text(finish(reply_of(model, "say so"))[0]) == "so"


def test_the_process_forgets_what_was_cancelled_when_the_call_has_ended():
    worker = Worker(SimpleNamespace(send=lambda _: None), "unused:Host")  # type: ignore[arg-type] - it is enough of one
    worker._cancelled = {1: {None, 0}, 2: {0}}
    worker._answer({"type": "count", "id": 1, "texts": []})
    assert worker._cancelled == {2: {0}}
