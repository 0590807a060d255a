"""Measure a model on this machine: loading, prefill, decoding, a revision with drafts, stopping."""

from __future__ import annotations

import resource
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import median

from ..config import SamplingParams
from .base import Message, Usage
from .local import LocalModel

_NUM_TOKENS = 200
_CODE = "".join(
    f"def step_{number}(table):\n    chosen = table[table['price'] > {number}]\n    return chosen.groupby('month').mean()\n\n\n"
    for number in range(30)
)


def bench_model(path: Path, cache_dir: Path, threads: int | None = None) -> dict[str, float]:
    """Give seconds (`*_seconds`), tokens per second (`*_tokens_per_second`) and bytes; run it in a process of its own.

    Raises:
        ModelLoadError: the model cannot be used.
    """
    seconds, model = _timed(lambda: LocalModel.load(path, threads, cache_dir, lambda *_: None, 8192))
    first_answer = [Message("user", "Explain how a hash table works, in ten paragraphs.")]
    revision = [Message("user", f"Give this module again, each threshold doubled:\n```python\n{_CODE}```")]
    _reply(model, first_answer, num_tokens=8)
    prefill_start, prompt = _reply(model, revision, num_tokens=1)
    return {
        "load_seconds": seconds,
        "prefill_tokens_per_second": prompt.prompt_tokens / prefill_start,
        "decode_tokens_per_second": median(_decode_rate(model, first_answer) for _ in range(3)),
        "revision_tokens_per_second": _decode_rate(model, revision, [_CODE]),
        "stop_seconds": max(_stop_seconds(model, wait) for wait in (0.05, 0.2, 0.4, 0.6)),
        "peak_bytes": 1024.0 * resource.getrusage(resource.RUSAGE_SELF).ru_maxrss,
    }


def _decode_rate(model: LocalModel, chat: Sequence[Message], drafts: Sequence[str] = ()) -> float:
    seconds, usage = _reply(model, chat, drafts=drafts)
    return usage.completion_tokens / seconds


def _stop_seconds(model: LocalModel, wait: float) -> float:
    """Give how long a reply that must read a new long prompt goes on after it was stopped."""
    stopped_at = time.perf_counter() + wait
    chat = [Message("user", f"{wait}\n{_CODE}")]
    _reply(model, chat, cancelled=lambda: time.perf_counter() > stopped_at)
    return time.perf_counter() - stopped_at


def _reply(
    model: LocalModel,
    chat: Sequence[Message],
    *,
    num_tokens: int = _NUM_TOKENS,
    drafts: Sequence[str] = (),
    cancelled: Callable[[], bool] = lambda: False,
) -> tuple[float, Usage]:
    """Read a reply to its end; give its seconds and what it cost."""
    reply = model.generate(chat, SamplingParams(max_tokens=num_tokens), drafts, cancelled)
    while True:
        try:
            next(reply)
        except StopIteration as stop:
            usage: Usage = stop.value
            return usage.seconds, usage


def _timed(load: Callable[[], LocalModel]) -> tuple[float, LocalModel]:
    start = time.perf_counter()
    model = load()
    return time.perf_counter() - start, model
