"""A request that only asks to see something changes no table of the user's."""

from __future__ import annotations

import pytest

from jupyter_oci.agent.own_tables import with_own_tables
from jupyter_oci.kernel.base import Variable

TABLES = (
    Variable("sales", "DataFrame", "3 rows x 2 columns: date str ('2024-01-02'); price float64 (1.5)"),
    Variable("prices", "Series", "length 3, dtype float64"),
)
SAID = "# This is done on a copy: sales itself stays as it is.\n"
MONTHLY = "sales['date'] = sales['date'].dt.to_period('M')\nsales.groupby('date')['price'].sum().plot()"


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        (
            f"import pandas as pd\n{MONTHLY}",
            f"import pandas as pd\n{SAID}sales_shown = sales.copy()\n"
            "sales_shown['date'] = sales_shown['date'].dt.to_period('M')\nsales_shown.groupby('date')['price'].sum().plot()",
        ),
        (
            "sales.set_index('date', inplace=True)\nsales.plot()",
            f"{SAID}sales_shown = sales.copy()\nsales_shown.set_index('date', inplace=True)\nsales_shown.plot()",
        ),
        (
            "print(len(sales))\nsales = sales.dropna()\nsales.plot()",
            f"print(len(sales))\n{SAID}sales_shown = sales.dropna()\nsales_shown.plot()",
        ),
        (
            "sales['price'] *= 2\nsales_shown = 1",
            f"{SAID}sales_shown_ = sales.copy()\nsales_shown_['price'] *= 2\nsales_shown = 1",
        ),
    ],
)
def test_it_works_on_a_copy_and_says_so(source, expected):
    assert with_own_tables(source, "Plot the price per month", TABLES) == expected


@pytest.mark.parametrize(
    ("cell", "own"),
    [("sales_shown = sales.copy()\nsales_shown.plot()", "sales_shown"), ("sales_shown = 1", "sales_shown_")],
)
def test_a_copy_takes_the_place_of_an_earlier_one_and_of_nothing_else(cell, own):
    held = (*TABLES, Variable("sales_shown", "DataFrame", "3 rows x 1 columns: price float64 (1.5)"))
    assert with_own_tables(MONTHLY, "Plot the price per month", held, [cell]).startswith(f"{SAID}{own} = sales.copy()\n")


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
        ("Can you show the price per month, and which was the highest?", True),
        ("Which month was the best? Use a groupby on sales and print the result.", True),
        ("In sales, what are the mean and the median price?", True),
        ("Plot the price, the units and their sum", True),
        # what may ask for the change
        ("Increase all prices by 10% and show the table.", False),
        ("Count the outliers and exclude them from sales.", False),
        ("Keep only the rows of 2024 and tell me how many are left.", False),
        ("Find the duplicates in sales and eliminate them.", False),
        ("Overwrite price with its log and show", False),
        ("Which rows are outliers? Exclude them.", False),
        ("Show the table and increase prices by 10%", False),
        ("Print the mean, then weigh the prices by it", False),
        ("Get rid of the outliers and show the rest", False),
        ("How can I lower the prices?", False),
    ],
)
def test_only_a_request_to_see_leaves_tables_alone(request_, is_left):
    assert (with_own_tables(MONTHLY, request_, TABLES) != MONTHLY) is is_left


def test_what_is_asked_in_another_language_is_left_as_it_is_for_it_may_ask_for_the_change():
    assert (
        with_own_tables("sales['price'] *= 2", "Kannst du alle Werte der Spalte price verdoppeln?", TABLES)
        == "sales['price'] *= 2"
    )
