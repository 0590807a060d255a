"""Runs inside the user's kernel: what the tables and arrays of the usual libraries hold, without calling user code.

The source of this file is sent to the kernel with that of the probe, and needs nothing but the standard library.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from .scalars import MAX_TEXT, module_name, name_of, scalar
from .secret import is_secret, may_be_key, may_be_secret

MAX_COLUMNS = 30
MAX_LABELS = 1000
NUM_SAMPLES = 3
COUNTED = frozenset({"int", "uint", "object", "str", "string", "category", "categorical", "enum"})
PLAIN = frozenset({str, int})
COMPARED = frozenset({str, int, float, bool, type(None)})
HOLDERS = ("numpy", "pandas", "geopandas", "xarray", "dask")
NUM_LOOKED_AT = 200
MAX_FORMS = 6
MAX_COUNTED = 200_000  # values of a table: what has more is not gone through as a whole
MAX_VALUES = 8
MAX_VALUES_TEXT = 160
WORD = re.compile(r"[^\W_]+")
DIGITS, LETTERS = re.compile(r"\d+"), re.compile(r"[^\W\d_]+")
DAY_AND_MONTH = re.compile(r"\d{1,2}([./-])\d{1,2}\1\d{4}$")


def describe_array(value: Any) -> str:
    """Shape and dtype."""
    return f"shape {value.shape}, dtype {str(value.dtype)[:200]}"


def describe_tensor(value: Any) -> str:
    """Shape, dtype, device."""
    return f"shape {tuple(value.shape)}, dtype {value.dtype}, device {value.device}"


def words_of(text: str) -> frozenset[str]:
    """Give the words of a text or of a label, in lower case: `unit_price` has two."""
    return frozenset(WORD.findall(text.lower()))


def told_first(labels: Any, words: frozenset[str]) -> list[int]:
    """Give the places of the labels that are told: where there are too many, those that are written in `words` first."""
    if len(labels) <= MAX_COLUMNS:
        return [*range(len(labels))]
    looked_at = range(min(len(labels), MAX_LABELS) if words else 0)
    named = [place for place in looked_at if (own := words_of(label(labels[place]))) and own <= words]
    return [*dict.fromkeys([*named, *range(MAX_COLUMNS)])][:MAX_COLUMNS]


def describe_frame(value: Any, words: frozenset[str], counts: bool = False) -> str:
    """Shape and columns; an extension array of the user's own in it is not asked anything."""
    num_rows, num_columns = len(value.index), len(value.columns)
    head = f"{num_rows} rows x {num_columns} columns"
    if not all_known(value):
        return head
    value = without_notes(value)
    head, begin = head + index_of(value), value.iloc[:NUM_LOOKED_AT]
    known = all(is_known(level.array) for level in levels_of(value.columns))
    counts = counts and num_rows * num_columns <= MAX_COUNTED
    told = []
    for place in told_first(value.columns, words if known else frozenset()):
        column = value.iloc[:, place]
        few, counted = samples(begin.iloc[:, place]), ""
        if counts and is_counted(str(column.dtype)):
            is_plain = str(column.dtype) != "object" or COMPARED.issuperset(map(type, column.tolist()))
            few, counted = with_count(few, column.dropna().tolist() if is_plain else [], whole(column.name))
        told.append((column.name, column.dtype, few, counted))
    return f"{head}: {with_columns(told, num_columns)}"


def is_counted(dtype: str) -> bool:
    """Whether the distinct values of a column are worth counting: whole numbers, texts and categories."""
    return dtype.rstrip("0123456789").lower() in COUNTED


def with_count(few: str, values: list[Any], name: str) -> tuple[str, str]:
    """Give a `few` values of a column, and how many distinct ones there are among all its `values`, if they repeat.

    Of a few texts that repeat each is given, but of what may be secrets by the column's name. Of what is no whole number and no
    text nothing is counted: it may have code of the user's.
    """
    found = list(dict.fromkeys(values)) if PLAIN.issuperset(map(type, values)) else []
    if not 0 < len(found) < len(values):
        return few, ""
    may_be_told = len(found) <= MAX_VALUES and not may_be_secret(name) and not may_be_key(name)
    if may_be_told and all(type(value) is str for value in found):
        every = ", ".join(map(scalar, found))
        few = every if len(every) <= MAX_VALUES_TEXT else few
    return few, f" {len(found)} distinct"


def with_columns(columns: list[tuple[Any, Any, str, str]], num_columns: int) -> str:
    """Write label, dtype and some values of columns, how many distinct ones, and how many more columns there are."""
    parts = [
        f"{label(name)} {dtype} " + ("(not shown)" if is_secret(whole(name)) else f"({few}){counted}")
        for name, dtype, few, counted in columns
    ]
    return "; ".join(parts) + (f"; ... {num_columns - len(parts)} more" if num_columns > len(parts) else "")


def whole(name: Any) -> str:
    """Give all of a column's label that is text, where a secret may be told by its end."""
    parts = name if type(name) is tuple else (name,)
    return " ".join(part for part in parts if type(part) is str)


def without_notes(value: Any) -> Any:
    """Give the table or column without its `attrs`: pandas copies those for each part that is taken, whatever they are."""
    return type(value)(value) if value._attrs else value


def index_of(value: Any) -> str:
    """Write the names and dtypes of an index that has a name or holds no whole numbers."""
    index = value.index
    levels = levels_of(index)
    if len(levels) == 1 and index.name is None and is_known(index.array) and index.dtype.kind in "iu":
        return ""
    parts = [
        ("" if name is None else f"{label(name)} ") + dtype_of(level) for name, level in zip(index.names, levels, strict=True)
    ]
    return f", index {' and '.join(parts)}"


def levels_of(index: Any) -> Any:
    """Give the indexes that a MultiIndex is made of; any other is its own."""
    return index.levels if name_of(type(index)) == "MultiIndex" else [index]


def dtype_of(index: Any) -> str:
    """Write the dtype of an index; of one that an array of the user's own holds, nothing is asked."""
    return str(index.dtype) if is_known(index.array) else "object"


def describe_series(value: Any) -> str:
    """Length, name, dtype and the first values."""
    head = f"length {len(value.index)}"
    if not all_known(value):
        return head
    value = without_notes(value)
    return f"{head}{index_of(value)}, name {label(value.name)}, dtype {value.dtype} ({samples(value.iloc[:NUM_LOOKED_AT])})"


def all_known(value: Any) -> bool:
    """Whether the libraries alone hold the values and the labels."""
    holders = [block.values for block in value._mgr.blocks] + list(value._mgr.axes)
    return all(map(is_known, holders))


def is_known(holder: Any) -> bool:
    """Whether what holds values is of a library whose own code that is."""
    return module_name(type(holder)).partition(".")[0] in HOLDERS


def samples(column: Any) -> str:
    """Show the first values of a column that is known to be pandas' own."""
    texts = column.tolist() if str(column.dtype) in ("object", "str", "string") else []
    return few_of(column.iloc[:NUM_SAMPLES].array, texts)


def few_of(first: Any, texts: list[Any]) -> str:
    """Show the first values; of texts in few forms one of each form is among them."""
    forms = one_of_each_form(texts)
    telling = list(forms.values())[: NUM_SAMPLES + 1] if 1 < len(forms) <= MAX_FORMS else []
    others = [item for item in first if type(item) is not str or item not in telling]
    return ", ".join(map(scalar, [*telling, *others][: max(NUM_SAMPLES, len(telling))]))


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


def describe_polars(value: Any, words: frozenset[str], counts: bool = False) -> str:
    """Shape and columns of a table of polars."""
    columns = value.get_columns()
    places = told_first([column.name for column in columns], words)
    counts = counts and value.height * len(columns) <= MAX_COUNTED
    told = []
    for column in map(columns.__getitem__, places):
        few, counted = polars_samples(column), ""
        if counts and is_counted(polars_dtype(column)):
            few, counted = with_count(few, column.drop_nulls().to_list(), column.name)
        told.append((column.name, polars_dtype(column), few, counted))
    return f"polars, {value.height} rows x {len(columns)} columns: {with_columns(told, len(columns))}"


def describe_polars_series(value: Any) -> str:
    """Length, name, dtype and the first values."""
    return f"polars, length {len(value)}, name {label(value.name)}, dtype {polars_dtype(value)} ({polars_samples(value)})"


def polars_dtype(column: Any) -> str:
    """Give the name of a dtype without its parameters."""
    return name_of(column.dtype.base_type())


def polars_samples(column: Any) -> str:
    """Show the first values."""
    texts = column.head(NUM_LOOKED_AT).to_list() if polars_dtype(column) == "String" else []
    return few_of(column.head(NUM_SAMPLES).to_list(), texts)


def describe_dataset(value: Any, words: frozenset[str], counts: bool = False) -> str:  # noqa: ARG001 - as of tables
    """Sizes and variables of a Dataset of xarray."""
    names = [name for name in value._variables if type(name) is str]
    coords = [name for name in names if name in value._coord_names]
    data = [name for name in names if name not in value._coord_names]
    parts = [f"{kind} {told_variables(value, names, words)}" for kind, names in (("coords", coords), ("data", data)) if names]
    return "; ".join((sizes_of(value._dims.items()), *parts))


def told_variables(value: Any, names: list[str], words: frozenset[str]) -> str:
    """Write variables of a Dataset, and how many more there are."""
    told = [labelled(names[place], value._variables[names[place]]) for place in told_first(names, words)]
    return ", ".join(told) + (f", ... {len(names) - len(told)} more" if len(names) > len(told) else "")


def describe_data_array(value: Any) -> str:
    """Sizes, dtype and coordinates of a DataArray of xarray."""
    inner = value._variable
    coords = ", ".join(labelled(name, held) for name, held in value._coords.items())
    return f"{sizes_of(zip(inner._dims, inner.shape, strict=True))}; {labelled(value._name, inner)}" + (
        f"; coords {coords}" if coords else ""
    )


def sizes_of(sizes: Any) -> str:
    """Write dimensions and their lengths."""
    return f"sizes {', '.join(f'{label(name)} {size}' for name, size in sizes)}"


def labelled(name: Any, variable: Any) -> str:
    """Write the name of a variable of xarray, its dtype and its dimensions."""
    dtype = variable.dtype if is_known(variable._data) else "object"
    return f"{label(name)} {dtype} ({', '.join(map(label, variable._dims))})"


INDEXES = (("pandas", "Index"), ("pandas", "RangeIndex"), ("pandas", "DatetimeIndex"))
TABLES: dict[tuple[str, str], Callable[[Any, frozenset[str], bool], str]] = {
    ("pandas", "DataFrame"): describe_frame,
    ("geopandas", "GeoDataFrame"): describe_frame,
    ("polars", "DataFrame"): describe_polars,
    ("xarray", "Dataset"): describe_dataset,
}
LIBRARY: dict[tuple[str, str], Callable[[Any], str]] = {
    ("numpy", "ndarray"): describe_array,
    ("pandas", "Series"): describe_series,
    ("geopandas", "GeoSeries"): describe_series,
    ("polars", "LazyFrame"): lambda _: "polars, lazy; its columns are in collect_schema()",
    ("polars", "Series"): describe_polars_series,
    ("xarray", "DataArray"): describe_data_array,
    **dict.fromkeys(INDEXES, lambda value: f"length {len(value)}, dtype {value.dtype}"),
    ("torch", "Tensor"): describe_tensor,
}
