"""Values that a cell would make missing, seen in a copy of the kernel before it runs: afterwards they are gone."""

from __future__ import annotations

import re
from collections.abc import Mapping

from .cell_names import names_changed, names_set
from .text_numbers import SAY_MISSING

LOST = "{lost} of {held} values of `{column}` become missing (NaN): they could not be read."
_LOST = re.compile(r"LOST (?P<lost>\d+) (?P<held>\d+) (?P<column>.*?)(?:, in `|\Z)", re.DOTALL)
_BEFORE = "columns_before = {{(name, column): table[column] for name, table in {tables}.items() for column in table.columns}}\n"
_AFTER = """
tables_after = {tables}
for (name, column), before in columns_before.items():
    table = tables_after[name]
    after = table[column] if column in table.columns and len(table) == len(before) else before
    if after.count() < before.count():
        lost = before[before.notna().values & after.isna().values]
        lost = lost[~lost.astype(str).str.strip().str.lower().isin({words})]
        if len(lost):
            raise ValueError(f"LOST {{len(lost)}} {{before.count()}} {{column}}")
"""


def counting(source: str, types: Mapping[str, str]) -> str | None:
    """Give a program that runs the source and raises where values of a table's column are missing afterwards; None: no need.

    Only a source is worth it that makes values missing where it cannot read them, in tables of the `types` that are held. Text
    that says itself that there is no value is no loss.
    """
    changed = sorted(name for name in names_changed(source) | names_set(source) if types.get(name) == "DataFrame")
    if not changed or "coerce" not in source:
        return None
    tables = f"{{{', '.join(f'{name!r}: {name}' for name in changed)}}}"
    return f"{_BEFORE.format(tables=tables)}{source}{_AFTER.format(tables=tables, words=SAY_MISSING)}"


def lost(told: str | None) -> str | None:
    """Read in a sentence what such a program raised; None: it raised nothing of the kind."""
    match = _LOST.search(told or "")
    return LOST.format(**match.groupdict()) if match else None
