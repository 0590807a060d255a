"""A variable is renamed without a model."""

from __future__ import annotations

import pytest

from jupyter_oci.agent.renaming import renamed
from jupyter_oci.events import FixProposed

CELL = "df = load()  # df\ndf['df'] = df.a * 2\nprint('df', f(df=df))"


@pytest.mark.parametrize("prompt", ["rename df to sales", "Please rename the variable `df` to `sales`."])
def test_every_place_of_a_variable_is_renamed(prompt):
    assert renamed(CELL, prompt, []) == "sales = load()  # df\nsales['df'] = sales.a * 2\nprint('df', f(df=sales))"


def test_what_is_made_elsewhere_gets_its_new_name_first():
    assert renamed("ä = 'ü'; df.head()", "rename df to sales", ["df"]) == "sales = df\nä = 'ü'; sales.head()"
    assert renamed("df = df.dropna()", "rename df to sales", ["df"]) == "sales = df\nsales = sales.dropna()"
    assert renamed("n += 1\nn", "rename n to count", ["n"]) == "count = n\ncount += 1\ncount"
    assert renamed("df = load()\ndf", "rename df to sales", ["df"]) == "sales = load()\nsales"


@pytest.mark.parametrize(
    ("source", "prompt"),
    [
        (CELL, "rename df to sales and plot it"),
        (CELL, "rename shop to sales"),  # a column, perhaps
        (CELL, "rename df to load"),
        (CELL, "rename df to class"),
        (CELL, "rename df to taken"),
        ("def f(df):\n    return df", "rename df to sales"),
        ("print(f'{df}', df)", "rename df to sales"),
        ("%time df.head()", "rename df to sales"),
        ("df.query('x > @df.mean()')", "rename df to sales"),
    ],
)
def test_anything_else_is_for_the_model(source, prompt):
    assert renamed(source, prompt, ["taken"]) is None


def test_the_renamed_cell_is_proposed(notebook):
    cell_id = notebook.add("xs = [1]\nsum(xs)")
    run = notebook.edit(cell_id, "rename xs to values", [])
    assert [event.source for event in run.of(FixProposed)] == ["values = [1]\nsum(values)"]
    assert run.ending == ("done", "edited")
