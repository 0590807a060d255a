"""Tables of the usual libraries, described by what the model must know to use them."""

import pandas as pd
import pytest

from jupyter_oci.kernel.probe import summary

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


def test_tables_of_polars_are_told_by_their_columns():
    polars = pytest.importorskip("polars")
    table = polars.DataFrame({"region": ["N", "S"], "sales": [1.5, 2.5], "password": ["a", "b"], "parts": [[1], [2]]})
    columns = "region String ('N', 'S'); sales Float64 (1.5, 2.5); password String (not shown); parts List (<list>, <list>)"
    assert summary("", table) == f"polars, 2 rows x 4 columns: {columns}"
    assert summary("", table["sales"]) == "polars, length 2, name sales, dtype Float64 (1.5, 2.5)"
    assert summary("", table.lazy()) == "polars, lazy; its columns are in collect_schema()"
    assert summary("", polars.DataFrame([[1]] * 40)).endswith("; column_29 Int64 (1); ... 10 more")


def test_tables_of_xarray_are_told_by_their_variables():
    xarray = pytest.importorskip("xarray")
    data = xarray.Dataset({"t": (("x", "y"), [[0.5, 1.5]])}, coords={"x": [7]})
    assert summary("", data) == "sizes x 1, y 2; coords x int64 (x); data t float64 (x, y)"
    assert summary("", data["t"]) == "sizes x 1, y 2; t float64 (x, y); coords x int64 (x)"


def test_tables_of_geopandas_are_told_as_those_of_pandas():
    geopandas = pytest.importorskip("geopandas")
    places = geopandas.GeoDataFrame({"city": ["Rome"]}, geometry=geopandas.points_from_xy([1], [2]))
    assert summary("", places) == f"1 rows x 2 columns: city {TEXT} ('Rome'); geometry geometry (<Point>)"
