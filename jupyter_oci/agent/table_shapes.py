"""What a function returns, given the columns of an example table: chosen, named, without repeated rows."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Sequence
from itertools import islice, product

from .mutations import Mutation
from .source_map import SourceMap

_MOST = 60
_WANTED = re.compile(r"\.columns\) == (\[.*?\])$", re.MULTILINE)
_FOUND = re.compile(r"\.columns\)` is (\[.*?\]), expected \[")
_OF_A_SERIES = "'Series' object has no attribute 'columns'"
_OF_ROWS = "is \n"
_DISTINCT = ".drop_duplicates()"
_RENAME = ".rename("
_PRIMARY = (ast.Name, ast.Call, ast.Subscript, ast.Attribute)


def table_shapes(source: str, told: str, check: str) -> list[Mutation]:
    """Give changes of what the cell's last `return` gives, the smallest kind first.

    `told` is what fails of a check that was made of example tables (`example_tables`); of anything else there are none.
    """
    returned = _last_returned(source)
    wanted = _columns(_WANTED, check)
    if returned is None or not wanted:
        return []
    mapped, value = returned
    span, text = mapped.span(value), mapped.text(value)
    shapes = _shapes(text if isinstance(value, _PRIMARY) else f"({text})", told, wanted)
    line = source.count("\n", 0, span[0]) + 1
    return [Mutation(span, text, shape, line) for shape in islice(dict.fromkeys(shapes), _MOST)]


def only_way(holding: Sequence[Mutation]) -> Mutation | None:
    """Give the first of the shapes that hold; None where the values could come from one column as well as from another."""
    renamed = {shape.new.removesuffix(_DISTINCT) for shape in holding if _RENAME in shape.new}
    return holding[0] if holding and len(renamed) < 2 else None


def _last_returned(source: str) -> tuple[SourceMap, ast.expr] | None:
    mapped = SourceMap.of(source)
    if mapped is None:
        return None
    values = [node.value for node in ast.walk(mapped.tree) if isinstance(node, ast.Return) and node.value]
    return (mapped, max(values, key=lambda value: value.lineno)) if values else None


def _columns(pattern: re.Pattern[str], text: str) -> list[str]:
    match = pattern.search(text)
    try:
        return list(ast.literal_eval(match[1])) if match else []
    except (ValueError, SyntaxError):  # a list that was too long to be told whole
        return []


def _shapes(table: str, told: str, wanted: Sequence[str]) -> Iterator[str]:
    if found := _columns(_FOUND, told):
        chosen = list(_chosen(table, found, wanted))
        yield from chosen
        yield from (f"{each}{_DISTINCT}" for each in chosen)
        yield f"{table}.reset_index()"
    elif _OF_A_SERIES in told:
        yield from (f"{table}.to_frame()", f"{table}.to_frame({wanted[0]!r})", f"{table}.reset_index()")
        yield f"{table}.reset_index(name={wanted[-1]!r})"
    elif _OF_ROWS in told:
        yield f"{table}{_DISTINCT}"


def _chosen(table: str, found: Sequence[str], wanted: Sequence[str]) -> Iterator[str]:
    """Give the table with the wanted columns: those that are there, and for each other one any that is left, renamed."""
    left = [name for name in found if name not in wanted]
    for names in product(*([name] if name in found else left for name in wanted)):
        if len({*names}) < len(names):
            continue
        picked = table if list(names) == list(found) else f"{table}[{list(names)!r}]"
        renamed = {name: new for name, new in zip(names, wanted, strict=True) if name != new}
        yield f"{picked}{_RENAME}columns={renamed!r})" if renamed else picked
