"""What the records of the notebook protocol say: a row for the base tests, and one for base and plus tests."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import median

from ..record import Record, Table
from ..tally import passed_after, passes_after, percent

ROUNDS = 3
_TITLES = {"humaneval": "HumanEval (+)", "mbpp": "MBPP (+)"}
_NOTES = (
    "The agent sees the request and what its cells show. Where the user's examples fail, the product's own Fix is asked for.",
    "After n rounds: the program in the notebook passes the hidden tests after the first reply and at most n revisions.",
    "Said done: the examples hold, or there are none and the agent ended the run as done. Gave up but right: it is not so, and "
    "the hidden tests pass.",
    "Tokens: written by the model. Tokens and seconds (model and kernel) are medians over problems.",
)


def notebook_table(suite: str, records: Sequence[Record], problems: int) -> Table:
    """Count what passes, what is claimed, and what it costs."""
    columns = (
        "tests",
        "problems",
        *(f"after {rounds} round{'s' * (rounds != 1)}" for rounds in range(ROUNDS + 1)),
        "at the end",
        "said done",
        "said done but wrong",
        "gave up but right",
        "tokens",
        "seconds",
    )
    partly = [] if len(records) == problems else [f"{len(records)} of {problems} problems were run."]
    examples = f"{sum(bool(record.measures.get('examples')) for record in records)} of {len(records)} requests have examples."
    title = f"{_TITLES.get(suite, suite)}, notebook protocol"
    return Table(title, columns, tuple(_row(records, tests) for tests in ("base", "plus")), (*partly, examples, *_NOTES))


def _row(records: Sequence[Record], tests: str) -> tuple[str, ...]:
    count = len(records)
    said = [record for record in records if record.said_done]
    right = {record.problem for record in records if passes_after(record, tests, len(record.rounds))}
    tokens = [sum(each.completion_tokens for each in record.rounds) for record in records]
    seconds = [sum(each.seconds for each in record.rounds) for record in records]
    return (
        tests,
        str(count),
        *(percent(passed_after(records, tests, rounds + 1), count) for rounds in range(ROUNDS + 1)),
        percent(len(right), count),
        str(len(said)),
        percent(sum(record.problem not in right for record in said), len(said)),
        str(len(right) - sum(record.problem in right for record in said)),
        f"{median(tokens) if tokens else 0:,.0f}",
        f"{median(seconds) if seconds else 0:.1f}",
    )
