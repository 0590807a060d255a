"""Cures of text that is not read as it stands, numbers that would become missing values, mixed dates; and of periods."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Sequence

from .cure_columns import NUMBER, PLAIN, taking_off
from .cure_scene import Edit, Scene, column_label, keyword

Edits = Iterator[Edit]
_YEAR_FIRST = r".str.replace(r'^\s*(\d{1,2})[./-](\d{1,2})[./-](\d{4})', r'\3-\2-\1', regex=True)"
_DAY_AND_MONTH = re.compile(r"\s*(\d{1,2})[./-](\d{1,2})[./-]\d")


def coerced(scene: Scene) -> Edits:
    """Have text read that `errors="coerce"` would make missing: off with what is no part of a number, dates in several forms."""
    stored = [column_label(node) for node in scene.nodes if isinstance(getattr(node, "ctx", None), ast.Store)]
    for call in scene.calls("to_numeric|to_datetime"):
        texts = _texts(scene, call) if _leaves_out(call) and stored.count(column_label(_column(call))) <= 1 else []
        if isinstance(call.func, ast.Attribute) and call.func.attr == "to_numeric":
            read = [text for text in texts if NUMBER.fullmatch(text) and not PLAIN.fullmatch(text)]
            if read:
                yield scene.after(call.args[0], taking_off(read))
        elif len({re.sub(r"\d+", "0", text) for text in texts}) > 1:
            yield from _mixed(scene, call, texts)


def mixed(scene: Scene, match: re.Match[str]) -> Edits:
    """Read dates that are written in several forms, where it can be told which number is the day."""
    for call in scene.calls("to_datetime"):
        yield from _mixed(scene, call, [match[1], *_texts(scene, call)], match[2])


def _column(call: ast.Call) -> ast.expr:
    """Give the column that a conversion reads, whatever methods of text come between."""
    node: ast.expr = call.args[0] if call.args else call
    while isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node is not call:
        through = node.func.value
        if not isinstance(through, ast.Attribute) or through.attr != "str":
            break
        node = through.value
    return node


def _texts(scene: Scene, call: ast.Call) -> list[str]:
    return scene.texts(_column(call)) if call.args else []


def _leaves_out(call: ast.Call) -> bool:
    errors = keyword(call, "errors")
    return errors is not None and isinstance(errors.value, ast.Constant) and errors.value.value == "coerce"


def _mixed(scene: Scene, call: ast.Call, texts: Sequence[str], form_of_others: str = "") -> Edits:
    """Let pandas infer each form. Where the day comes first it is put last: `dayfirst` would turn ISO dates round as well."""
    numbers = [match for text in texts if (match := _DAY_AND_MONTH.match(text))]
    days_first = {int(match[1]) > 12 for match in numbers} | ({True} if form_of_others.startswith("%d") else set())
    if any(int(match[1]) <= 12 and int(match[2]) <= 12 for match in numbers) or len(days_first) > 1 or not call.args:
        return  # either may be the day
    if True in days_first:
        yield scene.after(call.args[0], _YEAR_FIRST)
    form = keyword(call, "format")
    yield scene.put(form.value, "'mixed'") if form else scene.argument(call, "format='mixed'")


def periods(scene: Scene, match: re.Match[str]) -> Edits:
    """Make periods of periods, and take the times at which they begin where times are meant."""
    if match[1] == "to_period":
        yield from (scene.rename(node, "asfreq") for node in scene.attributes("to_period"))
    elif match[1]:
        yield from (scene.after(node.value, ".dt.to_timestamp()") for node in scene.attributes("dt"))
    else:
        yield from (
            scene.put(call, f"{scene.text(call.args[0])}.dt.to_timestamp()") for call in scene.calls("to_datetime") if call.args
        )
