"""One measured figure beside its target."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Figure:
    """A measure in `unit`, and the most it may be; `samples` is how often it was taken."""

    name: str
    value: float
    target: float
    unit: str = "ms"
    samples: int = 1

    @property
    def reached(self) -> bool:
        """Whether it is within its target."""
        return self.value <= self.target


def percentile(values: Sequence[float], percent: float) -> float:
    """Give the value that `percent` of the values do not exceed (the nearest rank)."""
    ordered = sorted(values)
    return ordered[max(0, math.ceil(len(ordered) * percent / 100) - 1)]


def p95(name: str, seconds: Sequence[float], target: float) -> Figure:
    """Give the 95th percentile of times as a figure in milliseconds."""
    return Figure(f"{name}, p95", percentile(seconds, 95) * 1000, target, samples=len(seconds))
