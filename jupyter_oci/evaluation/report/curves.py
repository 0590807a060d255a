"""Curves: the share of problems that pass after each round, for the plot and the page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from ..record import Record
from ..sessions.verdict import NOT_JUDGED
from ..tally import passed_after, passes_after, passes_with

_MOST = 8
END = "in the end"


@dataclass(frozen=True, slots=True)
class Curve:
    """The shares of one set of tests, 0..1, one for each label; `steps` tells whether the labels follow each other."""

    tests: str
    labels: tuple[str, ...]
    shares: tuple[float, ...]
    steps: bool


def curves(records: Sequence[Record]) -> list[Curve]:
    """Give a curve for each set of tests that the records speak of; those that could not be judged count nowhere."""
    records = [record for record in records if record.failure != NOT_JUDGED]
    tests = list(dict.fromkeys(name for record in records for each in record.rounds for name in each.verdicts))
    names = list(dict.fromkeys(each.name for record in records for each in record.rounds if each.name))
    curve = partial(_named, names=names) if names else _stepped if _all_judged(records) else _ending
    return [curve(records, one) for one in tests]


def _all_judged(records: Sequence[Record]) -> bool:
    return all(each.verdicts for record in records for each in record.rounds)


def _ending(records: Sequence[Record], tests: str) -> Curve:
    """Give the share in the end alone: what stood before the last round was not judged."""
    passed = sum(passes_after(record, tests, len(record.rounds)) for record in records)
    return Curve(tests, (END,), (passed / len(records),), steps=False)


def _stepped(records: Sequence[Record], tests: str) -> Curve:
    most = min(_MOST, max(len(record.rounds) for record in records))
    counts = [passed_after(records, tests, rounds) for rounds in range(1, most + 1)]
    return Curve(tests, tuple(map(str, range(most))), tuple(count / len(records) for count in counts), steps=True)


def _named(records: Sequence[Record], tests: str, names: Sequence[str]) -> Curve:
    counts = [sum(passes_with(record, tests, name) for record in records) for name in names]
    return Curve(tests, tuple(names), tuple(count / len(records) for count in counts), steps=False)
