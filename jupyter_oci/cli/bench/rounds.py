"""What a round costs on our side."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from statistics import median

from ...agent.loop import Agent
from ...config import AgentConfig, KernelConfig
from ...kernel.launch import launch_kernel
from ...model.scripted import ScriptedModel
from ...request import Request
from .figure import Figure

RUNS = 10
CODES = tuple(f"value = {number}\nvalue" for number in range(5))


def measure(model: str, cache_dir: Path) -> Iterator[Figure]:
    """Time whole rounds whose model answers at once and whose cell does next to nothing: an upper bound of our own cost."""
    seconds = list(_run_seconds())
    rounds = len(CODES) + 1
    yield Figure("a round with an instant model and a trivial cell", median(seconds) / rounds * 1000, 50, samples=RUNS * rounds)


def _run_seconds() -> Iterator[float]:
    """Give the seconds of each run; the first one warms up and is left out."""
    model = ScriptedModel([*(f"```python\n{code}\n```" for code in CODES), "Done."])
    config = AgentConfig(mode="auto", max_cells=len(CODES) + 1)
    with launch_kernel(KernelConfig()) as session:
        for turn in range(RUNS + 1):
            started = time.perf_counter()
            for _ in Agent(model, session, config).run(Request("count")):
                pass
            if turn:
                yield time.perf_counter() - started
