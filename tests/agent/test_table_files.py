"""Tables are read as their files are written: by the sign between the values, and no row taken for column names."""

from __future__ import annotations

import pytest

from jupyter_oci.agent.table_files import with_first_row, with_separator
from jupyter_oci.events import SourceFinished
from jupyter_oci.kernel.base import DataFile, Variable
from jupyter_oci.request import Request

from .driving import block

FLOWERS = Variable(
    "flowers",
    "DataFrame",
    "149 rows x 4 columns: 5.1 float64 (4.9); 3.5 float64; 0.2 float64; setosa str ('setosa', 'other') 2 distinct",
)


def named(*labels: str) -> Variable:
    return Variable("flowers", "DataFrame", f"9 rows x {len(labels)} columns: " + "; ".join(f"{label} int64" for label in labels))


@pytest.mark.parametrize(
    ("source", "mended"),
    [
        ("flowers = pd.read_csv('a.data')\nflowers", "flowers = pd.read_csv('a.data', header=None)\nflowers"),
        ("flowers = pandas.read_table('a', sep=';',)", "flowers = pandas.read_table('a', header=None, sep=';',)"),
    ],
)
def test_the_first_line_is_read_as_data(source, mended):
    cure = with_first_row(source, [FLOWERS])
    assert cure is not None
    assert cure.source == mended


@pytest.mark.parametrize(
    "source",
    [
        "flowers = pd.read_csv('a.data', header=0)",
        "flowers = pd.read_csv('a.data', names=list('abcde'))",
        "flowers = pd.read_csv('a.data', **how)",
        "flowers = pd.read_csv('a.data', skiprows=3)",
        "flowers = pl.read_csv('a.data')",
        "others = pd.read_csv('a.data')",
        "flowers = pd.DataFrame(rows)",
        "flowers[0] = pd.read_csv('a.data')",
        "flowers = pd.read_csv('a.data'",
    ],
)
def test_what_says_how_it_is_read_stays(source):
    assert with_first_row(source, [FLOWERS]) is None


@pytest.mark.parametrize(
    "labels",
    [
        ("country", "1990", "1991", "1992"),
        ("0", "1", "2"),
        ("400.5", "401.0", "401.5"),
        ("store", "8004", "8002", "8009"),  # no store is called `store`
        ("a", "b", "3.5"),
        ("name", "age"),
    ],
)
def test_numbers_may_be_names(labels):
    assert with_first_row("flowers = pd.read_csv('a.csv')", [named(*labels)]) is None


def test_values_that_come_again_are_data():
    cure = with_first_row("flowers = pd.read_csv('a.csv')", [named("7.5", "0.2", "0.2.1", "3")])
    assert cure is not None
    assert cure.source == "flowers = pd.read_csv('a.csv', header=None)"


FILES = [
    DataFile("f.csv", '"day; first",'),
    DataFile("g.csv", "Umsatz; in CHF"),
    DataFile("a.csv", "day;price"),
    DataFile("in/b.tsv", "day\tprice"),
    DataFile("c.csv", "day,a|b"),
    DataFile("d.csv", ""),
]


@pytest.mark.parametrize(
    ("source", "mended"),
    [
        ("x = pd.read_csv('a.csv')\nx", "x = pd.read_csv('a.csv', sep=';')\nx"),
        ("x = pd.read_csv('./in/b.tsv', index_col=0).head()", "x = pd.read_csv('./in/b.tsv', sep='\\t', index_col=0).head()"),
        ("x = pd.read_csv(\n    'a.csv',\n)", "x = pd.read_csv(\n    'a.csv', sep=';',\n)"),
        ("x = pl.read_csv('a.csv')", "x = pl.read_csv('a.csv', separator=';')"),
        ("x, y = pd.read_csv('a.csv'), pd.read_csv('c.csv')", "x, y = pd.read_csv('a.csv', sep=';'), pd.read_csv('c.csv')"),
    ],
)
def test_values_are_parted_by_the_sign_that_parts_the_names(source, mended):
    assert with_separator(source, lambda: FILES) == mended


@pytest.mark.parametrize(
    "source",
    [
        "pd.read_csv('a.csv', sep=',')",
        "pd.read_csv('a.csv', ',')",
        "pd.read_csv('c.csv')",
        "pd.read_csv('d.csv')",
        "pd.read_csv('e.csv')",
        "pd.read_csv('f.csv')",
        "pd.read_csv('g.csv')",
        "pd.read_csv(('a.csv'))",
        "pd.read_csv('a.csv', **how)",
        "pd.read_csv('a.csv', skiprows=1)",
        "pd.read_csv(path)",
        "pd.read_table('a.csv')",
        "own.read_csv('a.csv')",
        "read_csv('a.csv')",
        "pd.read_csv('a.csv'",
    ],
)
def test_what_says_otherwise_or_is_not_known_stays(source):
    assert with_separator(source, lambda: FILES) == source


def test_a_run_reads_the_row_that_would_be_lost(ask, kernel, tmp_path):
    path = tmp_path / "sizes.data"
    path.write_text("5.1,3.5,rose\n4.9,3.0,rose\n")
    read = f"import pandas as pd\nsizes = pd.read_csv({str(path)!r})"
    run = ask([block(read), "It is read."], request=Request(f"Read {path} into sizes"), executor=kernel)
    assert run.ending == ("done", "answered")
    assert "header=None" in run.of(SourceFinished)[-1].source
    [told] = [variable.summary for variable in kernel.variables("sizes") if variable.name == "sizes"]
    assert told.startswith("2 rows")
