"""An asynchronous source in a thread of its own, followed by a generator that can be closed at any moment."""

from __future__ import annotations

import asyncio
import contextlib
import queue
import threading
from collections.abc import AsyncGenerator, Callable, Generator
from concurrent.futures import Future
from dataclasses import dataclass
from typing import TypeVar

Item = TypeVar("Item")

_STOP_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class _End:
    error: BaseException | None


def follow(source: Callable[[], AsyncGenerator[Item, None]], tick: float) -> Generator[Item | None, None, None]:
    """Yield what the source gives, None when that is nothing for `tick` seconds; raise what it raises.

    Closing the generator cancels the source in whatever it waits for, be it a connection, an answer or a pause, and waits for its
    end. The thread is there because a caller may have an event loop of its own, as a kernel has.
    """
    box: queue.SimpleQueue[Item | _End] = queue.SimpleQueue()
    canceller: Future[Callable[[], object]] = Future()
    thread = threading.Thread(target=_drive, args=(source, box, canceller), name="model endpoint", daemon=True)
    thread.start()
    try:
        while True:
            try:
                item = box.get(timeout=tick)
            except queue.Empty:
                yield None
                continue
            if not isinstance(item, _End):
                yield item
            elif item.error is None:
                return
            else:
                raise item.error
    finally:
        with contextlib.suppress(RuntimeError):  # it has ended already
            canceller.result()()
        thread.join(_STOP_SECONDS)


def _drive(
    source: Callable[[], AsyncGenerator[Item, None]],
    box: queue.SimpleQueue[Item | _End],
    canceller: Future[Callable[[], object]],
) -> None:
    async def pump() -> None:
        loop, task = asyncio.get_running_loop(), asyncio.current_task()
        assert task is not None
        canceller.set_result(lambda: loop.call_soon_threadsafe(task.cancel))
        async with contextlib.aclosing(source()) as items:
            async for item in items:
                box.put(item)

    pumping = pump()
    try:
        asyncio.run(pumping)
    except BaseException as error:  # raised again by `follow`
        pumping.close()
        if not canceller.done():  # there is no event loop
            canceller.set_result(lambda: None)
        box.put(_End(error))
    else:
        box.put(_End(None))
