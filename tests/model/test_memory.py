from __future__ import annotations

import ctypes
import sys

import psutil
import pytest

from jupyter_oci.model.memory import give_back


@pytest.mark.skipif(sys.platform != "linux", reason="other systems' libraries give memory back by themselves")
def test_what_was_freed_goes_back_to_the_system() -> None:
    if not hasattr(ctypes.CDLL(None), "malloc_trim"):
        pytest.skip("not glibc")
    kept = [bytearray(60_000) for _ in range(4_000)]
    last = bytearray(60_000)  # keeps the heap from shrinking by itself
    full = psutil.Process().memory_info().rss
    del kept
    give_back()
    assert full - psutil.Process().memory_info().rss > 100 << 20
    assert len(last) == 60_000


def test_on_windows_nothing_is_asked_of_a_library_that_is_not_there(monkeypatch: pytest.MonkeyPatch) -> None:
    def load(name: str | None) -> None:
        raise TypeError("argument of type 'NoneType' is not iterable")

    monkeypatch.setattr(sys, "platform", "win32")
    monkeypatch.setattr(ctypes, "CDLL", load)
    give_back()
