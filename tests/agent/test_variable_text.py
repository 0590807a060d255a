"""A variable's line within its limit: of a table, columns are told before values, and first those that are asked about."""

import pytest

from jupyter_oci.agent.plain_text import escaped
from jupyter_oci.agent.variable_text import described, fitted, labels_of, repeats_in, texts_in, variable_lines
from jupyter_oci.kernel.base import Variable

TITANIC = Variable(
    "titanic",
    "DataFrame",
    "891 rows x 12 columns: PassengerId int64 (1, 2, 3); Survived int64 (0, 1, 1); Pclass int64 (3, 1, 3); Name object "
    "('Braund, Mr. Owen Harris', 'Cumings, Mrs. John Bradley (Florence Bri'... length 51, 'Heikkinen, Miss. Laina'); "
    "Sex object ('male', 'female', 'female'); Age float64 (22.0, 38.0, 26.0); SibSp int64 (1, 1, 0); Parch int64 (0, 0, 0); "
    "Ticket object ('A/5 21171', 'PC 17599', 'STON/O2. 3101282'); Fare float64 (7.25, 71.2833, 7.925); "
    "Cabin object (nan, 'C85', nan); Embarked object ('S', 'C', 'S')",
)
WIDE = (
    "9 rows x 70 columns: " + "; ".join(f"a_column_{place} float64 (0.25, 0.5, 0.125)" for place in range(30)) + "; ... 40 more"
)


def line(variable: Variable, about: str = "", limit: int = 5000) -> str:
    return variable_lines([variable], about, limit, described)[0]


def test_a_table_that_is_named_is_told_whole():
    assert line(TITANIC, "Plot titanic") == f"titanic: DataFrame {TITANIC.summary}"


def test_of_a_table_that_is_too_long_the_longest_values_are_left_out_and_no_column_is():
    told = line(TITANIC, "How many survived?")
    assert len(told) <= 400
    assert "Name object ('Braund, Mr. Owen Harris', ...); Sex object ('male', ...); Age float64 (22.0, 38.0, 26.0)" in told
    assert labels_of(Variable("titanic", "DataFrame", told.removeprefix("titanic: DataFrame "))) == labels_of(TITANIC)
    assert "more" not in told


def test_columns_that_are_asked_about_keep_their_values_and_their_place():
    told = fitted(TITANIC.summary, "Fare by ticket", 270, escaped)
    assert "Name object; Sex object; Age float64; SibSp int64; Parch int64; Ticket object ('A/5 21171', 'PC 17599', 'ST" in told
    assert "Fare float64 (7.25, 71.2833, 7.925); Cabin" in told


@pytest.mark.parametrize(
    ("summary", "told"),
    [
        (WIDE, "9 rows x 70 columns: a_column_0 float64; a_column_1 float64; a_column_29 float64; ... 67 more"),
        ("2 rows x 2 columns: id int64 (1, 2); 'x'; y", "2 rows x 2 columns: id int64 (1, 2); 'x'; y"),  # not read for certain
        ("length 40 of str: 'a', 'b', ...", "length 40 of str: 'a', 'b', ..."),
    ],
)
def test_how_many_columns_are_left_out_is_told(summary, told):
    limit = len(told) if summary is WIDE else 10
    assert fitted(summary, "the mean of A_Column_29", limit, escaped) == told


def test_that_dates_are_text_is_told_with_one_value_too():
    dates = "9 rows x 1 columns: day str ('2024-05-01', '16.02.2024', 'May 1, 2024')"
    told = fitted(dates, "", 110, described)
    assert told == "9 rows x 1 columns: day dates as text, convert with pd.to_datetime, first ones ('2024-05-01', ...)"


def test_what_is_named_has_more_room_and_all_of_it_together_no_more_than_a_share_of_the_prompt():
    tables = [Variable(f"t{number}", "DataFrame", WIDE) for number in range(6)]
    longs = [len(each) for each in variable_lines(tables, "t0 t1 t2 t3 t4", 5000, described)]
    assert all(400 < long <= 500 for long in longs[:5])
    assert longs[5] <= 400
    assert 1100 < len(line(tables[0], "t0")) <= 1200
    assert len(line(tables[0], "t0", limit=500)) <= 400
    assert len(line(Variable("names", "list", "x" * 2000), "names")) == 1200


def test_columns_that_are_only_counted_have_no_label():
    assert labels_of(Variable("wide", "DataFrame", WIDE)) == [f"a_column_{place}" for place in range(30)]


def test_counts_are_not_told_to_the_model():
    few = Variable(
        "shops", "DataFrame", "9 rows x 2 columns: town str ('Bern', 'Chur') 2 distinct; id int64 (1, 1, 2) 4 distinct"
    )
    assert fitted(few.summary, "", 400, str) == "9 rows x 2 columns: town str ('Bern', 'Chur'); id int64 (1, 1, 2)"
    assert repeats_in(few) == ["town", "id"]
    assert texts_in(few) == {"town": ["Bern", "Chur"]}
