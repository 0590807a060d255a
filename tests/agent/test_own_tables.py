"""A request that only asks to see something changes no table of the user's."""

from __future__ import annotations

import pytest

from jupyter_oci.agent.own_tables import with_own_tables
from jupyter_oci.kernel.base import Variable

TABLES = (
    Variable("sales", "DataFrame", "3 rows x 2 columns: date str ('2024-01-02'); price float64 (1.5)"),
    Variable("prices", "Series", "length 3, dtype float64"),
)
MONTHLY = "sales['date'] = sales['date'].dt.to_period('M')\nsales.groupby('date')['price'].sum().plot()"


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        (
            f"import pandas as pd\n{MONTHLY}",
            "import pandas as pd\nsales_shown = sales.copy()\nsales_shown['date'] = sales_shown['date'].dt.to_period('M')\n"
            "sales_shown.groupby('date')['price'].sum().plot()",
        ),
        (
            "sales.set_index('date', inplace=True)\nsales.plot()",
            "sales_shown = sales.copy()\nsales_shown.set_index('date', inplace=True)\nsales_shown.plot()",
        ),
        (
            "print(len(sales))\nsales = sales.dropna()\nsales.plot()",
            "print(len(sales))\nsales_shown = sales.dropna()\nsales_shown.plot()",
        ),
        ("sales['price'] *= 2\nsales_shown = 1", "sales_shown_ = sales.copy()\nsales_shown_['price'] *= 2\nsales_shown = 1"),
    ],
)
def test_it_works_on_a_copy(source, expected):
    assert with_own_tables(source, "Plot the price per month", TABLES) == expected


@pytest.mark.parametrize(
    ("cell", "own"),
    [("sales_shown = sales.copy()\nsales_shown.plot()", "sales_shown"), ("sales_shown = 1", "sales_shown_")],
)
def test_a_copy_takes_the_place_of_an_earlier_one_and_of_nothing_else(cell, own):
    held = (*TABLES, Variable("sales_shown", "DataFrame", "3 rows x 1 columns: price float64 (1.5)"))
    assert with_own_tables(MONTHLY, "Plot the price per month", held, [cell]).startswith(f"{own} = sales.copy()\n")


@pytest.mark.parametrize(
    "source",
    [
        "sales['month'] = sales['date'].dt.month\nsales.groupby('month').sum()",
        "sales['date'] = pd.to_datetime(sales['date'])\nsales.plot()",
        "sales['price'] = sales['price'].astype(int)\nsales",
        "sales.dropna(inplace=False)",
        "prices = prices.dropna()",
        "sales = load()",
        f"{MONTHLY}\nprint(f'{{sales}}')",
        f"def total():\n    return sales.price.sum()\n{MONTHLY}",
        f"{MONTHLY}\nother.query('x in @sales')",
        "no python (",
    ],
)
def test_it_stays_as_it_is(source):
    assert with_own_tables(source, "Plot the price per month", TABLES) == source


@pytest.mark.parametrize(
    ("request_", "is_left"),
    [
        ("Which month had the highest price?", True),
        ("Make a bar chart of the price per month", True),
        ("Create one interactive bar plot of the months", True),
        ("Show the total per month as a pie chart", True),
        ("Convert the dates to months and show them", False),
        ("Show the table with the dates replaced by months", False),
        ("Reduce the dates to months", False),
        ("", False),
    ],
)
def test_only_a_request_to_see_leaves_tables_alone(request_, is_left):
    assert (with_own_tables(MONTHLY, request_, TABLES) != MONTHLY) is is_left


def test_what_is_asked_in_another_language_is_left_as_it_is_for_it_may_ask_for_the_change():
    assert (
        with_own_tables("sales['price'] *= 2", "Kannst du alle Werte der Spalte price verdoppeln?", TABLES)
        == "sales['price'] *= 2"
    )
