"""How soon a real model is idle after a stop, in prefill and in decoding."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path

from ...config import ModelConfig, SamplingParams
from ...model.base import Message
from ...model.client import WorkerModel
from .figure import Figure, p95

STOPS = 10
PREFILL_TOKENS = 4096
SENTENCE = "The harbour was quiet before the boats came in with the morning tide. "


def measure(model: str, cache_dir: Path) -> Iterator[Figure]:
    """Stop a prefill of 4,096 tokens at different moments, and a reply that is being written."""
    host = WorkerModel(ModelConfig(name=model), cache_dir)
    try:
        for _ in host.load():
            pass
        sentences = PREFILL_TOKENS // max(1, host.count_tokens([SENTENCE])[0])
        prefills = [_stop(host, SENTENCE * sentences, number, _after(0.1 * number)) for number in range(1, STOPS + 1)]
        yield p95("stop to model idle, 4k prefill", prefills, 300)
        replies = [_stop(host, "Write a long program.", number, _at_text(number)) for number in range(1, STOPS + 1)]
        yield p95("stop to model idle, writing", replies, 300)
    finally:
        host.close()


Until = Callable[[object], bool]


def _stop(host: WorkerModel, prompt: str, number: int, until: Until) -> float:
    """Give the seconds that closing a reply takes: the model is idle when it returns. Each prompt begins anew, uncached."""
    reply = host.generate([Message("user", f"{number}. {prompt}")], SamplingParams(max_tokens=512))
    for piece in reply:
        if until(piece):
            break
    started = time.perf_counter()
    reply.close()
    return time.perf_counter() - started


def _after(seconds: float) -> Until:
    end = time.perf_counter() + seconds
    return lambda piece: time.perf_counter() >= end


def _at_text(pieces: int) -> Until:
    seen = []

    def until(piece: object) -> bool:
        seen.extend([piece] if isinstance(piece, str) else [])
        return len(seen) >= pieces

    return until
