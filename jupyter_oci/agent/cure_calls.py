"""Cures of what libraries call otherwise today: methods, arguments and values that were renamed or removed, wrong brackets."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from .cure_scene import Edit, Scene, keyword

Edits = Iterator[Edit]
_METHODS = {
    "applymap": "map",
    "as_matrix": "to_numpy",
    "get_feature_names": "get_feature_names_out",
    "iteritems": "items",
    "ix": "loc",
    "reshape": "to_numpy().reshape",
    "sort": "sort_values",
    "week": "isocalendar().week",
    "weekday_name": "day_name()",
    "weekofyear": "isocalendar().week",
}
_ARGUMENTS = {
    "error_bad_lines": "on_bad_lines='skip'",
    "infer_datetime_format": "",
    "line_terminator": "lineterminator",
    "marker": "",
    "markersize": "",
    "normed": "density",
    "sparse": "sparse_output",
}
_FILLED = {"ffill": "ffill", "pad": "ffill", "bfill": "bfill", "backfill": "bfill"}
_CALLABLE = "drop|groupby|head|isin|sort_values|tail"
_OF_SERIES = "describe|mode|nunique|value_counts"
_INDEXES = ("Index", "RangeIndex", "DatetimeIndex", "MultiIndex")
_VALUES = {"tuple": "shape", "numpy.ndarray": "values", "DataFrame": "T", **dict.fromkeys(_INDEXES, "columns|index")}
RENAMED = "|".join(_METHODS)


def renamed(scene: Scene, match: re.Match[str]) -> Edits:
    """Use the name that a method has now, of a Series of dates by its accessor."""
    through = "dt." if match[1] == "Series" and match[2].startswith("week") else ""
    return (scene.rename(node, f"{through}{_METHODS[match[2]]}") for node in scene.attributes(match[2]))


def concatenated(scene: Scene, _: re.Match[str]) -> Edits:
    """Add rows by `pd.concat`: those of a table, or one that is written out."""
    for call in scene.calls("append"):
        added = call.args[0] if len(call.args) == 1 else None
        is_table = added is not None and (scene.type_of(added) == "DataFrame" or scene.text(added).startswith("pd.DataFrame("))
        if isinstance(call.func, ast.Attribute) and added is not None and (is_table or isinstance(added, ast.Dict)):
            rows = scene.text(added) if is_table else f"pd.DataFrame([{scene.text(added)}])"
            options = "".join(f", {scene.text(each)}" for each in call.keywords if each.arg == "ignore_index")
            yield scene.put(call, f"pd.concat([{scene.text(call.func.value)}, {rows}]{options})")


def day_first(scene: Scene, _: re.Match[str]) -> Edits:
    """Read the day before the month where a first value was read otherwise, and a later one has a thirteenth month."""
    for call in scene.calls("to_datetime"):
        if not any(keyword(call, name) for name in ("dayfirst", "format")):
            yield scene.argument(call, "dayfirst=True")


def whole_value(scene: Scene, _: re.Match[str]) -> Edits:
    """Replace values and not parts of text, where they are to become no text."""
    for call in scene.calls("replace"):
        through = call.func.value if isinstance(call.func, ast.Attribute) else call
        is_text = len(call.args) > 1 and isinstance(call.args[1], ast.Constant) and isinstance(call.args[1].value, str)
        if (
            isinstance(through, ast.Attribute)
            and through.attr == "str"
            and len(call.args) == 2
            and not (is_text or call.keywords)
        ):
            yield scene.put(through, scene.text(through.value))


def listed(scene: Scene, _: re.Match[str]) -> Edits:
    """Concatenate a list of tables."""
    for call in scene.calls("concat"):
        if len(call.args) > 1:
            start, end = scene.mapped.span(call.args[0])[0], scene.mapped.span(call.args[-1])[1]
            yield from ((start, start, "["), (end, end, "]"))


def series_of_array(scene: Scene, match: re.Match[str]) -> Edits:
    """Make a Series of an array before one of its methods is called."""
    for node in scene.attributes(match[1]) if re.fullmatch(_OF_SERIES, match[1]) else ():
        yield from scene.wrap(node.value, "pd.Series(")


def positions(scene: Scene, _: re.Match[str]) -> Edits:
    """Choose rows and columns by position; what a slice of `loc` ends with belongs to it, and still does."""
    for node in scene.all(ast.Subscript):
        if isinstance(node.value, ast.Attribute) and node.value.attr == "loc" and not _names(node.slice):
            yield scene.rename(node.value, "iloc")
            ends = [each.upper for each in ast.walk(node.slice) if isinstance(each, ast.Slice)]
            yield from (scene.put(end, str(number + 1)) for end in ends if end and (number := _number(end)) is not None)


def _number(node: ast.expr) -> int | None:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, int) else None


def labels(scene: Scene, _: re.Match[str]) -> Edits:
    """Choose columns by name and rows by position."""
    for node in scene.all(ast.Subscript):
        both = node.slice.elts if isinstance(node.slice, ast.Tuple) else []
        of_rows = isinstance(node.value, ast.Attribute) and node.value.attr == "iloc" and len(both) > 1
        if isinstance(node.value, ast.Attribute) and of_rows and _names(both[1]) and not _names(both[0]):
            yield scene.put(node, f"{scene.text(node.value.value)}[{scene.text(both[1])}].iloc[{scene.text(both[0])}]")


def _names(node: ast.AST) -> list[str]:
    """Give the strings in an expression."""
    return [each.value for each in ast.walk(node) if isinstance(each, ast.Constant) and isinstance(each.value, str)]


def builtin(scene: Scene, match: re.Match[str]) -> Edits:
    """Use Python's own type for NumPy's former name of it."""
    return (scene.put(node, match[1]) for node in scene.attributes(match[1]) if scene.text(node.value) in ("np", "numpy"))


def instead(scene: Scene, match: re.Match[str]) -> Edits:
    """Use what the error names instead of what was removed."""
    name = match[2].rpartition(".")[2]
    return (scene.rename(node, name) for node in scene.attributes(match[1]))


def frequency(scene: Scene, match: re.Match[str]) -> Edits:
    """Use the name that a frequency has now, as often as before."""
    old, new = match[1].lstrip("0123456789"), match[2]
    for call in scene.calls("Grouper|asfreq|bdate_range|date_range|resample"):
        given = [*call.args, *(each.value for each in call.keywords if each.arg in ("freq", "rule"))]
        for node in given:
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and re.fullmatch(rf"\d*{old}", node.value):
                yield scene.put(node, repr(f"{node.value.removesuffix(old)}{new}"))


def style(scene: Scene, match: re.Match[str]) -> Edits:
    """Use the name that matplotlib gives seaborn's styles now."""
    for node in scene.all(ast.Constant):
        if node.value == match[1]:
            yield scene.put(node, repr(match[1].replace("seaborn", "seaborn-v0_8", 1)))


def renamed_argument(scene: Scene, match: re.Match[str]) -> Edits:
    """Use the name that an argument has now, or leave out what has no effect."""
    for call in scene.all(ast.Call):
        given = keyword(call, match[1])
        if given is None or match[1] not in _ARGUMENTS:
            continue
        new = _ARGUMENTS[match[1]]
        if match[1] == "error_bad_lines" and scene.text(given.value) != "False":
            continue
        start, end = scene.mapped.span(given)
        if not new:
            comma = re.compile(r",\s*$").search(scene.mapped.source[:start])
            yield comma.start() if comma else start, end, ""
        else:
            yield start, end, new if "=" in new else f"{new}={scene.text(given.value)}"


def filled(scene: Scene, _: re.Match[str]) -> Edits:
    """Fill from the neighbours by the methods made for it."""
    for call in scene.calls("fillna"):
        how = keyword(call, "method")
        if isinstance(call.func, ast.Attribute) and how and isinstance(how.value, ast.Constant) and how.value.value in _FILLED:
            others = ", ".join(scene.text(each) for each in (*call.args, *call.keywords) if each is not how)
            yield scene.put(call, f"{scene.text(call.func.value)}.{_FILLED[str(how.value.value)]}({others})")


def by_level(scene: Scene, match: re.Match[str]) -> Edits:
    """Aggregate by a level of the index, where nothing else is asked for."""
    for call in scene.calls(match[1]):
        level = keyword(call, "level")
        if isinstance(call.func, ast.Attribute) and level and not call.args and len(call.keywords) == 1:
            yield scene.put(call, f"{scene.text(call.func.value)}.groupby(level={scene.text(level.value)}).{match[1]}()")


def along_axis(scene: Scene, match: re.Match[str]) -> Edits:
    """Name the axis."""
    for call in scene.calls(match[1]):
        last = call.args[-1] if call.args else None
        if isinstance(last, ast.Constant) and last.value in (0, 1):
            yield scene.before(last, "axis=")


def named(scene: Scene, match: re.Match[str]) -> Edits:
    """Name the arguments of seaborn's functions and of `pivot`."""
    for call in scene.calls(re.escape(match[1])):
        names = ("index", "columns", "values") if match[1] == "pivot" else ("x", "y", "hue" if keyword(call, "data") else "data")
        yield from (scene.before(value, f"{name}=") for name, value in zip(names, call.args, strict=False))


def columns_dropped(scene: Scene, _: re.Match[str]) -> Edits:
    """Drop columns, not rows."""
    for call in scene.calls("drop"):
        if call.args and not keyword(call, "axis") and not keyword(call, "columns"):
            yield scene.before(call.args[0], "columns=")


def one_row(scene: Scene, _: re.Match[str]) -> Edits:
    """Make a table of one row."""
    for call in scene.calls("DataFrame"):
        values = call.args[0].values if len(call.args) == 1 and isinstance(call.args[0], ast.Dict) else []
        if values and all(isinstance(value, ast.Constant) for value in values):
            yield from scene.wrap(call.args[0], "[", "]")


def encoding(scene: Scene, _: re.Match[str]) -> Edits:
    """Read a file that is not UTF-8."""
    return (
        scene.argument(call, "encoding='latin-1'")
        for call in scene.calls("read_(?:csv|table|fwf)")
        if not keyword(call, "encoding")
    )


def in_list(scene: Scene, _: re.Match[str]) -> Edits:
    """Look for one value in a list of it."""
    for call in scene.calls("isin"):
        if call.args and isinstance(call.args[0], ast.Constant):
            yield from scene.wrap(call.args[0], "[", "]")


def subscripted(scene: Scene, _: re.Match[str]) -> Edits:
    """Use brackets for what a table holds."""
    for call in scene.all(ast.Call):
        if scene.type_of(call.func) in ("DataFrame", "Series") and len(call.args) == 1 and not call.keywords:
            yield from scene.brackets(call, "[", "]")


def called(scene: Scene, _: re.Match[str]) -> Edits:
    """Use parentheses for what is called."""
    for node in scene.all(ast.Subscript):
        if isinstance(node.value, ast.Attribute) and re.fullmatch(_CALLABLE, node.value.attr):
            yield from scene.brackets(node, "(", ")")


def not_called(scene: Scene, match: re.Match[str]) -> Edits:
    """Leave out the parentheses after what is a value."""
    for call in scene.calls(_VALUES.get(match[1], "")):
        if not call.args and not call.keywords:
            yield scene.mapped.span(call.func)[1], scene.mapped.span(call)[1], ""
