"""Tables, columns and indices: compare them by pandas' own testing functions, once what may differ is taken out."""

from __future__ import annotations

import contextlib
from typing import Any, Protocol

import pandas as pd


class PandasRules(Protocol):
    """The rules of a comparison that tables know."""

    @property
    def ignore_order(self) -> bool: ...  # noqa: D102 - see Rules
    @property
    def ignore_index(self) -> bool: ...  # noqa: D102
    @property
    def ignore_names(self) -> bool: ...  # noqa: D102
    @property
    def ignore_dtypes(self) -> bool: ...  # noqa: D102


def pandas_mismatch(expected: Any, found: Any, rules: PandasRules) -> str | None:
    """Return what differs between two tables, two columns or two indices; None: nothing that matters."""
    if isinstance(expected, pd.DataFrame):
        return _tables(expected, found, rules)
    if isinstance(expected, pd.Series):
        return _columns(expected, found, rules)
    return _difference(pd.testing.assert_index_equal, expected, found)


def _tables(expected: pd.DataFrame, found: pd.DataFrame, rules: PandasRules) -> str | None:
    if rules.ignore_names:
        found = _table_renamed(expected, found)
    if rules.ignore_order or rules.ignore_index:
        names = list(expected.columns)
        if set(names) != set(found.columns):
            return f"Wrong columns: {list(found.columns)}, not {names}"
        expected, found = expected.reset_index(drop=True), found[names].reset_index(drop=True)
        if rules.ignore_order:
            expected, found = (_reset(table.sort_values(by=names)) for table in (expected, found))
    if rules.ignore_dtypes:
        with contextlib.suppress(Exception):  # what cannot be converted is compared as it is
            found = found.astype(expected.dtypes.to_dict())
    return _difference(pd.testing.assert_frame_equal, expected, found)


def _columns(expected: pd.Series, found: pd.Series, rules: PandasRules) -> str | None:
    if rules.ignore_names:
        found = _index_renamed(expected, found).rename(expected.name)
    if rules.ignore_order or rules.ignore_index:
        expected, found = _reset(expected), _reset(found)
        if rules.ignore_order:
            with contextlib.suppress(TypeError):  # values of several types have no order: compared as they stand
                expected, found = _reset(expected.sort_values()), _reset(found.sort_values())
    if rules.ignore_dtypes:
        with contextlib.suppress(Exception):  # what cannot be converted is compared as it is
            found = found.astype(expected.dtype)
    return _difference(pd.testing.assert_series_equal, expected, found)


def _table_renamed(expected: pd.DataFrame, found: pd.DataFrame) -> pd.DataFrame:
    """Put the same columns into the expected order; call other ones, if they are as many, by the expected names."""
    names = list(expected.columns)
    if set(names) == set(found.columns):
        found = found[names]
    found = _index_renamed(expected, found)
    return found.set_axis(names, axis=1) if len(found.columns) == len(names) else found


def _index_renamed(expected: Any, found: Any) -> Any:
    same_kind = expected.index.shape == found.index.shape and expected.index.nlevels == found.index.nlevels
    return found.rename_axis(expected.index.names) if same_kind else found


def _reset(values: Any) -> Any:
    return values.reset_index(drop=True)


def _difference(compare: Any, expected: Any, found: Any) -> str | None:
    try:
        compare(expected, found)
    except AssertionError as error:
        return f"{type(found).__name__}: {error}"
    except Exception as error:  # noqa: BLE001, RUF100 - values that pandas cannot compare
        return None if expected.equals(found) else f"{type(found).__name__} differs: {error}"
    return None
