"""What the model is asked for after its code ran."""

from __future__ import annotations

import pytest

from jupyter_oci.agent.wording import AFTER_SUCCESS, AFTER_TABLE, after_success

SERIES = "Employee\nAnna    591.5\nBob     142.4\nName: Amount, dtype: float64"


@pytest.mark.parametrize(
    ("shown", "asked"),
    [
        ("81.5", AFTER_SUCCESS),
        ("'Anna'", AFTER_SUCCESS),
        ("the dtype: float64", AFTER_SUCCESS),
        ("0    3\ndtype: int64", AFTER_SUCCESS),
        (SERIES, AFTER_TABLE),
        ("0    3\n1    4\ndtype: int64\n", AFTER_TABLE),
        ("day\n2024-01-31    3\n2024-02-29    4\nFreq: ME, dtype: int64", AFTER_TABLE),
        ("   a  b\n0  1  2\n1  3  4\n2  5  6\n3  7  8", AFTER_TABLE),
    ],
)
def test_of_several_rows_no_value_is_asked_for(shown, asked):
    assert after_success(shown, "What is the average?", last_cell=False) == asked
