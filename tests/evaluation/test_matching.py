"""DSEval's rules of comparison: what may differ, and what may not."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

import numpy as np
import pandas as pd
import pytest

from jupyter_oci.errors import ConfigError
from jupyter_oci.evaluation.sessions.inside.matching import Rules, matches
from jupyter_oci.evaluation.sessions.inside.namespace import changes, copied
from jupyter_oci.evaluation.sessions.known import known_options

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
        (TABLE, TABLE.iloc[:0], Rules(type_only=True), True),
        (TABLE, COLUMN, Rules(type_only=True, match_partial=True), False),
        (True, 1, Rules(type_only=True), False),
        (np.array([1.0]), np.array([1.0], dtype="float32"), STRICT, True),
        (np.array([1.0]), np.array([1.0], dtype="float32"), Rules(strict_type=True), False),
        (np.array([1]), np.array([1]), Rules(strict_type=True), True),
        (0.8, 0.7, Rules(metrictol=0.9), False),
        (0.8, 0.7, Rules(metrictol=0.85), True),
        (0.8, 0.99, Rules(metrictol=0.9), True),
        ({"accuracy": 0.8}, {"a": 0.73}, Rules(metrictol=0.9, ignore_index=True), True),
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


def test_a_value_that_cannot_be_compared_counts_as_changed() -> None:
    ragged = np.array([np.array([1.0]), np.array([1.0, 2.0])], dtype=object)
    names = {"ragged": ragged, "same": 1}
    assert changes(copied(names), {name: id(value) for name, value in names.items()}, names) == {"ragged": "updated"}


def test_every_rule_is_known_where_sessions_are_read() -> None:
    known_options({"result": {rule.name: True for rule in fields(Rules)}})
    with pytest.raises(ConfigError, match="ignore_all"):
        known_options({"result": {"ignore_all": True}})
