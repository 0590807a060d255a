from __future__ import annotations

import pytest

from jupyter_oci.agent.slips import slip_in
from jupyter_oci.agent.traceback_text import read_traceback
from jupyter_oci.kernel.base import Variable

COLUMNS = "6 rows x 5 columns: unit price float64 (1.0, 2.0); City str ('a; b', 'c'); sales_2023 int64 (1, 2); über int64 (1, 2)"
SHOP = Variable("shop", "DataFrame", COLUMNS)
HIDDEN = Variable("hidden", "DataFrame", "2 rows x 2 columns: \ufeffid int64 (1, 2); v int64 (3, 4)")
STOCK = Variable("stock", "dict", "length 2 {'apples': int, 'pears': int}")
NESTED = Variable("nested", "dict", "length 2 {'server': {'host': str, 'User': int}, 'hosts': list}")
WEATHER = Variable(
    "weather", "DataFrame", "1 rows x 3 columns: temperature_min int64 (1); altitude int64 (2); total_male int64 (1)"
)
HELD = ("shop", "stock", "total", "mean_a", "mean_b", "x_train", "group_a", "count", "counts")


def mended(source: str, error: str, line: int = 1) -> str | None:
    ename, _, evalue = error.partition(": ")
    shown = source.splitlines()[line - 1] if line <= len(source.splitlines()) else "another cell's"
    failure = read_traceback(ename, evalue, (f"Cell In[1], line {line}\n----> {line} {shown}\n",))
    slip = slip_in(source, failure, [SHOP, STOCK, NESTED, HIDDEN, WEATHER], HELD)
    return slip and slip.source


@pytest.mark.parametrize(
    ("source", "error", "fixed"),
    [
        ("shop['city']", "KeyError: 'city'", "shop['City']"),
        ('shop["unit_price"]', "KeyError: 'unit_price'", 'shop["unit price"]'),
        ("x = 'ü'; shop['Über']", "KeyError: 'Über'", "x = 'ü'; shop['über']"),
        ("shop.groupby('city').x", "KeyError: 'Column not found: city'", "shop.groupby('City').x"),
        ("shop.city.max()", "AttributeError: 'DataFrame' object has no attribute 'city'", "shop.City.max()"),
        ("stock['aples'] + 1", "KeyError: 'aples'", "stock['apples'] + 1"),
        ("hidden['id'].sum()", "KeyError: 'id'", "hidden['\\ufeffid'].sum()"),
        ("print(totl, 'totl')", "NameError: name 'totl' is not defined", "print(total, 'totl')"),
        ("shop.loc[:, ['city', 'v']]", "KeyError: 'city'", "shop.loc[:, ['City', 'v']]"),
        ("stock['appels']", "KeyError: 'appels'", "stock['apples']"),
        ("shop['unit prise']", "KeyError: 'unit prise'", "shop['unit price']"),
        # where it is read
        ("shop['city'] = shop['city'] + 's'", "KeyError: 'city'", "shop['city'] = shop['City'] + 's'"),
        ("pd.DataFrame({'city': shop['city']})", "KeyError: 'city'", "pd.DataFrame({'city': shop['City']})"),
        ("shop[shop['city'] == 'city']", "KeyError: 'city'", "shop[shop['City'] == 'city']"),
        ("print('city', shop['city'])", "KeyError: 'city'", "print('city', shop['City'])"),
        ("totl = totl + 1", "NameError: name 'totl' is not defined", "totl = total + 1"),
        ("# city\nshop.agg(\n    'city'\n)", "KeyError: 'city'", None),
        ("import numpyy as np, os", "ModuleNotFoundError: No module named 'numpyy'", "import numpy as np, os"),
        ("from Queue import Queue", "ModuleNotFoundError: No module named 'Queue'", "from queue import Queue"),
        ("import json.decodr", "ModuleNotFoundError: No module named 'json.decodr'", "import json.decoder"),
        ("import tabula", "ModuleNotFoundError: No module named 'tabula'", None),  # a package of its own, unlike tabulate
        ("import panda_tools", "ModuleNotFoundError: No module named 'panda_tools'", None),
        ("import json.reader", "ModuleNotFoundError: No module named 'json.reader'", None),
        ("import seaborn", "ModuleNotFoundError: No module named 'numpyy'", None),
    ],
)
def test_a_slip_is_mended_where_it_stands(source, error, fixed):
    assert mended(source, error) == fixed


def test_the_failing_statement_alone_is_touched():
    source = "print('city')\nfor _ in '1':\n    shop.drop(\n        columns='city')"
    assert mended(source, "KeyError: 'city'", line=3) == source.replace("s='city'", "s='City'")


@pytest.mark.parametrize(
    ("source", "error"),
    [
        ("shop['sales_2024']", "KeyError: 'sales_2024'"),  # a digit tells things apart
        ("print(mean_c)", "NameError: name 'mean_c' is not defined"),
        ("print(couns)", "NameError: name 'couns' is not defined"),  # two are like it
        # other things
        ("model.fit(x_train, y_train)", "NameError: name 'y_train' is not defined"),
        ("y_train", "NameError: name 'y_train' is not defined"),
        ("ttest_ind(group_a, group_b)", "NameError: name 'group_b' is not defined"),
        ("weather['temperature_max']", "KeyError: 'temperature_max'"),
        ("weather['latitude']", "KeyError: 'latitude'"),
        ("weather['total_female']", "KeyError: 'total_female'"),
        ("weather['Altitude'] - weather['altitude']", "KeyError: 'Altitude'"),  # that is there as well
        ("print(totals)", "NameError: name 'totals' is not defined"),  # more than one
        ("totl += 1", "NameError: name 'totl' is not defined"),
        ("shop['nothing']", "KeyError: 'nothing'"),
        ("other['city']", "KeyError: 'city'"),
        ("nested['host']", "KeyError: 'host'"),  # it is further down, as it is written
        ("nested['user']", "KeyError: 'user'"),  # what is like it is further down
        ("shop[key]", "KeyError: 'city'"),
        ("shop['city']", "ValueError: 'city'"),
        ("def (", "NameError: name 'totl' is not defined"),
    ],
)
def test_what_is_not_plain_is_left_alone(source, error):
    assert mended(source, error) is None


def test_a_line_of_another_cell_is_left_alone():
    assert mended("shop['city']", "KeyError: 'city'", line=7) is None
