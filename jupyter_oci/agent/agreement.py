"""Of several replies that meet a check, the one that most of them agree with: one or two examples are also met by chance.

They are compared by what they answer to calls with other values, as in Chen et al., "CodeT: Code Generation with Generated
Tests", ICLR 2023, and Shi et al., "Natural Language to Code Translation with Execution", EMNLP 2022.
"""

from __future__ import annotations

from collections.abc import Sequence

from .elsewhere import Proposal


class Agreement:
    """The replies that meet a check, in the order in which they came."""

    def __init__(self) -> None:
        self._held: list[tuple[Proposal, Sequence[str]]] = []

    def add(self, proposal: Proposal, answers: Sequence[str]) -> bool:
        """Add one, with its answers; say whether that settles it: one before answers alike, or there is nothing to compare by."""
        settled = not answers or any(answers == others for _, others in self._held)
        self._held.append((proposal, answers))
        return settled

    @property
    def likeliest(self) -> Proposal | None:
        """Give the one whose answers the others share most, of equals the first; None where there is none."""
        return max(self._held, key=lambda held: self._shared(held[1]), default=(None,))[0]

    def _shared(self, answers: Sequence[str]) -> int:
        return sum(one == other for _, others in self._held for one, other in zip(answers, others, strict=False))
