"""What the records of sessions say, in a row beside the published one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from statistics import median

from ..record import Record, Table
from ..tally import percent
from .verdict import KINDS, NOT_JUDGED

_PUBLISHED: dict[str, tuple[int, int, dict[str, int]]] = {
    "dseval-exercise": (
        148,
        187,
        {"crash": 9, "wrong_output": 14, "wrong_variables": 7, "intact_violation": 1, "presentation_error": 8},
    ),
    "dseval-leetcode": (18, 40, {"crash": 3, "unit_test_failure": 13, "presentation_error": 6}),
    "dseval-so": (
        154,
        202,
        {
            "crash": 10,
            "wrong_output": 10,
            "wrong_variables": 4,
            "unit_test_failure": 10,
            "intact_violation": 6,
            "presentation_error": 8,
        },
    ),
}
"""CoML with GPT-3.5: right answers, problems, and failures by kind, from the benchmark's own result files (2024-02-26)."""

_NOTES = (
    "Right: no crash, the user's variables changed only as the reference changes them, and the values that the reference gives.",
    "Presentation: the right values in another form than asked for, such as printed, or with other labels. It counts as wrong.",
    "Every problem starts in the state that the reference's answers left; an answer may take ten times the benchmark's limit.",
)


def session_table(suite: str, records: Sequence[Record], missing: Mapping[str, str], *, propagated: bool) -> Table:
    """Count right answers and failures by kind. Problems whose reference fails in this kernel are left out and told."""
    judged = [record for record in records if record.failure != NOT_JUDGED]
    right = sum(not record.failure for record in judged)
    said = [record for record in judged if record.said_done]
    wrong = Counter(record.failure for record in judged if record.failure)
    ours = (
        "this agent",
        percent(right, len(judged)),
        str(len(judged)),
        percent(sum(bool(record.failure) for record in said), len(said)),
        f"{median(len(record.measures['cells']) for record in judged) if judged else 0:g}",
        f"{median(record.seconds for record in judged) if judged else 0:.1f}",
        *(str(wrong[kind]) for kind in KINDS),
    )
    columns = ("", "right", "problems", "said done, wrong", "cells", "seconds", *KINDS.values())
    title = f"{suite}, errors propagated" if propagated else suite
    return Table(title, columns, (ours, *_published(suite)), (*_NOTES, *_left_out(records, missing)))


def _published(suite: str) -> list[tuple[str, ...]]:
    if suite not in _PUBLISHED:
        return []
    right, problems, wrong = _PUBLISHED[suite]
    counts = (str(wrong.get(kind, 0)) for kind in KINDS)
    return [("CoML, GPT-3.5 (published)", percent(right, problems), str(problems), "-", "1", "-", *counts)]


def _left_out(records: Sequence[Record], missing: Mapping[str, str]) -> list[str]:
    failed = [record.problem for record in records if record.failure == NOT_JUDGED]
    told = [f"Left out, for want of a file: {session}. To have it done, {wanted}." for session, wanted in missing.items()]
    if failed:
        told.append(f"Left out, as the reference's own code fails in this kernel: {', '.join(failed)}.")
    return told
