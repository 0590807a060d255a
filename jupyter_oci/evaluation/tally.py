"""Counting records: what passes after so many rounds, and how a share is printed."""

from __future__ import annotations

from collections.abc import Sequence

from .record import Record


def passed_after(records: Sequence[Record], tests: str, rounds: int) -> int:
    """Count the problems whose code passes the tests after at most so many rounds; a run that ended earlier keeps its code."""
    return sum(passes_after(record, tests, rounds) for record in records)


def passes_after(record: Record, tests: str, rounds: int) -> bool:
    """Whether the code passes the tests after at most so many rounds. Without a round there is no code."""
    done = record.rounds[:rounds]
    return bool(done) and done[-1].verdicts.get(tests, False)


def passes_with(record: Record, tests: str, name: str) -> bool:
    """Whether a first round or the second try of this name passes the tests, where rounds are alternatives."""
    tried = [each for place, each in enumerate(record.rounds) if place == 0 or each.name == name]
    return any(each.verdicts.get(tests, False) for each in tried)


def percent(part: int, whole: int) -> str:
    """Print a share with its count, `97 (59.1%)`; of nothing, a dash."""
    return f"{part} ({100 * part / whole:.1f}%)" if whole else "-"
