"""Of tables that are not large it is told how many values a column has, and all of a few texts."""

from __future__ import annotations

import json
from types import SimpleNamespace

import pandas as pd
import pytest

from jupyter_oci.kernel import probe, tables


def summary_of(fresh, name):
    return next(each.summary for each in fresh.session(variables_budget=2.0).variables() if each.name == name)


@pytest.mark.parametrize(
    ("values", "told"),
    [
        ("[7, 7, 8]", "int64 (7, 7, 8) 2 distinct"),
        ("[7, 8, 9]", "int64 (7, 8, 9)"),
        ("[0.5, 0.5, None]", "float64 (0.5, 0.5, nan)"),
        ("['a', 'b', 'c', 'd', 'a', None]", "str ('a', 'b', 'c', 'd') 4 distinct"),
        ("pd.Categorical(['m', 'f', 'm', 'd', 'x'])", "category ('m', 'f', 'd', 'x') 4 distinct"),
        ("[[1], [1]]", "object (<list>, <list>)"),
        ("[True, True, False]", "bool (True, True, False)"),
        (
            "pd.to_datetime(['2024-05-01'] * 2 + [None])",
            "datetime64[us] (2024-05-01 00:00:00, 2024-05-01 00:00:00, NaT)",
        ),
        ("pd.array([1, 1, None], dtype='Int64')", "Int64 (1, 1, <NA>) 1 distinct"),
    ],
)
def test_columns_tell_how_many_values_they_have(fresh, values, told):
    fresh.run(f"import pandas as pd; counted = pd.DataFrame({{'c': {values}}})")
    summary = summary_of(fresh, "counted")
    assert summary.endswith(f" c {told}")


def test_the_values_of_a_large_table_are_not_counted(fresh):
    fresh.run("import pandas as pd; counted = pd.DataFrame({'c': [1, 2] * 150_000})")
    assert summary_of(fresh, "counted").endswith("c int64 (1, 2, 1)")


def test_a_secret_is_told_by_the_end_of_a_long_label(fresh):
    fresh.run("import pandas as pd; people = pd.DataFrame({'Please enter your e-mail address and password': ['hunter2', 'x']})")
    assert "hunter2" not in summary_of(fresh, "people")


def test_notes_on_a_table_are_not_copied(fresh):
    fresh.run("class Loud:\n    def __deepcopy__(self, memo):\n        copied.append(1)\ncopied = []")
    fresh.run("import pandas as pd; noted = pd.DataFrame({'c': [1, 1]}); noted.attrs['loud'] = Loud(); copied.clear()")
    assert summary_of(fresh, "noted").endswith("c int64 (1, 1) 1 distinct")
    assert summary_of(fresh, "copied") == "length 0"


@pytest.mark.parametrize("label", ["'pwd'", "'api_token'", "('login', 'password')"])
def test_of_what_may_be_secrets_not_all_values_are_told(fresh, label):
    values = [f"word{n}" for n in range(6)] * 2
    fresh.run(f"import pandas as pd; counted = pd.DataFrame([[value] for value in {values}], columns=[{label}])")
    assert "word5" not in summary_of(fresh, "counted")


def test_values_are_counted_when_all_tables_are_described(monkeypatch):
    clock = SimpleNamespace(now=0.0)
    monkeypatch.setattr(probe, "time", SimpleNamespace(monotonic=lambda: clock.now))
    count = tables.with_count

    def slowly(*given):
        clock.now += 0.4
        return count(*given)

    monkeypatch.setattr(tables, "with_count", slowly)
    held = {f"table_{n}": pd.DataFrame({"c": [1, 1, 2]}) for n in range(4)}
    monkeypatch.setattr(probe, "current_shell", lambda: SimpleNamespace(user_ns=held, user_ns_hidden={}))
    told = [summary for _, _, summary in json.loads(probe.answer(1.0))]
    assert [summary.removesuffix(" 2 distinct") for summary in told] == ["3 rows x 1 columns: c int64 (1, 1, 2)"] * 4
    assert sum(summary.endswith("distinct") for summary in told) == 2


def test_nothing_of_the_users_is_called_to_count(fresh):
    fresh.run("class Loud:\n    def __hash__(self):\n        1 / 0")
    fresh.run("import pandas as pd; counted = pd.DataFrame({'c': [Loud(), Loud()]})")
    assert summary_of(fresh, "counted").endswith("c object (<Loud>, <Loud>)")
