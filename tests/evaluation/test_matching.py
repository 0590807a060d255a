"""DSEval's rules of comparison: what may differ, and what may not."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from jupyter_oci.evaluation.sessions.inside.matching import Rules, matches

TABLE = pd.DataFrame({"city": ["Bern", "Rome"], "people": [1, 3]})
COLUMN = TABLE["people"]
STRICT = Rules()


@pytest.mark.parametrize(
    ("expected", "found", "rules", "right"),
    [
        (1, 1.0, STRICT, True),
        (1, 1.1, STRICT, False),
        (1, 1.1, Rules(atol=0.2), True),
        (1, True, STRICT, False),
        (1, "1", STRICT, False),
        (float("nan"), float("nan"), STRICT, True),
        ([1, (2.0, "a")], (1, [2, "a"]), STRICT, True),
        ([1, 2], [2, 1], STRICT, False),
        ([1, 2], [2, 1], Rules(ignore_order=True), True),
        ({"a": 1}, {"a": 1.0}, STRICT, True),
        ({"a": 1}, {"b": 1}, STRICT, False),
        ({"a": 1}, {"b": 1}, Rules(ignore_index=True), True),
        ({1, 2}, {2, 1}, STRICT, True),
        (np.array([1.0, 2.0]), np.array([1.0, 2.0 + 1e-9]), STRICT, True),
        (np.array([1, 2]), np.array([[1, 2]]), STRICT, False),
        (TABLE, TABLE.copy(), STRICT, True),
        (TABLE, TABLE.iloc[::-1], STRICT, False),
        (TABLE, TABLE.iloc[::-1], Rules(ignore_order=True), True),
        (TABLE, TABLE.set_index([[7, 8]]), Rules(ignore_index=True), True),
        (TABLE, TABLE.rename(columns={"people": "n"}), STRICT, False),
        (TABLE, TABLE.rename(columns={"people": "n"}), Rules(ignore_names=True), True),
        (TABLE, TABLE.astype({"people": float}), STRICT, False),
        (TABLE, TABLE.astype({"people": float}), Rules(ignore_dtypes=True), True),
        (TABLE[["people"]], TABLE, STRICT, False),
        (TABLE[["people"]], TABLE, Rules(match_partial=True), True),
        (COLUMN, COLUMN.rename("n"), Rules(ignore_names=True), True),
        (COLUMN, TABLE, Rules(match_partial=True), True),
        (COLUMN, COLUMN.tolist(), STRICT, False),
        (COLUMN, COLUMN.tolist(), Rules(value_only=True), True),
        (3, pd.Series([3]), Rules(value_only=True), True),
        (pd.Index([1, 2]), pd.Index([1, 3]), STRICT, False),
        ("Bern", "Bern", STRICT, True),
        (TABLE, None, STRICT, False),
    ],
)
def test_only_what_the_rules_allow_may_differ(expected: Any, found: Any, rules: Rules, right: bool) -> None:
    wrong = matches(expected, found, rules)
    assert (wrong is None) is right, wrong


def test_values_that_cannot_be_compared_do_not_match() -> None:
    class Odd:
        def __eq__(self, other: object) -> bool:
            raise RuntimeError("no")

        __hash__ = None  # type: ignore[assignment]

    assert matches(Odd(), Odd(), STRICT) == "Cannot be compared: no"
