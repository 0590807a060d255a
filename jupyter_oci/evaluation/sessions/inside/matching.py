"""Is a value the expected one? The rules are DSEval's, so that verdicts can be compared with published ones."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from .pandas_matching import pandas_mismatch


@dataclass(frozen=True)
class Rules:
    """What may differ. `value_only` takes any container of the same values, one of a single value for that value itself.

    `ignore_index` compares rows by position, `ignore_order` sorted; `match_partial` finds the expected in a part of the value.
    `type_only` compares nothing but the type, `strict_type` the type of an array's values too. With `metrictol` a number is a
    score, which has to reach that share of the expected one.
    """

    ignore_order: bool = False
    ignore_index: bool = False
    ignore_names: bool = False
    ignore_dtypes: bool = False
    match_partial: bool = False
    value_only: bool = False
    type_only: bool = False
    strict_type: bool = False
    metrictol: float | None = None
    atol: float = 1e-8
    rtol: float = 1e-5

    def loosened(self) -> Rules:
        """Give the rules under which an answer is right, but not presented as asked."""
        return replace(self, ignore_order=True, ignore_names=True, ignore_dtypes=True, match_partial=True)


def matches(expected: Any, found: Any, rules: Rules) -> str | None:
    """Return what is wrong with the value found; None: nothing."""
    if rules.type_only:
        return None if type(expected) is type(found) else _wrong_type(expected, found)
    if rules.value_only:
        expected, found = _bare(expected), _bare(found)
    wrong = mismatch(expected, found, rules)
    if wrong is not None and rules.match_partial and _is_part(expected, found, rules):
        return None
    return wrong


def mismatch(expected: Any, found: Any, rules: Rules) -> str | None:
    """Compare two values by the first of the kinds below that one of them is of; both have to be."""
    for types, compare in _KINDS:
        is_kind = isinstance(expected, types), isinstance(found, types)
        if any(is_kind):
            return compare(expected, found, rules) if all(is_kind) else _wrong_type(expected, found)
    try:
        return None if bool(expected == found) else f"Wrong value: {_short(found)}, not {_short(expected)}"
    except Exception as error:  # noqa: BLE001, RUF100 - whatever the value's own class raises
        return f"Cannot be compared: {error}"


def _booleans(expected: Any, found: Any, rules: Rules) -> str | None:  # noqa: ARG001 - one of the kinds
    return None if expected == found else f"Wrong value: {found}, not {expected}"


def _numbers(expected: Any, found: Any, rules: Rules) -> str | None:
    if rules.metrictol is not None:
        return f"Too low a score: {_short(found)}, not {_short(expected)}" if found < expected * rules.metrictol else None
    close = np.isclose(found, expected, rtol=rules.rtol, atol=rules.atol, equal_nan=True)
    return None if close else f"Wrong value: {_short(found)}, not {_short(expected)}"


def _arrays(expected: Any, found: Any, rules: Rules) -> str | None:
    if rules.strict_type and expected.dtype != found.dtype:
        return f"Wrong type in the array: {found.dtype}, not {expected.dtype}"
    if expected.shape != found.shape:
        return f"Wrong shape: {found.shape}, not {expected.shape}"
    floating = all(np.issubdtype(array.dtype, np.floating) for array in (expected, found))
    same = (
        np.allclose(found, expected, rtol=rules.rtol, atol=rules.atol, equal_nan=True)
        if floating
        else np.array_equal(expected, found)
    )
    return None if same else "Wrong values in the array"


def _pandas(expected: Any, found: Any, rules: Rules) -> str | None:
    for kind in (pd.DataFrame, pd.Series, pd.Index):
        if isinstance(expected, kind) and isinstance(found, kind):
            return pandas_mismatch(expected, found, rules)
    return _wrong_type(expected, found)


def _containers(expected: Any, found: Any, rules: Rules) -> str | None:
    for types, compare in _CONTAINERS:
        if isinstance(expected, types) and isinstance(found, types):
            return compare(expected, found, rules)
    return _wrong_type(expected, found)


def _sequences(expected: Any, found: Any, rules: Rules) -> str | None:
    if len(expected) != len(found):
        return f"Wrong length: {len(found)}, not {len(expected)}"
    if rules.ignore_order:
        expected, found = (sorted(values, key=lambda value: (str(type(value)), value)) for values in (expected, found))
    wrong = (mismatch(*pair, rules) for pair in zip(expected, found))  # noqa: B905 - of one length
    return next((f"In the sequence: {reason}" for reason in wrong if reason is not None), None)


def _mappings(expected: Any, found: Any, rules: Rules) -> str | None:
    if rules.ignore_index:
        return _sequences(list(expected.values()), list(found.values()), replace(rules, ignore_order=False))
    if expected.keys() != found.keys():
        return f"Wrong keys: {_short(list(found))}, not {_short(list(expected))}"
    wrong = ((key, mismatch(expected[key], found[key], rules)) for key in expected)
    return next((f"At {key!r}: {reason}" for key, reason in wrong if reason is not None), None)


def _sets(expected: Any, found: Any, rules: Rules) -> str | None:  # noqa: ARG001 - one of the kinds
    return None if expected == found else f"Wrong value: {_short(found)}, not {_short(expected)}"


Compare = Callable[[Any, Any, Rules], "str | None"]

_KINDS: tuple[tuple[Any, Compare], ...] = (
    ((bool, np.bool_), _booleans),
    ((int, float, np.number), _numbers),
    (np.ndarray, _arrays),
    ((pd.DataFrame, pd.Series, pd.Index), _pandas),
    ((list, tuple, dict, set), _containers),
)
_CONTAINERS: tuple[tuple[Any, Compare], ...] = (((list, tuple), _sequences), (dict, _mappings), (set, _sets))


def _bare(value: Any) -> Any:
    """Give a container's values as nested lists, a single value as itself."""
    if isinstance(value, (list, tuple, set)):
        value = [_bare(item) for item in value]
    elif isinstance(value, pd.DataFrame):
        value = _bare(value.to_numpy().tolist())
    elif isinstance(value, (np.ndarray, pd.Series, pd.Index)):
        value = _bare(value.tolist())
    return value[0] if isinstance(value, list) and len(value) == 1 else value


def _is_part(expected: Any, found: Any, rules: Rules) -> bool:
    return any(mismatch(wanted, part, rules) is None for wanted, part in _parts(expected, found))


def _parts(expected: Any, found: Any) -> list[tuple[Any, Any]]:
    """Give what the expected value may be a part of: columns, the index, the values, a column as a table."""
    column = pd.Series(expected) if isinstance(expected, list) else expected
    if isinstance(found, pd.DataFrame) and isinstance(column, pd.Series):
        return [(column, found[name]) for name in found.columns] + [(column, pd.Series(found.index))]
    if isinstance(found, pd.DataFrame) and isinstance(expected, pd.DataFrame):
        table = found if set(found.index.names) & set(found.columns) else found.reset_index()
        return [(expected, table[expected.columns])] if set(expected.columns) <= set(table.columns) else []
    if isinstance(found, pd.Series) and isinstance(column, pd.Series):
        return [(column, pd.Series(found.index)), (column, pd.Series(found.to_numpy()))]
    if isinstance(found, pd.Series) and isinstance(expected, pd.DataFrame):
        return [(expected, found.to_frame())]
    return []


def _wrong_type(expected: Any, found: Any) -> str:
    return f"Wrong type: {type(found).__name__}, not {type(expected).__name__}"


def _short(value: Any, limit: int = 100) -> str:
    text = str(value)
    return text if len(text) <= limit else f"{text[:limit]}..."
