"""What a run did to the kernel's variables, told at its end."""

from __future__ import annotations

import pytest

from jupyter_oci.agent.kernel_changes import HeldBefore, kernel_changes
from jupyter_oci.events import VariablesChanged
from jupyter_oci.kernel.base import Variable

from .driving import block

ABOUT = "Of wide I want c35 and c36."
TABLE = """
import pandas as pd
sales = pd.DataFrame({'day': [1, 2, 3], 'amount': [1.5, 2.5, 3.5]})
n = 1
rows = [1, 2]
_seen = 1
wide = pd.DataFrame({f'c{i}': [0, 0] for i in range(40)})
"""


@pytest.fixture
def told(shared_kernel):
    """What is told of code that runs where `TABLE` ran."""
    list(shared_kernel.execute("held", f"%reset -f\n{TABLE}"))

    def told(source: str) -> VariablesChanged | None:
        before = shared_kernel.variables(ABOUT)
        list(shared_kernel.execute("new", source))
        return kernel_changes(before, shared_kernel.variables(ABOUT), [source])

    return told


@pytest.mark.parametrize(
    ("source", "new", "changed", "gone"),
    [
        ("total = sales['amount'].sum()", ["total: float64 7.5"], [], []),
        ("high = sales[sales['amount'] > 2]", ["high: DataFrame 2 rows x 2 columns"], [], []),
        ("def double(x, times=2):\n    return x * times", ["double: function (x, times=2)"], [], []),
        ("text = 'x' * 500", ["text: str 'xxx"], [], []),
        ("sales['month'] = 1", [], ["sales: 3 rows x 2 columns → 3 rows x 3 columns; new month"], []),
        ("sales = sales.rename(columns={'day': 'date'})", [], ["sales: new date; without day"], []),
        ("sales = sales[:0]", [], ["sales: 3 rows x 2 columns → 0 rows x 2 columns"], []),
        ("sales.loc[0, 'amount'] = 9.0", [], ["sales: other values"], []),
        ("sales = sales['amount']", [], ["sales: DataFrame 3 rows x 2 columns → Series length 3"], []),
        ("n = 2", [], ["n: 1 → 2"], []),
        ("n = 1", [], ["n: set again or changed"], []),
        ("rows.append(3)", [], ["rows: length 2 → length 3"], []),
        ("del n, rows", [], [], ["n", "rows"]),
        ("wide['more'] = 1", [], ["wide: 2 rows x 40 columns → 2 rows x 41 columns"], []),
    ],
)
def test_what_the_code_did_is_told(told, source, new, changed, gone):
    changes = told(source)
    assert changes is not None
    assert [line[: len(start)] for line, start in zip(changes.new, new, strict=True)] == new
    assert (list(changes.changed), list(changes.gone)) == (changed, gone)
    assert all(len(line) < 100 for line in changes.new)


def test_names_are_in_the_order_in_which_they_were_set(told):
    changes = told("b = 1\na = 2\nc = 3")
    assert changes is not None
    assert changes.new == ("b: int 1", "a: int 2", "c: int 3")


@pytest.mark.parametrize("source", ["sales['amount'].mean()", "import math", "_hidden = 1\n_seen = 2", "pass"])
def test_nothing_is_told_where_nothing_of_the_user_s_differs(told, source):
    assert told(source) is None


def test_nothing_is_told_where_it_is_not_known():
    held = [Variable("n", "int", "1")]
    assert kernel_changes(None, held, ["n = 1"]) is None
    assert kernel_changes(held, None, ["n = 1"]) is None
    assert HeldBefore(None, "").changes([]) is None  # nothing ran


def test_the_end_of_a_run_says_it_of_all_that_ran(ask):
    run = ask([block("first_one = 1\nbad ="), block("first_one = 1"), block("second_one = 2"), "Both are there."])
    (changes,) = run.of(VariablesChanged)
    assert {"first_one: int 1", "second_one: int 2"} <= set(changes.new)
    assert run.events[-2] == changes


def test_a_run_whose_code_sets_nothing_says_nothing_of_variables(ask):
    assert ask([block("print(1)"), "It printed 1."]).of(VariablesChanged) == []
