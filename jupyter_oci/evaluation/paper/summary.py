"""The records in the layout of the published table, above its own rows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ..record import Record, Table
from ..tally import passes_with
from .kinds import EXECUTION, FIRST, HUMAN, ORACLE
from .published import PUBLISHED

_TITLES = {"humaneval": "HumanEval (+)", "mbpp": "MBPP (+)"}
_VERSIONS = ("base", "plus")
_NOTES = (
    "Gated by an oracle: the second try is given to what fails the hidden tests, alone, and is told the first hidden test that "
    "fails with its expected output. A notebook has no such oracle; see the notebook protocol.",
    "Figures are per cent of problems after at most one second try: base tests, and in brackets base and plus tests. Each of the "
    "two columns of a feedback row is a run of its own.",
    "The published rows are those of the table of OpenCodeInterpreter, by its authors' own runs.",
)


def paper_table(suite: str, records: Sequence[Record], problems: int) -> Table:
    """Lay out ours, then what was published. A kind of feedback that no problem was given has no row."""
    given = {each.name for record in records for each in record.rounds}
    kinds = [FIRST, *(kind for kind in (EXECUTION, HUMAN, ORACLE) if kind in given)]
    model = "this model" if len(records) == problems else f"this model, {len(records)} of {problems} problems"
    ours = [(model if kind == FIRST else kind, *_ours(records, kind)) for kind in kinds]
    partly = [] if len(records) == problems else ["Only a part of the problems was run: not to be compared with the rows below."]
    columns = ("", _TITLES[suite], "passed")
    return Table(f"{_TITLES[suite]}, published protocol", columns, (*ours, *_published(suite)), (*partly, *_NOTES))


def _ours(records: Sequence[Record], kind: str) -> tuple[str, str]:
    base, plus = (sum(passes_with(record, version, kind) for record in records) for version in _VERSIONS)
    count = len(records)
    return (f"{100 * base / count:.1f} ({100 * plus / count:.1f})" if count else "-", f"{base} ({plus}) of {count}")


def _published(suite: str) -> Iterator[tuple[str, ...]]:
    for model, rows in PUBLISHED.items():
        for kind, figures in rows:
            base, plus = figures[suite]
            yield (model if kind == FIRST else kind, f"{base:.1f} ({plus:.1f})", "")
