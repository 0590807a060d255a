"""The records in the layout of the published table, above its own rows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from ..record import Record, Table
from ..tally import passes_with
from .kinds import EXECUTION, FIRST, HUMAN, ORACLE
from .published import PUBLISHED

_TITLES = {"humaneval": "HumanEval (+)", "mbpp": "MBPP (+)"}
_VERSIONS = ("base", "plus")
_Figures = tuple[float, ...]
OWN = "The problems are not the published ones: not to be compared with the published rows."
_NOTES = (
    "Gated by an oracle: the second try is given to what fails the hidden tests, alone, and is told the first hidden test that "
    "fails with its expected output. A notebook has no such oracle; see the notebook protocol.",
    "Figures are per cent of problems after at most one second try: base tests, and in brackets base and plus tests. Each of the "
    "two columns of a feedback row is a run of its own.",
    "Page and plot: a problem has passed where any of these tries passes all tests; else the first reply's failure is named.",
    "The published rows are those of the table of OpenCodeInterpreter, by its authors' own runs.",
)


def paper_table(suite: str, records: Sequence[Record], problems: int, *, own: bool) -> Table:
    """Lay out ours, then what was published. A kind of feedback that no problem was given has no row.

    `own` tells that the problems are others than the published ones.
    """
    model = "this model" if len(records) == problems else f"this model, {len(records)} of {problems} problems"
    ours = [(model if kind == FIRST else kind, *_ours(records, kind)) for kind in _kinds(records)]
    partly = [] if len(records) == problems else ["Only a part of the problems was run: not to be compared with the rows below."]
    others = [OWN] if own else []
    published = [(name, _printed(figures[suite]), "") for name, figures in _published()]
    columns = ("", _TITLES[suite], "passed")
    return Table(
        f"{_TITLES[suite]}, published protocol", columns, (*ours, *published), (*partly, *others, *_unasked(records), *_NOTES)
    )


def joint_table(records: Mapping[str, Sequence[Record]], notes: Sequence[str]) -> Table:
    """Lay out the records of both suites and their average as in the published table, then that. `notes` are of the two runs."""
    both = [record for of_suite in records.values() for record in of_suite]
    ours = [
        ("this model" if kind == FIRST else kind, {suite: _figures(records[suite], kind) for suite in _TITLES})
        for kind in _kinds(both)
    ]
    rows = tuple(_joint_row(name, [figures[suite] for suite in _TITLES]) for name, figures in (*ours, *_published()))
    counted = " and ".join(f"{len(records[suite])} of {title}" for suite, title in _TITLES.items())
    of = f"Problems: ours {counted}, those of the published rows 164 and 399."
    return Table("Published protocol", ("", *_TITLES.values(), "Average (+)"), rows, (of, *notes, *_unasked(both), *_NOTES))


def _kinds(records: Sequence[Record]) -> list[str]:
    given = {each.name for record in records for each in record.rounds}
    return [FIRST, *(kind for kind in (EXECUTION, HUMAN, ORACLE) if kind in given)]


def _unasked(records: Sequence[Record]) -> list[str]:
    """Tell how many prompts did not fit the window: no prompt that was put has no token."""
    count = sum(not each.prompt_tokens for record in records for each in record.rounds)
    return [f"{count} prompts did not fit the model's or the guide's window: those tries count as failed."] if count else []


def _ours(records: Sequence[Record], kind: str) -> tuple[str, str]:
    base, plus = _passed(records, kind)
    return _printed(_figures(records, kind)), f"{base} ({plus}) of {len(records)}"


def _passed(records: Sequence[Record], kind: str) -> tuple[int, ...]:
    return tuple(sum(passes_with(record, version, kind) for record in records) for version in _VERSIONS)


def _figures(records: Sequence[Record], kind: str) -> _Figures:
    """Give per cent of problems, base and plus, to the decimal that is printed; of no problem, nothing."""
    return tuple(round(100 * passed / len(records), 1) for passed in _passed(records, kind)) if records else ()


def _joint_row(name: str, figures: Sequence[_Figures]) -> tuple[str, ...]:
    """Write a row. Its average is that of the printed figures, a half rounded up, as in the published table."""
    average = tuple((sum(round(10 * each) for each in of_version) + 1) // 2 / 10 for of_version in zip(*figures, strict=False))
    return (name, *map(_printed, figures), _printed(average))


def _published() -> Iterator[tuple[str, Mapping[str, _Figures]]]:
    for model, rows in PUBLISHED.items():
        for kind, figures in rows:
            yield (model if kind == FIRST else kind, figures)


def _printed(figures: _Figures) -> str:
    return "{:.1f} ({:.1f})".format(*figures) if figures else "-"
