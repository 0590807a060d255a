"""What the records of HumanEvalFix say, in one row."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import mean, median

from .record import Record, Table
from .tally import passed_after, percent

TRIES = 4
"""The tries that always have a column; more have one where a run had more."""


def fix_table(records: Sequence[Record], problems: int) -> Table:
    """Count what is fixed after each round, claims that are wrong, what was given up but right, and lines touched for nothing.

    `problems` is how many the suite has.
    """
    count = len(records)
    most = max([TRIES, *(len(record.rounds) for record in records)])
    fixed = [passed_after(records, "hidden", tries) for tries in range(1, most + 1)]
    right = [record for record in records if record.rounds and record.rounds[-1].verdicts["hidden"]]
    wrong = [record for record in records if record not in right]
    said = sum(record.said_done for record in records)
    columns = (
        ("problems", str(count)),
        *((f"fixed after {tries}" if tries > 1 else "fixed in one try", percent(n, count)) for tries, n in enumerate(fixed, 1)),
        ("said to work", str(said)),
        ("of these wrong", percent(sum(record.said_done for record in wrong), said)),
        ("gave up but right", str(sum(not record.said_done for record in right))),
        ("needless lines a right fix", f"{_mean([record.measures['needless_lines'] for record in right]):.2f}"),
        ("tokens", f"{_median([_tokens(record) for record in records]):,.0f}"),
        ("seconds", f"{_median([record.seconds for record in records]):.1f}"),
    )
    partly = [] if count == problems else [f"{count} of {problems} problems were run."]
    row = tuple(cell for _, cell in columns)
    return Table("HumanEvalFix", tuple(name for name, _ in columns), (row,), (*partly, *_NOTES))


_NOTES = (
    "Fixed: the hidden tests pass on what stands in the cell. The agent sees the examples alone and goes on while they fail.",
    "Said to work: the cell ran and the check held, the user's examples or, where there are none, the agent's own.",
    "Needless lines: the user's lines that a right fix changed or dropped and the canonical solution did not, mean.",
    "Tokens: written by the model. Tokens and seconds are medians over problems.",
)


def _tokens(record: Record) -> int:
    return sum(each.completion_tokens for each in record.rounds)


def _mean(values: Sequence[float]) -> float:
    return mean(values) if values else 0.0


def _median(values: Sequence[float]) -> float:
    return median(values) if values else 0.0
