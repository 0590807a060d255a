"""A small model for the model's process: it does what the last message says, with nothing to download."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Generator, Sequence
from pathlib import Path

from jupyter_oci.config import SamplingParams
from jupyter_oci.errors import ContextOverflow, ModelLoadError
from jupyter_oci.model.base import Message, Usage


class ObedientHost:
    """Says words for ever, or what its environment is, or nothing; loads slowly or not at all, as its file says."""

    window = 512
    computed = {"device": "cpu", "bits read": 8, "bits written": 4}  # noqa: RUF012 - nobody changes it
    _slow_to_calibrate = False

    @classmethod
    def load(
        cls,
        path: Path,
        threads: int | None,
        cache_dir: Path,
        report: Callable[[str, float | None], None],
        max_window: int,
        **_: object,
    ) -> ObedientHost:
        sys.stdout.write("libraries print to standard output\n")
        report("Reading", 0.5)
        order = path.read_text()
        if "broken" in order:
            raise ModelLoadError("The file is broken. Fetch it again.")
        if "strange" in order:
            raise RuntimeError("strange\nwith a long traceback")
        if "slow" in order:
            time.sleep(60)
        if "exit" in order:
            sys.exit("the library gave up")
        host = cls()
        host._slow_to_calibrate = "leisurely" in order
        return host

    def calibrate(self, interrupted: Callable[[], bool]) -> bool:
        while self._slow_to_calibrate and not interrupted():
            time.sleep(0.005)
        return self._slow_to_calibrate

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        return [len(text.split()) for text in texts]

    def generate(
        self, messages: Sequence[Message], sampling: SamplingParams, drafts: Sequence[str], cancelled: Callable[[], bool]
    ) -> Generator[str, None, Usage]:
        order = messages[-1].content
        spoken = 0
        if "overflow" in order:
            raise ContextOverflow("Too long. Send fewer cells.")
        for word in self._words(order):
            while "deaf" in order or ("silent" in order and not cancelled()):
                time.sleep(0.005)
            if cancelled() or spoken == sampling.max_tokens:
                return Usage(len(order.split()), 0, spoken, 0.0, "enough" if cancelled() else "length")
            sys.stdout.write("libraries print while they compute\n")
            sys.stdout.flush()
            yield word
            spoken += 1
            time.sleep(0.005)
        return Usage(len(order.split()), 0, spoken, 0.0, "stop")

    def _words(self, order: str) -> Generator[str, None, None]:
        if "environment" in order:
            yield "\n".join(f"{name}={value}" for name, value in os.environ.items())
        elif "status" in order:
            yield Path("/proc/self/oom_score_adj").read_text() + f" {os.nice(0)} {os.getsid(0) == os.getpid()} {os.getcwd()}"
        elif "write to" in order:
            try:
                Path(order.removeprefix("write to ")).write_text("x")
            except OSError as error:
                yield type(error).__name__
        elif "hoard" in order:
            hoard = [bytearray(60_000) for _ in range(4_000)]
            self._last = bytearray(60_000)  # keeps the heap from shrinking by itself
            yield str(len(hoard))
        elif "say" in order:
            yield order.removeprefix("say ")
        else:
            while True:
                yield "word "

    def candidates(
        self,
        conversations: Sequence[Sequence[Message]],
        samplings: Sequence[SamplingParams],
        enough: Callable[[int], bool],
        cancelled: Callable[[], bool],
    ) -> Generator[tuple[int, str | Usage], None, None]:
        replies = {
            index: self.generate(messages, sampling, [], lambda index=index: enough(index) or cancelled())
            for index, (messages, sampling) in enumerate(zip(conversations, samplings, strict=True))
        }
        while replies:
            for index, reply in list(replies.items()):
                try:
                    yield index, next(reply)
                except StopIteration as stop:
                    yield index, stop.value
                    del replies[index]
