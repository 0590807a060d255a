"""Two results of a suite side by side: what each got right, what only one of them did, and whether that may be chance."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from math import comb
from pathlib import Path
from typing import Any

from ...errors import ConfigError
from ..manifest import SURROUNDINGS
from ..record import Record, Table
from ..results import read_results
from ..sessions.verdict import NOT_JUDGED
from ..tally import passes_after, passes_with, percent

_DIGEST = 12
_IMPLIED = (SURROUNDINGS, "settings_sha256")
_CHANCE = "p: how likely chance alone makes so great a difference (exact McNemar test, two-sided)."
_COLUMNS = ("right", "problems", "A", "B", "only A", "only B", "p")

Passes = Callable[[Record], bool]


def comparison(suite: str, folders: Sequence[Path]) -> Table:
    """Compare the results in two folders, on the problems that both have a verdict on.

    Raises:
        ConfigError: they are not of that suite, of the same problems, or judged in the same way.
    """
    (first, a), (second, b) = (_read(suite, folder) for folder in folders)
    problems = [problem for problem in a if problem in b]
    if not problems or not _same_data(first["data"], second["data"]):
        raise ConfigError(f"{folders[0]} and {folders[1]} are results of other problems, which cannot be compared.")
    kinds = {name: passes for name, passes in _kinds(a.values()).items() if name in _kinds(b.values())}
    if not kinds:
        raise ConfigError(f"{first['evaluation']} and {second['evaluation']} are judged in other ways and cannot be compared.")
    rows, told = [], []
    for name, passes in kinds.items():
        right_a, right_b = ([problem for problem in problems if passes(run[problem])] for run in (a, b))
        only_a, only_b = _without(right_a, right_b), _without(right_b, right_a)
        chance = mcnemar(len(only_a), len(only_b))
        shares = (percent(len(right), len(problems)) for right in (right_a, right_b))
        rows.append((name, str(len(problems)), *shares, str(len(only_a)), str(len(only_b)), f"{chance:.3g}"))
        told += [f"{name}, only {run}: {', '.join(only)}." for run, only in (("A", only_a), ("B", only_b)) if only]
    left_out = len(a.keys() ^ b.keys())
    partly = [f"{left_out} problems with a verdict in one alone are left out."] if left_out else []
    notes = (f"A: {folders[0]}.", f"B: {folders[1]}.", *_differences(first, second), *partly, _CHANCE, *told)
    return Table(f"{suite}, A and B", _COLUMNS, tuple(rows), notes)


def mcnemar(only_a: int, only_b: int) -> float:
    """Give the probability of a difference so great or greater, if either could have been the one to be right alone."""
    count = only_a + only_b
    tail = sum(comb(count, fewer) for fewer in range(min(only_a, only_b) + 1))
    return min(1.0, 2 * tail / (1 << count))


def _read(suite: str, folder: Path) -> tuple[dict[str, Any], dict[str, Record]]:
    manifest, records = read_results(folder)
    if not f"{manifest['evaluation']}-".startswith(f"{suite}-"):
        raise ConfigError(f"{folder} holds results of {manifest['evaluation']}, and not of {suite}.")
    return manifest, {record.problem: record for record in records if record.failure != NOT_JUDGED}


def _same_data(first: Mapping[str, str], second: Mapping[str, str]) -> bool:
    return any(name in second for name in first) and all(second.get(name, first[name]) == first[name] for name in first)


def _kinds(records: Iterable[Record]) -> Mapping[str, Passes]:
    """Give what tells whether a record is right, by name: for each tests the first reply and the end, or the alternatives."""
    rounds = [each for record in records for each in record.rounds]
    tests = list(dict.fromkeys(test for each in rounds for test in each.verdicts))
    named = list(dict.fromkeys(each.name for each in rounds if each.name))
    if named:
        return {f"{test}, {name}": partial(passes_with, tests=test, name=name) for test in tests for name in named}
    first = {f"{test}, first reply": partial(passes_after, tests=test, rounds=1) for test in tests}
    ends = {f"{test}, at the end": partial(_passes_at_the_end, test) for test in tests}
    return first | ends if all(each.verdicts for each in rounds) else ends


def _passes_at_the_end(test: str, record: Record) -> bool:
    return passes_after(record, test, len(record.rounds))


def _without(problems: Sequence[str], others: Sequence[str]) -> list[str]:
    return [problem for problem in problems if problem not in others]


def _differences(first: Mapping[str, Any], second: Mapping[str, Any], prefix: str = "") -> Iterator[str]:
    """Say in what the two were run differently."""
    for key in {**first, **second}:
        a, b = first.get(key), second.get(key)
        if a == b or key in _IMPLIED:
            continue
        if isinstance(a, Mapping) and isinstance(b, Mapping):
            yield from _differences(a, b, f"{key}, ")
        else:
            a, b = (str(value)[:_DIGEST] if key.endswith("sha256") else value for value in (a, b))
            yield f"{prefix}{key}: A {a or '-'}, B {b or '-'}."
