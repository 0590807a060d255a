"""How long the context of a large notebook takes to build."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

from ...agent.prompt import build_prompt, prompt_limit
from ...config import AgentConfig
from ...kernel.base import Variable
from ...model.scripted import ScriptedModel
from ...request import Cell, Request
from .figure import Figure, p95

CELLS = 5000
TIMES = 20


def measure(model: str, cache_dir: Path) -> Iterator[Figure]:
    """Build the prompt of a notebook of 5,000 cells with outputs, the user in its middle."""
    request = Request("Plot it.", tuple(map(_cell, range(CELLS))), f"cell-{CELLS // 2}")
    variables = [Variable(f"name_{number}", "DataFrame", "(1000, 12)") for number in range(300)]
    count = ScriptedModel([""]).count_tokens
    seconds = []
    for _ in range(TIMES):
        started = time.perf_counter()
        build_prompt(request, variables, (), count, prompt_limit(8192, AgentConfig()))
        seconds.append(time.perf_counter() - started)
    yield p95(f"context for {CELLS:,} cells", seconds, 200)


def _cell(number: int) -> Cell:
    outputs = ({"output_type": "stream", "name": "stdout", "text": f"row {number}\n" * 50},)
    source = f"frame_{number} = load({number})\n" + "print(frame.describe())\n" * 10
    return Cell(f"cell-{number}", "code", source, number, outputs)
