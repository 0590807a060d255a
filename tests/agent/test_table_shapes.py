"""A function whose table has the right values in another shape than the example's is mended without asking again."""

from __future__ import annotations

import pytest

from jupyter_oci.agent.table_shapes import only_way, table_shapes
from jupyter_oci.events import ExecutionStarted, TextDelta
from jupyter_oci.request import Request

from .best_day import BEST, BOXED
from .driving import block

CHECK = "assert list(result_of_example.columns) == ['name', 'total']\nmore()"
TOLD = "the check fails: `list(result_of_example.columns)` is {}, expected ['name', 'total']"
SOURCE = "def of(sales):\n    if sales.empty:\n        return sales\n    return sales + 1"


def shapes(told: str, source: str = SOURCE, check: str = CHECK) -> list[str]:
    return [change.new for change in table_shapes(source, told, check)]


def test_columns_are_chosen_before_they_are_renamed():
    assert shapes(TOLD.format("['name', 'day', 'total']"))[:2] == [
        "(sales + 1)[['name', 'total']]",
        "(sales + 1)[['name', 'total']].drop_duplicates()",
    ]
    assert shapes(TOLD.format("['name', 'day', 'sum']"))[:2] == [
        "(sales + 1)[['name', 'day']].rename(columns={'day': 'total'})",
        "(sales + 1)[['name', 'sum']].rename(columns={'sum': 'total'})",
    ]
    assert shapes(TOLD.format("['a', 'b']"))[1] == "(sales + 1)[['b', 'a']].rename(columns={'b': 'name', 'a': 'total'})"


def test_only_the_last_return_is_changed():
    [first, *_] = table_shapes(SOURCE, TOLD.format("['name', 'day', 'total']"), CHECK)
    assert first.of(SOURCE) == SOURCE.replace("return sales + 1", "return (sales + 1)[['name', 'total']]")


@pytest.mark.parametrize(
    ("told", "new"),
    [
        ("the check raises AttributeError: 'Series' object has no attribute 'columns'", "(sales + 1).reset_index(name='total')"),
        ("the check fails: `result_of_example` is \n  name\n0  a\n, expected \n  name\n1  a\n", "(sales + 1).drop_duplicates()"),
        (TOLD.format("['name']"), "(sales + 1).reset_index()"),
    ],
)
def test_other_shapes(told, new):
    assert new in shapes(told)


@pytest.mark.parametrize(
    ("told", "source", "check"),
    [
        ("the check fails: `f(2)` is 3, expected 4", SOURCE, CHECK),
        (TOLD.format("['name', 'day', 'total']"), "total = 3", CHECK),
        (TOLD.format("['name', 'day', 'total']"), "def of(", CHECK),
        (TOLD.format("['name', 'day', 'total']"), SOURCE, "assert of(3) == 4"),
        (TOLD.format("['name', 'day', ...]"), SOURCE, CHECK.replace("'name'", "name")),
    ],
)
def test_what_is_not_of_a_table_has_none(told, source, check):
    assert shapes(told, source, check) == []


def test_of_two_columns_with_the_same_values_none_is_chosen():
    told = TOLD.format("['name', 'day', 'sum']")
    day, total, day_once, total_once, *_ = table_shapes(SOURCE, told, CHECK)
    assert only_way([day, total]) is None
    assert only_way([total, total_once]) == total
    assert only_way([day_once]) == day_once
    assert only_way([]) is None


@pytest.mark.parametrize(
    ("old", "new", "mended"),
    [
        ('"best_day"})', '"best_day"}).assign(extra=1)', "[['shop', 'best_day']]"),
        ('.rename(columns={"day": "best_day"})', "", ".rename(columns={'day': 'best_day'})"),
        ('rows[["shop", "day"]]', 'rows[["shop", "day"]].set_index("shop")', ".reset_index()"),
        ('rows[["shop", "day"]]', 'rows.loc[rows.index.repeat(2), ["shop", "day"]]', ".drop_duplicates()"),
    ],
)
def test_a_run_is_mended_by_the_shape_that_holds(ask, old, new, mended):
    wrong = f"import pandas as pd{BEST.replace(old, new)}"
    run = ask([block(wrong), "It is defined."], request=Request(BOXED))
    assert run.ending == ("done", "checked")
    assert [event.source for event in run.of(ExecutionStarted)] == [wrong.strip(), wrong.strip() + mended]
    said = "".join(event.text for event in run.of(TextDelta))
    assert f"`{mended}` is added at its end. Found by trying small changes." in said
