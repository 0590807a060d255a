"""Runs inside the user's kernel: what the tables and arrays of the usual libraries hold, without calling user code.

The source of this file is sent to the kernel with that of the probe, and needs nothing but the standard library.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from .scalars import MAX_TEXT, module_name, scalar, str_or_empty
from .secret import is_secret

MAX_COLUMNS = 30
NUM_SAMPLES = 3
NUM_LOOKED_AT = 200
MAX_FORMS = 6
DIGITS, LETTERS = re.compile(r"\d+"), re.compile(r"[^\W\d_]+")
DAY_AND_MONTH = re.compile(r"\d{1,2}([./-])\d{1,2}\1\d{4}$")


def describe_array(value: Any) -> str:
    """Shape and dtype."""
    return f"shape {value.shape}, dtype {str(value.dtype)[:200]}"


def describe_tensor(value: Any) -> str:
    """Shape, dtype, device."""
    return f"shape {tuple(value.shape)}, dtype {value.dtype}, device {value.device}"


def describe_frame(value: Any) -> str:
    """Shape and columns; an extension array of the user's own in it is not asked anything."""
    num_rows, num_columns = len(value.index), len(value.columns)
    head = f"{num_rows} rows x {num_columns} columns"
    if not all_known(value):
        return head
    begin = value.iloc[:NUM_LOOKED_AT]
    columns = [describe_column(begin.iloc[:, place]) for place in range(min(num_columns, MAX_COLUMNS))]
    more = f"; ... {num_columns - MAX_COLUMNS} more" if num_columns > MAX_COLUMNS else ""
    return f"{head}: {'; '.join(columns)}{more}"


def describe_column(column: Any) -> str:
    """Label, dtype and some values."""
    shown = "not shown" if is_secret(str_or_empty(column.name)) else samples(column)
    return f"{label(column.name)} {column.dtype} ({shown})"


def describe_series(value: Any) -> str:
    """Length, name, dtype and the first values."""
    head = f"length {len(value.index)}"
    if not all_known(value):
        return head
    return f"{head}, name {label(value.name)}, dtype {value.dtype} ({samples(value.iloc[:NUM_LOOKED_AT])})"


def all_known(value: Any) -> bool:
    """Whether pandas and numpy alone hold the values and the labels."""
    holders = [block.values for block in value._mgr.blocks] + list(value._mgr.axes)
    return all(module_name(type(holder)).partition(".")[0] in ("numpy", "pandas") for holder in holders)


def samples(column: Any) -> str:
    """Show the first values of a column that is known to be pandas' own; of text in few forms one of each form is among them."""
    forms = one_of_each_form(column.tolist()) if str(column.dtype) in ("object", "str", "string") else {}
    telling = list(forms.values())[: NUM_SAMPLES + 1] if 1 < len(forms) <= MAX_FORMS else []
    first = [item for item in column.iloc[:NUM_SAMPLES].array if type(item) is not str or item not in telling]
    return ", ".join(map(scalar, [*telling, *first][: max(NUM_SAMPLES, len(telling))]))


def one_of_each_form(values: list[Any]) -> dict[str, str]:
    """Map each form of the texts, in which letters and digits are alike, to one; of days and months to that with the latest.

    Of text in too many forms it is one form more than are shown.
    """
    forms: dict[str, str] = {}
    for text in dict.fromkeys(value for value in values if type(value) is str):
        form = LETTERS.sub("a", DIGITS.sub("0", text[:MAX_TEXT]))
        known = forms.setdefault(form, text)
        if DAY_AND_MONTH.match(text) and text.split(form[1])[0].zfill(2) > known.split(form[1])[0].zfill(2):
            forms[form] = text
        if len(forms) > MAX_FORMS:
            break
    return forms


def label(value: Any) -> str:
    """Show a column's label as it is written; a tuple of them for a MultiIndex."""
    if type(value) is tuple:
        return f"({', '.join(label(item) for item in value)})"
    return value[:MAX_TEXT] if type(value) is str else scalar(value)


INDEXES = (("pandas", "Index"), ("pandas", "RangeIndex"), ("pandas", "DatetimeIndex"))
LIBRARY: dict[tuple[str, str], Callable[[Any], str]] = {
    ("numpy", "ndarray"): describe_array,
    ("pandas", "DataFrame"): describe_frame,
    ("pandas", "Series"): describe_series,
    **dict.fromkeys(INDEXES, lambda value: f"length {len(value)}, dtype {value.dtype}"),
    ("torch", "Tensor"): describe_tensor,
}
