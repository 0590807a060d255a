from __future__ import annotations

import pandas as pd
import pytest

from jupyter_oci.agent.hints import failure_hint, silence_hint
from jupyter_oci.agent.traceback_text import read_traceback
from jupyter_oci.events import FeedbackGiven
from jupyter_oci.kernel.base import DataFile, Variable

SALES = Variable("sales", "DataFrame", "6 rows x 2 columns: region str; amount int64")


def failure(ename: str, evalue: str, line: str):
    return read_traceback(ename, evalue, (f"Cell In[1], line 3\n----> 3 {line}\n",))


@pytest.mark.parametrize(
    ("ename", "evalue", "hint"),
    [
        ("NameError", "name 'plt' is not defined", "It needs `import matplotlib.pyplot as plt`. "),
        ("NameError", "name 'math' is not defined", "It needs `import math`. "),
        ("NameError", "name 'sale' is not defined", "There is `sales`, but no `sale`. "),
        ("NameError", "name 'qqq' is not defined", "There is no `qqq`: define it first. "),
        ("ModuleNotFoundError", "No module named 'pandsa'", "pandsa is not installed: do without it. "),
        (
            "ModuleNotFoundError",
            "No module named 'pandas.tools'",
            "`pandas` is installed, but has no `pandas.tools`: it has another name there. ",
        ),
        ("ValueError", "nothing is known of it", ""),
    ],
)
def test_a_missing_name_is_answered_with_what_is_there(ename, evalue, hint):
    assert failure_hint(failure(ename, evalue, "f(1)"), [SALES]) == hint


@pytest.mark.parametrize(
    ("files", "hint"),
    [
        (("a.csv", "data/b.csv", "c.json"), "There is no file 'x.csv', but 'a.csv', 'data/b.csv'. "),
        (("c.json",), "There is no file 'x.csv', but 'c.json'. "),
        ((), "There is no file 'x.csv' in the folder. "),
    ],
)
def test_of_a_missing_file_it_is_told_which_there_are(files, hint):
    missing = failure("FileNotFoundError", "[Errno 2] No such file or directory: 'x.csv'", "f(1)")
    assert failure_hint(missing, [SALES], [DataFile(path) for path in files]) == hint


def test_the_names_of_the_failing_line_are_told_with_what_they_hold():
    told = failure_hint(failure("KeyError", "'Region'", "sales.groupby('Region')"), [SALES, Variable("n", "int", "3")])
    assert told == "There is no 'Region', but 'region'. `sales` is DataFrame 6 rows x 2 columns: region str; amount int64. "


def test_of_a_merge_it_is_told_which_side_lacks_the_key():
    people = Variable("people", "DataFrame", "2 rows x 2 columns: id int64 (1, 2); name str ('a', 'b')")
    told = failure_hint(failure("KeyError", "'amount'", "sales.merge(people, on='amount')"), [people, SALES])
    assert told.startswith("`people` has no 'amount', only 'id', 'name': give left_on='amount' and, for `people`, right_on. ")


VISITS = Variable("visits", "DataFrame", "9 rows x 2 columns: person_id int64 (1, 2); minutes float64 (1.5, 2.5)")
PEOPLE = Variable("people", "DataFrame", "3 rows x 3 columns: id int64 (1, 2); city str ('Bern', 'Basel'); joined str ('a', 'b')")
MERGED = "`visits` has no 'city', but `people` has: use `visits.merge(people, left_on='person_id', right_on='id')` in place of"


@pytest.mark.parametrize(
    ("key", "line", "hint"),
    [
        ("joined", "visits['joined'].max()", "`visits` has no 'joined', but `people` has: use `people` instead. "),
        ("city", "visits.pivot_table(index='city', values='minutes')", MERGED),
        ("Column not found: person_id", "people.groupby('city')['person_id'].count()", "There is no 'person_id', but 'id'. "),
        ("qqq", "visits['qqq']", "`visits` is DataFrame"),
    ],
)
def test_a_column_is_told_where_it_is(key, line, hint):
    assert failure_hint(failure("KeyError", f"'{key}'", line), [VISITS, PEOPLE]).startswith(hint)


def test_which_of_several_tables_is_meant_is_not_guessed():
    other = Variable("staff", "DataFrame", "3 rows x 1 columns: joined str ('a', 'b')")
    assert "has no" not in failure_hint(failure("KeyError", "'joined'", "visits['joined']"), [VISITS, PEOPLE, other])


def test_text_where_numbers_are_meant_is_told_with_the_expression_that_makes_them():
    shop = Variable("shop", "DataFrame", "2 rows x 2 columns: kind str ('a', 'b'); price str ('CHF 1,200', 'n/a')")
    error = failure("TypeError", "dtype 'str' does not support operation 'mean'", "shop.groupby('kind')['price'].mean()")
    told = failure_hint(error, [shop])
    assert "'price' is text like 'CHF 1,200'" in told
    expression = told.partition("as numbers it is `")[2].partition("`")[0]
    made = eval(expression, {"pd": pd, "shop": pd.DataFrame({"price": ["CHF 1,200", "n/a"]})})
    assert made[0] == 1200
    assert made.isna()[1]


@pytest.mark.parametrize(
    ("texts", "numbers"),
    [
        (["12,50", "1.200,75", "3,99 €"], [12.5, 1200.75, 3.99]),
        (["1,200", "12,000.5", "7"], [1200, 12000.5, 7]),
        (["1,200", "12,5"], [1.2, 12.5]),
        (["1,200.5", "12,5"], None),
        (["1,200,5"], None),
    ],
)
def test_a_comma_is_read_as_the_column_has_it_or_not_at_all(texts, numbers):
    shop = Variable("shop", "DataFrame", f"9 rows x 1 columns: price str ({', '.join(map(repr, texts))})")
    told = failure_hint(
        failure("ValueError", f"could not convert string to float: '{texts[0]}'", "shop['price'].astype(float)"), [shop]
    )
    expression = told.partition("as numbers it is `")[2].partition("`")[0]
    made = list(eval(expression, {"pd": pd, "shop": pd.DataFrame({"price": texts})})) if expression else None
    assert made == numbers


@pytest.mark.parametrize(
    ("ename", "evalue", "cure"),
    [
        ("ValueError", "could not convert string to float: 'n/a'", "pd.to_numeric"),
        ("ValueError", "Unable to parse string '1,200' at position 0", "pd.to_numeric"),
        ("TypeError", "Could not convert string '1,2003' to numeric", "pd.to_numeric"),
        ("TypeError", "Cannot perform reduction 'mean' with string dtype", "choose the column first"),
        ("AttributeError", "Can only use .dt accessor with datetimelike values", "pd.to_datetime"),
        ("AttributeError", "'DatetimeProperties' object has no attribute 'weekday_name'", "`day_name()`"),
    ],
)
def test_errors_that_small_models_cannot_read_are_told_with_their_cure(ename, evalue, cure):
    assert cure in failure_hint(failure(ename, evalue, "f(1)"), [])


def test_a_column_of_dates_that_are_text_is_said_to_be_one():
    raw = Variable("raw", "DataFrame", "2 rows x 2 columns: day str ('2024-01-03', '2024-02-05'); who str ('a', 'b')")
    told = failure_hint(failure("KeyError", "'Day'", "raw['Day']"), [raw])
    assert "day dates as text, convert with pd.to_datetime" in told
    assert "who str ('a'" in told


def test_after_silent_code_the_names_it_set_are_told():
    variables = [Variable("mean", "float", "4.5"), Variable("other", "int", "3")]
    assert silence_hint("mean = sum(x) / 4\nif mean == other:\n    pass", variables) == "`mean` is float 4.5. "
    assert silence_hint("f(1)", variables) == ""


def test_the_kernel_is_asked_what_the_failing_line_holds(ask):
    run = ask(["```python\nstock = {'apples': 3}\nstock['pears']\n```", "```python\nstock\n```", "Three apples."])
    assert "`stock` is dict" in run.of(FeedbackGiven)[0].text
    assert "apples" in run.of(FeedbackGiven)[0].text.split("Line 2 failed")[1]


def test_of_a_long_table_all_columns_are_told_of_the_failing_line():
    columns = "; ".join(f"column_{number} float64 (0.25, 0.5, 0.125)" for number in range(12))
    told = failure_hint(
        failure("KeyError", "'colum'", "table['colum']"), [Variable("table", "DataFrame", f"9 rows x 12 columns: {columns}")]
    )
    assert "column_0 float64 (0.25, ...); " in told
    assert "; column_11 float64. " in told
