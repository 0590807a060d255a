"""Cures of Python's own errors: what fails is run, cured, and run again."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from jupyter_oci.agent.cures import cure_of
from jupyter_oci.kernel import probe
from jupyter_oci.kernel.base import Variable

from .failing import failure_of


def values():
    return {
        "total": 5,
        "age": "31",
        "height": "1.75",
        "name": "Ann",
        "items": [1, 2, 3],
        "prices": [3, None, 4.5],
        "stock": {"apples": 2, "pears": 0},
        "tags": {"a"},
        "rates": {2.5: 10},
        "probs": np.array([3, 4, 1]),
        "table": pd.DataFrame({"id": pd.Series([1], dtype=object), "n": ["b"]}),
    }


def cured(source):
    names = values()
    variables = [Variable(name, type(value).__name__, probe.summary(name, value)) for name, value in names.items()]
    failure = failure_of(source, names)
    assert failure is not None, "nothing to cure: it runs"
    cure = cure_of(source, failure, variables)
    return cure and cure.source


@pytest.mark.parametrize(
    ("wrong", "right", "result"),
    [
        ("r = 'Total: ' + total", "r = 'Total: ' + str(total)", "Total: 5"),
        ("r = total + ' items'", "r = str(total) + ' items'", "5 items"),
        ("r = total + 1 + ' of ' + total", "r = str(total + 1) + ' of ' + str(total)", "6 of 5"),
        ("r = (total + 1) + ' items'", "r = (str(total + 1)) + ' items'", "6 items"),
        ("r = 'a' + (total + 1) + str(2)", "r = 'a' + (str(total + 1)) + str(2)", "a62"),
        ("r = name + ' is ' + total * 2", "r = name + ' is ' + str(total * 2)", "Ann is 10"),
        ("r = f'{name}: ' + total", "r = f'{name}: ' + str(total)", "Ann: 5"),
        ("r = 'of ' + total + ' ' + table['n']", "r = 'of ' + str(total) + ' ' + table['n']", ["of 5 b"]),
        ("r = 'n: ' + len(table['n']) + table['n']", "r = 'n: ' + str(len(table['n'])) + table['n']", ["n: 1b"]),
        ("r = age + 1", "r = int(age) + 1", 32),
        ("r = 2 * total - age", "r = 2 * total - int(age)", -21),
        ("r = len(age + height) + age", "r = len(age + height) + int(age)", 37),
        ("r = total < height", "r = total < float(height)", False),
        ("r = ', '.join(items)", "r = ', '.join(map(str, items))", "1, 2, 3"),
        ("r = items[len(items) / 2]", "r = items[len(items) // 2]", 2),
        ("r = items[: total / 2]", "r = items[: total // 2]", [1, 2]),
        ("r = items[len(items) / 2 - 1 :]", "r = items[len(items) // 2 - 1 :]", [1, 2, 3]),
        ("r = [6, 7][len([v for v in items if v / 2 > 1]) / 2]", "r = [6, 7][len([v for v in items if v / 2 > 1]) // 2]", 6),
        ("r = probs[probs / total > 0.5][: total / 2]", "r = probs[probs / total > 0.5][: total // 2]", [3, 4]),
        ("r = rates[total / 2] + items[total / 5]", "r = rates[total / 2] + items[total // 5]", 12),
        ("r = list(range(total / 2))", "r = list(range(total // 2))", [0, 1]),
        ("for r in len(items):\n    pass", "for r in range(len(items)):\n    pass", 2),
        ("for r in total:\n    pass", "for r in range(total):\n    pass", 4),
        ("r = stock.keys()[0]", "r = list(stock.keys())[0]", "apples"),
        ("r = map(str, items)[-1]", "r = list(map(str, items))[-1]", "3"),
        ("r = len(filter(None, items))", "r = len(list(filter(None, items)))", 3),
        ("r = stock\nfor k in r:\n    r.pop(k)", "r = stock\nfor k in list(r):\n    r.pop(k)", {}),
        ("r = sum(prices)", "r = sum(item for item in prices if item is not None)", 7.5),
        ("r = max(prices, default=0)", "r = max((item for item in prices if item is not None), default=0)", 4.5),
        ("r = list(xrange(2))", "r = list(range(2))", [0, 1]),
        ("import sys\nr = sys.maxint > 0", "import sys\nr = sys.maxsize > 0", True),
        ("r = list(stock.iteritems())", "r = list(stock.items())", [("apples", 2), ("pears", 0)]),
        ("r = items\nr.push(4)", "r = items\nr.append(4)", [1, 2, 3, 4]),
        ("r = not stock.has_key('figs')", "r = not ('figs' in stock)", True),
        ("r = name.decode('utf-8')", "r = name", "Ann"),
        ("r = items.length", "r = len(items)", 3),
        ("r = name.size() + 1", "r = len(name) + 1", 4),
        ("import datetime\nr = datetime.strptime('1', '%d').day",
         "import datetime\nr = datetime.datetime.strptime('1', '%d').day", 1),
        ("from datetime import datetime\nr = datetime.datetime(2024, 1, 3).day",
         "from datetime import datetime\nr = datetime(2024, 1, 3).day", 3),
        ("import collections\nr = isinstance(items, collections.Iterable)",
         "import collections\nr = isinstance(items, collections.abc.Iterable)", True),
        ("from collections import Iterable, Mapping\nr = 1", "from collections.abc import Iterable, Mapping\nr = 1", 1),
        ("import cPickle as pickle\nr = pickle.loads(b'I1\\n.')", "import pickle as pickle\nr = pickle.loads(b'I1\\n.')", 1),
        ("from StringIO import StringIO\nr = StringIO('x').read()", "from io import StringIO\nr = StringIO('x').read()", "x"),
    ],
)  # fmt: skip
def test_what_fails_gives_what_was_meant_once_it_is_cured(wrong, right, result):
    assert cured(wrong) == right
    names = values()
    assert failure_of(right, names) is None
    assert (list(names["r"]) if isinstance(names["r"], (np.ndarray, pd.Series)) else names["r"]) == result


@pytest.mark.parametrize(
    "source",
    [
        "'Name: ' + None",
        "table['id'] + '-' + table['n']",  # what fails is an item
        "name + total",  # no text is written out: either may be meant
        "sum([age, total])",
        "sum(prices) / len(prices)",  # a mean without the missing ones divides by less
        "name - 1",
        "items['a']",
        "items[1.5]",
        "for x in 5.5:\n    pass",
        "set([1])[0]",  # has no order
        "numbers = map(str, items)\nlen(numbers)",  # would be used up
        "items.length = 3",
        "from collections import Counter, Iterable",
        "import cPickle",  # the name would be gone
        "stock.nothing",
    ],
)
def test_what_has_more_than_one_reading_is_left_alone(source):
    assert cured(source) is None
