from __future__ import annotations

import queue
import threading

from jupyter_oci.errors import Stopped
from jupyter_oci.events import ApprovalRequested, Decision, RunFinished, StatusChanged, TextDelta
from jupyter_oci.server.stream import Stream

HANG = 30
REQUEST = ApprovalRequested("id", "cell", "source", "hash")


def streamed(events):
    """Stream a generator; give the stream, what it says and what ended it."""
    said, ended = queue.Queue(), queue.Queue()
    stream = Stream(events, said.put, ended.put)
    stream.start()
    return stream, said, ended


def test_events_come_in_order_and_nothing_new_is_no_event():
    def events():
        yield TextDelta("a")
        yield None
        yield TextDelta("b")

    stream, said, ended = streamed(events())
    assert ended.get(timeout=HANG) is None
    assert [said.get_nowait() for _ in range(2)] == [TextDelta("a"), TextDelta("b")]
    assert said.empty()
    assert stream.join(HANG)


def test_an_answer_reaches_the_run_that_waits_for_it():
    def events():
        decision = yield REQUEST
        while decision is None:
            decision = yield None
        yield TextDelta(decision.source)

    stream, said, ended = streamed(events())
    assert said.get(timeout=HANG) == REQUEST
    stream.answer("id", Decision("run", "edited"))
    assert said.get(timeout=HANG) == TextDelta("edited")
    assert ended.get(timeout=HANG) is None


def test_a_stop_is_thrown_in_once_and_the_last_events_still_come():
    thrown = []

    def events():
        try:
            while True:
                yield None
        except Stopped as stopped:
            thrown.append(stopped)
            yield StatusChanged("running")
            yield RunFinished("stopped", 0, "stopped")

    stream, said, ended = streamed(events())
    stream.stop()
    stream.stop()
    assert ended.get(timeout=HANG) is None
    assert [said.get_nowait().type for _ in range(2)] == ["status_changed", "run_finished"]
    assert len(thrown) == 1


def test_a_stop_ends_the_waiting_for_an_answer():
    def events():
        yield REQUEST

    stream, _, ended = streamed(events())
    stream.stop()
    assert isinstance(ended.get(timeout=HANG), Stopped)


def test_what_breaks_a_run_is_handed_on():
    def events():
        yield TextDelta("a")
        raise ValueError("broken")

    _, said, ended = streamed(events())
    assert isinstance(ended.get(timeout=HANG), ValueError)
    assert said.get_nowait() == TextDelta("a")


def test_a_run_is_stepped_in_a_thread_of_its_own():
    names = []

    def events():
        names.append(threading.current_thread())
        yield None

    _, _, ended = streamed(events())
    ended.get(timeout=HANG)
    assert names != [threading.current_thread()]


def test_an_answer_to_an_approval_that_waits_no_more_is_none_to_the_next():
    def events():
        yield REQUEST
        decision = yield ApprovalRequested("next", "cell", "other", "hash")
        while decision is None:
            decision = yield None
        yield TextDelta(decision.source)

    stream, said, ended = streamed(events())
    assert said.get(timeout=HANG) == REQUEST
    assert said.get(timeout=HANG).approval_id == "next"
    stream.answer("id", Decision("run", "late"))
    stream.answer("next", Decision("run", "in time"))
    assert said.get(timeout=HANG) == TextDelta("in time")
    assert ended.get(timeout=HANG) is None
