"""Blocking work is followed, and given up when its follower is closed."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

import pytest

from jupyter_oci.model.background import Background


def test_reports_come_while_it_works_and_its_result_at_the_end():
    seen = threading.Event()

    def work(report: Callable[[str, float | None], None], cancelled: Callable[[], bool]) -> int:
        report("half", 0.5)
        seen.wait(10)
        return 7

    following = Background(work).follow(0.01)
    reports = []
    with pytest.raises(StopIteration) as stop:  # noqa: PT012 - the end of the loop is what is awaited
        while True:
            reports.append(next(following))
            if reports[-1]:
                seen.set()
    assert stop.value.value == 7
    assert ("half", 0.5) in reports


def test_its_error_is_the_followers():
    def work(report: object, cancelled: object) -> None:
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        list(Background(work).follow(0.01))


def test_closing_cancels_it_and_waits_for_its_end():
    ended = threading.Event()

    def work(report: object, cancelled: Callable[[], bool]) -> None:
        while not cancelled():
            time.sleep(0.01)
        ended.set()

    following = Background(work).follow(0.01)
    assert next(following) is None
    following.close()
    assert ended.is_set()
