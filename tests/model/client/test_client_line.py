"""Whoever asks WorkerModel for a reply while another is written waits in a line."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest
from worker_steps import NEVER_HANGS, finish, is_text, reply_of, step_until

from jupyter_oci.errors import ModelError
from jupyter_oci.events import StatusChanged
from jupyter_oci.model.client import WorkerModel


def test_two_threads_are_served_in_turn(model: WorkerModel):
    order: list[int] = []

    def work(me: int) -> None:
        for _ in range(4):
            order.append(me)
            finish(reply_of(model, "words", max_tokens=5))

    finish(model.load())
    threads = [threading.Thread(target=work, args=(number,)) for number in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(NEVER_HANGS)
    assert sorted(order) == [0] * 4 + [1] * 4
    assert all(abs(order[:n].count(0) - order[:n].count(1)) <= 2 for n in range(8))


def test_the_place_in_the_line_is_told_and_moves_up(model: WorkerModel):
    first, second, third = (reply_of(model, "words") for _ in range(3))
    step_until(first, is_text)
    assert next(second) == StatusChanged("queued", "2nd in line")
    assert next(third) == StatusChanged("queued", "3rd in line")
    first.close()
    assert step_until(third, lambda item: item is not None) == StatusChanged("queued", "2nd in line")
    step_until(second, is_text)
    second.close()
    step_until(third, is_text)
    third.close()


def test_what_is_closed_in_the_line_never_starts(model: WorkerModel):
    first, second = reply_of(model, "words"), reply_of(model, "words")
    step_until(first, is_text)
    next(second)
    second.close()
    assert is_text(step_until(first, is_text))
    first.close()
    with pytest.raises(StopIteration):
        next(second)


def test_a_line_that_is_too_long_is_refused(make: Callable[..., WorkerModel]):
    model = make(line_limit=1)
    first, second = reply_of(model, "words"), reply_of(model, "words")
    step_until(first, is_text)
    next(second)
    with pytest.raises(ModelError, match="1 requests wait"):
        next(reply_of(model, "words"))
    second.close()
    first.close()
