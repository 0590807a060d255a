from __future__ import annotations

import pytest

from jupyter_oci.agent.results import Results, names_in
from jupyter_oci.kernel.base import Variable

RESULT = "north    430.0\nsouth   -1234.567\nshare 0.1534\n(7, 91)\n1,200,000\n2024-02-15\n1.5e-07"


@pytest.mark.parametrize(
    "answer",
    [
        "The total of the north is 430.",
        "The south lost 1,234.57, about 1,235 or roughly 1,200.",
        "The share is 0.153, which is 15 % (15.3%).",
        "There are 3 rows in 2 columns.",
        "The last of them was on 2024-02-15.",
        "It came to 1200000, or 1.2 million.",
        "The pair is (7,91).",
        "Der Süden hat 1.234,57 verloren, der Anteil ist 15,3 %, es sind 1.200.000 Stück.",
        "Le nord a 430,0 et le total est 1\u202f200\u202f000.",
        "The column x_77 of df99 and the 20th row are names, not results.",
        "",
    ],
)
def test_what_the_result_shows_may_be_said_rounded_or_as_a_percentage(answer):
    assert Results.of([RESULT, "1.2"]).unfounded(answer) is None


@pytest.mark.parametrize(
    ("answer", "number"),
    [
        ("The total is 431.", "431"),
        ("The total is 430.5.", "430.5"),
        ("The maximum is 9.0.", "9.0"),
        ("It fell to 1,300.", "1,300"),
        ("The share is 16%.", "16"),
        ("North has 430 and south 250.", "250"),
    ],
)
def test_a_number_that_no_result_shows_is_found(answer, number):
    assert Results.of([RESULT]).unfounded(answer) == f"No result shows {number}."


SERIES = "Employee\nAnna Berg    591.537234\nBob         -142.494250\nName: Amount, dtype: float64"


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        ("The average amount per employee is 591.54.", "591.54 is the value of Anna Berg alone."),
        ("Bob has -142.49 and the others 592.", "592 is the value of Anna Berg alone."),
        ("anna berg has 591.5, which is more than the -142.5 of Bob.", None),
        ("The averages of 2 employees are shown.", None),
    ],
)
def test_the_value_of_one_row_is_not_said_without_its_label(answer, why):
    assert Results.of([SERIES], shown=SERIES).unfounded(answer) == why


@pytest.mark.parametrize(
    "shown",
    ["Anna    591.5\ndtype: float64", "0    591.5\n1    142.4\ndtype: float64", "Anna    591.5\nBob     142.4", "591.5"],
)
def test_of_one_row_of_numbered_rows_and_of_what_is_no_series_no_label_is_wanted(shown):
    assert Results.of([shown], shown=shown).unfounded("It is 591.5.") is None


def test_the_end_of_a_long_output_is_read():
    long = "\n".join(f"some words  {n}" for n in range(20_000))
    shown = f"{long}\n\nAnna    591.5\nBob     142.4\ndtype: float64"
    assert Results.of([shown], shown=shown).unfounded("It is 591.5.") == "591.5 is the value of Anna alone."
    for text in (long, "x" * 1_000_000, f"{'x  1' * 100_000}\ndtype: int64"):
        assert Results.of([text], shown=text).rows == ()


TABLE = Variable(
    "sales",
    "DataFrame",
    "9 rows x 5 columns: shop str ('Office', 'no', 'Food & Co'); churn str ('Yes'); price str ('$5'); Total str ('Total', 'x1')",
)


def test_names_are_values_of_the_tables_columns_that_look_like_names():
    assert names_in([TABLE, Variable("n", "int", "3")]) == {"Office", "Food & Co"}


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        ("The shop with most sales is 'Office'.", "No result shows Office."),
        ("Office has most.", "No result shows Office."),
        ("Officers and the office are no names here.", None),
        ("It was Food & Co.", None),
    ],
)
def test_a_name_of_the_data_is_said_only_where_it_was_shown(answer, why):
    assert Results.of(["Office"], ["food & co    96.01"], names=names_in([TABLE])).unfounded(answer) == why
