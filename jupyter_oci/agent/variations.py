"""The calls of a check with other values: what two changes answer to them shows whether they are one and the same."""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterator, Sequence
from itertools import chain, islice, zip_longest
from typing import Any

from .python_text import tree_of

_ITEMS = 6  # of a collection, that are varied
_EACH = 4  # variants of an item


def variations(parts: Sequence[str], functions: Collection[str], most: int = 60) -> list[str]:
    """Give calls of the functions with written-out values unlike those in `parts`, by turns for each call that is there."""
    calls = [call for part in parts for call in ast.walk(tree_of(part) or ast.Module([], [])) if isinstance(call, ast.Call)]
    written = [call for call in calls if isinstance(call.func, ast.Name) and call.func.id in functions and not call.keywords]
    by_turns = chain.from_iterable(zip_longest(*map(_varied, written)))
    return list(islice(dict.fromkeys(filter(None, by_turns)), most))


def _varied(call: ast.Call) -> Iterator[str]:
    """Give the call with one of its values changed at a time; nothing where not all are written out."""
    try:
        values = [ast.literal_eval(argument) for argument in call.args]
    except (ValueError, TypeError):
        return
    name = ast.unparse(call.func)
    for changed in _one_changed(values):
        yield f"{name}({', '.join(map(repr, changed))})"


def _one_changed(values: Sequence[Any]) -> Iterator[list[Any]]:
    for place, value in enumerate(values):
        yield from ([*values[:place], other, *values[place + 1 :]] for other in _near(value))


def _near(value: Any) -> Iterator[Any]:
    """Give values of the same type: a little more, less, the opposite, without an end, the other way round, nothing."""
    if isinstance(value, bool):
        yield not value
    elif isinstance(value, int):
        yield from (value + 1, value - 1, 2 * value + 1, 0, -value)
    elif isinstance(value, float):
        yield from (value + 0.5, value - 1.25, -value, 0.0)
    elif isinstance(value, str):
        yield from (value[:-1], value[1:], value[::-1], value + value[:1], value.swapcase(), value + value, "", value + "a")
    elif isinstance(value, (list, tuple)):
        items = list(value)
        shorter_and_longer: tuple[list[Any], ...] = (items[:-1], items[1:], items[::-1], items + items[:1], items + items, [])
        by_turns = chain.from_iterable(zip_longest(shorter_and_longer, _items_changed(items)))
        yield from (type(value)(changed) for changed in by_turns if changed is not None)
    elif isinstance(value, dict):
        yield from (dict(list(value.items())[1:]), {})
        keys, items = list(value), list(value.values())
        yield from (dict(zip(keys, changed, strict=True)) for changed in _items_changed(items))


def _items_changed(values: Sequence[Any]) -> Iterator[list[Any]]:
    for place, item in enumerate(values[:_ITEMS]):
        yield from ([*values[:place], other, *values[place + 1 :]] for other in islice(_near(item), _EACH))
