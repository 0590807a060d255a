"""Tables of the usual libraries, described by what the model must know to use them."""

import numpy as np
import pandas as pd
import pytest

from jupyter_oci.kernel.probe import summary
from jupyter_oci.kernel.tables import words_of

TABLE = pd.DataFrame({"region": ["N", "S"], "year": [1, 2], "value": [1.5, 2.5]})
TEXT = TABLE["region"].dtype  # str, or object before pandas 3
DATES = pd.DatetimeIndex(["2020-01-01", "2020-01-02"], name="date").as_unit("ns")


@pytest.mark.parametrize(
    ("value", "told"),
    [
        (pd.DataFrame({"v": [1, 2]}, index=DATES), "2 rows x 1 columns, index date datetime64[ns]: v int64 (1, 2)"),
        (TABLE.set_index("year")[["value"]], "2 rows x 1 columns, index year int64: value float64 (1.5, 2.5)"),
        (TABLE[TABLE["value"] > 2][["value"]], "1 rows x 1 columns: value float64 (2.5)"),
        (
            TABLE[["value"]].set_axis(["a", "b"]).astype({"value": "float32"}),
            f"2 rows x 1 columns, index {TEXT}: value float32 (1.5, 2.5)",
        ),
        (TABLE.groupby("region")["value"].sum(), f"length 2, index region {TEXT}, name value, dtype float64 (1.5, 2.5)"),
        (
            TABLE.groupby(["region", "year"])["value"].sum(),
            f"length 2, index region {TEXT} and year int64, name value, dtype float64 (1.5, 2.5)",
        ),
    ],
)
def test_an_index_is_told_where_it_is_no_count_of_rows(value, told):
    assert summary("", value) == told


@pytest.mark.parametrize(
    ("labels", "about", "first"),
    [
        (
            [f"Item {place} Cost" for place in range(40)],
            "plot item_39.cost and the cost of item 35",
            ["Item 35 Cost", "Item 39 Cost"],
        ),
        ([f"Item {place} Cost" for place in range(40)], "plot the cost", ["Item 0 Cost", "Item 1 Cost"]),
        ([f"Item {place} Cost" for place in range(30)], "item 29 cost", ["Item 0 Cost", "Item 1 Cost"]),
        ([f"c{place}" for place in range(2000)], "c999 c1999", ["c999", "c0"]),  # not all of very many labels are looked at
        ([*range(40)], "those of 38", ["38", "0"]),
        (pd.MultiIndex.from_product([["Close"], range(40)]), "close of 38", ["(Close, 38)", "(Close, 0)"]),
    ],
)
def test_columns_that_the_request_names_come_first_in_wide_tables(labels, about, first):
    table = pd.DataFrame([[0] * len(labels)], columns=labels)
    told = summary("", table, words_of(about)).partition(": ")[2].removesuffix(f"; ... {len(labels) - 30} more").split("; ")
    assert told[:2] == [f"{each} int64 (0)" for each in first]
    assert len(told) == 30


def test_labels_of_the_users_own_are_not_looked_at():
    asked = []

    class Own(type(pd.array([1]))):
        def __getitem__(self, place):
            asked.append(place)
            return super().__getitem__(place)

    labels = pd.Index(Own(np.arange(90), np.zeros(90, bool)))
    table = pd.DataFrame([[0] * 90], columns=labels)
    assert type(table.columns.array) is Own
    asked.clear()
    assert summary("", table, words_of("80")).endswith("; 29 int64 (0); ... 60 more")
    assert {place for place in asked if type(place) is int} <= {*range(30)}


def test_tables_of_polars_are_told_by_their_columns():
    polars = pytest.importorskip("polars")
    table = polars.DataFrame({"region": ["N", "S"], "sales": [1.5, 2.5], "password": ["a", "b"], "parts": [[1], [2]]})
    columns = "region String ('N', 'S'); sales Float64 (1.5, 2.5); password String (not shown); parts List (<list>, <list>)"
    assert summary("", table) == f"polars, 2 rows x 4 columns: {columns}"
    assert summary("", table["sales"]) == "polars, length 2, name sales, dtype Float64 (1.5, 2.5)"
    assert summary("", table.lazy()) == "polars, lazy; its columns are in collect_schema()"
    wide = polars.DataFrame([[1]] * 40)
    assert summary("", wide).endswith("; column_29 Int64 (1); ... 10 more")
    assert ": column_39 Int64 (1); column_0 Int64 (1); " in summary("", wide, words_of("plot column_39"))


def test_tables_of_xarray_are_told_by_their_variables():
    xarray = pytest.importorskip("xarray")
    data = xarray.Dataset({"t": (("x", "y"), [[0.5, 1.5]])}, coords={"x": [7]})
    assert summary("", data) == "sizes x 1, y 2; coords x int64 (x); data t float64 (x, y)"
    assert summary("", data["t"]) == "sizes x 1, y 2; t float64 (x, y); coords x int64 (x)"
    wide = xarray.Dataset({f"v{place}": 0 for place in range(40)})
    told = summary("", wide, words_of("plot v39"))
    assert told.startswith("sizes ; data v39 int64 (), v0 int64 (), ")
    assert told.endswith(", v28 int64 (), ... 10 more")


def test_tables_of_geopandas_are_told_as_those_of_pandas():
    geopandas = pytest.importorskip("geopandas")
    places = geopandas.GeoDataFrame({"city": ["Rome"]}, geometry=geopandas.points_from_xy([1], [2]))
    assert summary("", places) == f"1 rows x 2 columns: city {TEXT} ('Rome'); geometry geometry (<Point>)"
