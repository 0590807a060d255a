"""One line of the comparison, and what it should come to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Final

from .engines import LOOKUP, OURS, PEER

# How many times better than llama-cpp-python as installed, by the model and the row's name.
TARGETS: Final[dict[str, dict[str, float]]] = {
    "qwen2.5-coder-0.5b-instruct": {
        "decode": 1.25,
        "prefill of 1k tokens": 4.0,
        "answer: 1k + 200 tokens": 1.8,
        "revision: repair": 4.0,
        "revision: rewrite": 2.0,
    },
    "qwen2.5-coder-1.5b-instruct": {
        "decode": 1.05,
        "prefill of 1k tokens": 2.5,
        "answer: 1k + 200 tokens": 1.3,
        "revision: repair": 4.0,
        "revision: rewrite": 1.8,
    },
}

# What ours must come to by itself, with these models.
LIMITS: Final[dict[str, float]] = {
    "new code with drafts": 0.97,  # none is gained where drafts find nothing, and none lost but by the measurement's noise
    "longest wait for a token, all cores busy with others": 1.0,
}


@dataclass(frozen=True, slots=True)
class Row:
    """A figure in `unit` for each column that has it.

    `target` is the ratio to the peer as installed that is to be reached, and its prompt lookup is not to be faster then; `limit`
    is the least that ours may be, or where less is better the most.
    """

    name: str
    unit: str
    values: Mapping[str, float]
    more_is_better: bool = False
    target: float | None = None
    limit: float | None = None

    def ratio(self, title: str) -> float | None:
        """Tell how many times better ours is than the column `title`; None: one of them has no figure."""
        if OURS not in self.values or title not in self.values:
            return None
        ours, theirs = self.values[OURS], self.values[title]
        return ours / theirs if self.more_is_better else theirs / ours

    @property
    def reached(self) -> bool:
        """Whether ours is what it should come to, as far as there is something to compare with."""
        return not self.missed

    @property
    def missed(self) -> list[str]:
        """Name what ours should have come to and did not: its limit, its target, and then its prompt lookup too."""
        least = {} if self.target is None else {PEER: self.target, LOOKUP: 1.0}
        slower = [
            f"{times:g} times {title}"
            for title, times in least.items()
            if (ratio := self.ratio(title)) is not None and ratio < times
        ]
        return slower if self._is_within_limit else [f"{self.limit:g} {self.unit}", *slower]

    @property
    def _is_within_limit(self) -> bool:
        if self.limit is None:
            return True
        return self.values[OURS] >= self.limit if self.more_is_better else self.values[OURS] <= self.limit

    def judged(self, model: str) -> Row:
        """Give it with what it should come to, where that is known for the model."""
        targets = TARGETS.get(model)
        return self if targets is None else replace(self, target=targets.get(self.name), limit=LIMITS.get(self.name))

    def as_json(self) -> dict[str, object]:
        """Give it as plain values."""
        ratios = {title: ratio for title in (PEER, LOOKUP) if (ratio := self.ratio(title)) is not None}
        return {**asdict(self), "values": dict(self.values), "ratios": ratios, "missed": self.missed, "reached": self.reached}
