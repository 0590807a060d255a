"""Cures of what is done to columns: text that stands for numbers or dates, Python's `and` on them, ways to choose them."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from .cure_scene import Edit, Scene, column_label, keyword
from .variable_text import dtype_in

Edits = Iterator[Edit]
_NUMBER = re.compile(r"\s*[$€£¥]?\s*[-+]?[\d,]*\.?\d+(?:[eE][-+]?\d+)?\s*[%$€£¥]?\s*")
_DATE = re.compile(r"\d{4}-\d\d?-\d\d?(?:[ T].*)?|\d\d?/\d\d?/\d{2,4}.*")
_STRIPPED = r".str.replace(r'[$€£¥,%\s]', '', regex=True)"
_AGGREGATED = "corr|cov|kurt|max|mean|median|min|prod|quantile|sem|skew|std|sum|var"
_DATES = (
    r"(?:micro|nano)?seconds?|date|days?|day_?name|day_?of_?(?:week|year)|dayofweek|days_in_month|floor|hour|is_\w+|isocalendar|"
    r"minute|month(?:_name)?|normalize|quarter|strftime|time|to_period|total_seconds|tz_\w+|week(?:day)?|year"
)
_TEXTS = (
    r"capitalize|contains|endswith|extract(?:all)?|findall|fullmatch|get_dummies|is(?:alpha|digit|lower|numeric|title|upper)|"
    r"len|lower|lstrip|match|pad|removeprefix|removesuffix|rstrip|slice|split|startswith|strip|swapcase|title|upper|zfill"
)
_BITWISE = (ast.BitAnd, ast.BitOr)
_WORDS = {"and": "&", "or": "|"}


def is_number(text: str) -> bool:
    """Whether a text is a number with at most a currency, a percent sign, spaces and commas around or in it."""
    return _NUMBER.fullmatch(text) is not None


def converted(scene: Scene, _: re.Match[str]) -> Edits:
    """Make numbers or dates of the columns whose text stands for them."""
    for node, texts in scene.columns():
        if all(map(is_number, texts)):
            strip = "" if all(text.replace(".", "", 1).isdigit() for text in texts) else _STRIPPED
            yield scene.after(node, f"{strip}.astype(float)")
        elif all(map(_DATE.fullmatch, texts)):
            yield from scene.wrap(node, "pd.to_datetime(")


def stripped(scene: Scene, match: re.Match[str]) -> Edits:
    """Take off what is not part of a number before text is converted."""
    if not is_number(match[1]):
        return
    for call in scene.calls("astype|apply|map|to_numeric"):
        if isinstance(call.func, ast.Attribute):
            is_function = call.func.attr == "to_numeric" and call.args
            yield scene.after(call.args[0] if is_function else call.func.value, _STRIPPED)


def numbers_only(scene: Scene, _: re.Match[str]) -> Edits:
    """Leave the columns that are no numbers out of what is aggregated."""
    return (scene.argument(call, "numeric_only=True") for call in scene.calls(_AGGREGATED) if not keyword(call, "numeric_only"))


def dates(scene: Scene, _: re.Match[str]) -> Edits:
    """Make dates of text before `.dt`."""
    return (edit for node in scene.attributes("dt") for edit in scene.wrap(node.value, "pd.to_datetime("))


def dates_of_index(scene: Scene, match: re.Match[str]) -> Edits:
    """Make dates of an index of text."""
    for node in scene.attributes(match[1]):
        if isinstance(node.value, ast.Attribute) and node.value.attr == "index":
            yield from scene.wrap(node.value, "pd.to_datetime(")


def index_of_dates(scene: Scene, _: re.Match[str]) -> Edits:
    """Give a table an index of dates before it is resampled."""
    for call in scene.calls("resample|asfreq|between_time|at_time"):
        if isinstance(call.func, ast.Attribute) and isinstance(call.func.value, ast.Name):
            yield scene.after(call.func.value, f".set_axis(pd.to_datetime({call.func.value.id}.index))")


def as_text(scene: Scene, _: re.Match[str]) -> Edits:
    """Make text of numbers before `.str`."""
    return (scene.after(node.value, ".astype(str)") for node in scene.attributes("str"))


def accessor(scene: Scene, match: re.Match[str]) -> Edits:
    """Put the `.dt` or `.str` that a column's attribute needs."""
    name = match[1]
    through = "dt" if re.fullmatch(_DATES, name) else "str" if re.fullmatch(_TEXTS, name) else ""
    return (scene.rename(node, f"{through}.{name}") for node in scene.attributes(re.escape(name)) if through)


def timestamp(scene: Scene, _: re.Match[str]) -> Edits:
    """Compare a column of dates with a timestamp."""
    for node in scene.all(ast.Compare):
        for side in (node.left, *node.comparators):
            if column_label(side) is None and scene.type_of(side) != "Series":
                yield from scene.wrap(side, "pd.Timestamp(")


def elementwise(scene: Scene, _: re.Match[str]) -> Edits:
    """Write `and`, `or`, `not`, `in` and chains of comparisons as they are for columns."""
    for node in scene.nodes:
        if isinstance(node, ast.BoolOp):
            yield from _with_operators(scene, node)
        elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
            start = scene.mapped.span(node)[0]
            inner, end = scene.mapped.span(node.operand)
            bare = scene.mapped.source[start:inner].endswith("(")
            yield from ((start, start + len("not"), "~" if bare else "~("), (end, end, "" if bare else ")"))
        elif isinstance(node, ast.Compare):
            yield from _compared(scene, node)


def bracketed(scene: Scene, _: re.Match[str]) -> Edits:
    """Put the parentheses that comparisons need beside `&` and `|`."""
    for node in scene.all(ast.Compare):
        yield from _split(scene, node)


def _with_operators(scene: Scene, node: ast.BoolOp) -> Edits:
    source = scene.mapped.source
    for value in node.values:
        start, end = scene.mapped.span(value)
        if not (source[start - 1 : start] == "(" and source[end : end + 1] == ")"):
            yield from scene.wrap(value, "(")
    for first, second in zip(node.values, node.values[1:], strict=False):
        for token in scene.mapped.between(first, second):
            if token.string in _WORDS:
                yield token.startpos, token.endpos, _WORDS[token.string]


def _compared(scene: Scene, node: ast.Compare) -> Edits:
    operator = node.ops[0]
    if len(node.ops) == 1 and isinstance(operator, (ast.In, ast.NotIn)):
        negated = "~" if isinstance(operator, ast.NotIn) else ""
        yield scene.put(node, f"{negated}{scene.text(node.left)}.isin({scene.text(node.comparators[0])})")
    elif any(_is_bitwise(each) for each in node.comparators[:-1]):
        yield from _split(scene, node)
    elif len(node.comparators) > 1:
        middle = node.comparators[0]
        start, end = scene.mapped.span(node)
        there = scene.mapped.span(middle)[1]
        source = scene.mapped.source
        yield scene.put(node, f"({source[start:there]}) & ({scene.text(middle)}{source[there:end]})")


def _split(scene: Scene, node: ast.Compare) -> Edits:
    middles = [each for each in node.comparators[:-1] if isinstance(each, ast.BinOp) and _is_bitwise(each)]
    if not middles or len(middles) < len(node.comparators) - 1:
        return
    yield from scene.wrap(node, "(")
    for middle in middles:
        _, end = scene.mapped.span(middle.left)
        yield end, end, ")"
        yield scene.before(middle.right, "(")


def _is_bitwise(node: ast.expr) -> bool:
    return isinstance(node, ast.BinOp) and isinstance(node.op, _BITWISE)


def several(scene: Scene, _: re.Match[str]) -> Edits:
    """Choose several columns by a list."""
    for node in scene.all(ast.Subscript):
        if isinstance(node.slice, ast.Tuple) and all(isinstance(each, ast.Constant) for each in node.slice.elts):
            yield from scene.wrap(node.slice, "[", "]")


def one_column(scene: Scene, _: re.Match[str]) -> Edits:
    """Choose one column as a Series, not as a table."""
    for node in scene.attributes("unique|tolist|str|dt|to_frame"):
        value = node.value
        if isinstance(value, ast.Subscript) and isinstance(value.slice, ast.List) and len(value.slice.elts) == 1:
            yield scene.put(value.slice, scene.text(value.slice.elts[0]))


def as_table(scene: Scene, _: re.Match[str]) -> Edits:
    """Give a model of scikit-learn its features as a table of one column."""
    for call in scene.calls("fit|fit_predict|fit_transform|partial_fit|predict|predict_proba|score|transform"):
        features = call.args[0] if call.args else None
        if isinstance(features, ast.Subscript) and isinstance(features.slice, ast.Constant):
            yield from scene.wrap(features.slice, "[", "]")
        elif features is not None and scene.type_of(features) == "Series":
            yield scene.after(features, ".to_frame()")
        elif features is not None:
            yield scene.after(features, ".reshape(-1, 1)")


def same_key(scene: Scene, match: re.Match[str]) -> Edits:
    """Give the key of a merge, where one table has it as text, the type that the other has."""
    key = match[1]
    for call in scene.calls("merge"):
        is_method = isinstance(call.func, ast.Attribute) and scene.type_of(call.func.value) == "DataFrame"
        both = [call.func.value, *call.args] if is_method and isinstance(call.func, ast.Attribute) else call.args
        known = [(node, each) for node in both[:2] for each in scene.variables if scene.type_of(node) and _is(node, each.name)]
        types = [dtype_in(each, key) for _, each in known]
        for (node, _), own, other in zip(known, types, reversed(types), strict=True):
            if own in ("object", "str", "string") and other not in ("object", "str", "string", ""):
                yield scene.after(node, f".astype({{{key!r}: {other!r}}})")


def _is(node: ast.expr, name: str) -> bool:
    return isinstance(node, ast.Name) and node.id == name
