"""Cures of what is not read as it stands (text as numbers or dates, mixed forms), and of what is read already."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Sequence

from .cure_scene import Edit, Scene, column_label, keyword
from .text_numbers import NUMBER, PLAIN, as_numbers, is_taken_off, kind_of, says_missing, taking_off

Edits = Iterator[Edit]
_YEAR_FIRST = r".replace(r'^\s*(\d{1,2})[./-](\d{1,2})[./-](\d{4})', r'\3-\2-\1', regex=True)"
_TAKES_OFF = r"replace|[lr]?strip|remove(?:pre|suf)fix"
_OF_NUMBERS = re.compile(r"\d|(?<!\[\^\\d)\.")  # `[^\d.]` is what is in no number
_DAY_AND_MONTH = re.compile(r"\s*(\d{1,2})[./-](\d{1,2})[./-]\d")


def missing(scene: Scene, match: re.Match[str]) -> Edits:
    """Make text that says that there is no value a missing one, in a column whose other texts are numbers."""
    for call in scene.calls("astype|to_numeric") if says_missing(match[1]) else ():
        column = _made_numbers(call)
        texts = scene.texts(column) if column else []
        if column and match[1] in texts and kind_of(texts) in ("plain", "number") and not keyword(call, "errors"):
            yield scene.put(call, as_numbers(scene.text(column), texts))


def stripped(scene: Scene, match: re.Match[str]) -> Edits:
    """Take off what is not part of a number before text is converted."""
    for call in scene.calls("apply|astype|map|to_numeric"):
        column = _made_numbers(call)
        texts = [match[1], *scene.texts(column)] if column else []
        if column and kind_of(texts) == "number" and not is_taken_off(scene.text(column)):
            yield scene.after(column, taking_off(texts))


def coerced(scene: Scene) -> Edits:
    """Have text read that `errors="coerce"` would make missing: off with what is no part of a number, dates in several forms."""
    for call in scene.calls("to_numeric|to_datetime"):
        texts = _texts(scene, call) if _leaves_out(call) and not _is_made(scene, call) else []
        if isinstance(call.func, ast.Attribute) and call.func.attr == "to_numeric":
            read = [text for text in texts if NUMBER.fullmatch(text) and not PLAIN.fullmatch(text)]
            if kind_of(read) == "number":
                yield scene.after(call.args[0], taking_off(read))
        elif not keyword(call, "format") and len({re.sub(r"\d+", "0", text) for text in texts}) > 1:
            yield from _mixed(scene, call, texts)


def mixed(scene: Scene, match: re.Match[str]) -> Edits:
    """Read dates that are written in several forms, where it can be told which number is the day."""
    for call in scene.calls("to_datetime"):
        yield from _mixed(scene, call, [match[1], *_texts(scene, call)], match[2])


def _is_made(scene: Scene, call: ast.Call) -> bool:
    """Whether a statement before has made the column that a conversion reads: then it is another than it was."""
    before = (node for node in scene.all(ast.stmt) if node.lineno < call.lineno and call not in ast.walk(node))
    stored = (node for each in before for node in ast.walk(each) if isinstance(getattr(node, "ctx", None), ast.Store))
    return column_label(_column(call)) in map(column_label, stored)


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


def numbers(scene: Scene, _: re.Match[str]) -> Edits:
    """Leave out what takes signs off of text before a column is made numbers, where it holds numbers already."""
    for call in scene.calls("astype|to_numeric"):
        text = _made_numbers(call)
        column = _before_text_methods(text) if text else None
        if text and column and column is not text and scene.dtype(column).startswith(("int", "uint", "float")):
            yield scene.put(text, scene.text(column))


def dates(scene: Scene, _: re.Match[str]) -> Edits:
    """Leave out what makes dates of text, where a column holds dates already."""
    for call in scene.calls("to_datetime"):
        column = call.args[0] if call.args else call
        while isinstance(column, ast.Call) and isinstance(column.func, ast.Attribute):
            through = column.func.value
            column = through.value if isinstance(through, ast.Attribute) and through.attr == "str" else through
        if scene.dtype(column).startswith("datetime64"):
            yield scene.put(call, scene.text(column))


def _made_numbers(call: ast.Call) -> ast.expr | None:
    """Give what `astype(float)`, `map(float)` or `to_numeric` makes numbers of; None where other things are made."""
    given = call.args[0] if call.args else None
    if isinstance(call.func, ast.Attribute) and call.func.attr != "to_numeric":
        return call.func.value if given and _is_number_type(given) else None
    return given


def _is_number_type(node: ast.expr) -> bool:
    name = next((value for field in ("id", "attr", "value") if isinstance(value := getattr(node, field, None), str)), "")
    return re.fullmatch(r"(?:float|int)\d*", name) is not None


def _before_text_methods(node: ast.expr) -> ast.expr:
    """Give what the methods of text that take something off are called on: `a` of `a.str.strip().str.replace(',', '')`."""
    while isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and _takes_signs_off(node, node.func.attr):
        through = node.func.value
        node = through.value if isinstance(through, ast.Attribute) and through.attr == "str" else through
    return node


def _takes_signs_off(call: ast.Call, method: str) -> bool:
    """Whether a method of text takes off what is in no number: no digit, and no point, as one that parts thousands is."""
    given = [arg.value if isinstance(arg, ast.Constant) else None for arg in call.args]
    return (
        re.fullmatch(_TAKES_OFF, method) is not None
        and all(isinstance(text, str) and _OF_NUMBERS.search(text) is None for text in given)
        and (method != "replace" or given[1:] == [""])
    )
