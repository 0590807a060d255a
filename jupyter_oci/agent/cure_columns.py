"""Cures of what is done to columns: text that stands for numbers or dates, Python's `and` on them, ways to choose them.

Each is made where there is one way to read what was meant, and nowhere else: a wrong number is worse than an error.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Sequence

from .cure_scene import Edit, Scene, column_label, keyword
from .text_numbers import kind_of, read_as
from .variable_text import dtype_in, labels_of

Edits = Iterator[Edit]
AGGREGATED = "corr|cov|kurt|max|mean|median|min|prod|quantile|sem|skew|std|sum|var"
PARTS = "year|quarter|month|day|dayofweek|dayofyear|day_of_week|day_of_year|weekday|hour|minute"
_DATES = (
    r"(?:micro|nano)?seconds?|date|days?|day_?name|day_?of_?(?:week|year)|dayofweek|days_in_month|floor|hour|is_\w+|isocalendar|"
    r"minute|month(?:_name)?|normalize|quarter|strftime|time|to_period|total_seconds|tz_\w+|weekday|year"
)
_TEXTS = (
    r"capitalize|contains|endswith|extract(?:all)?|findall|fullmatch|get_dummies|is(?:alpha|digit|lower|numeric|title|upper)|"
    r"len|lower|lstrip|match|pad|removeprefix|removesuffix|rstrip|slice|split|startswith|strip|swapcase|title|upper|zfill"
)
_YES_OR_NO = "between|contains|duplicated|endswith|eq|ge|gt|isin|isna|isnull|le|lt|ne|notna|notnull|startswith"
_ARITHMETIC = (ast.Sub, ast.Mult, ast.Div, ast.FloorDiv, ast.Mod, ast.Pow)
_ORDER = (ast.Lt, ast.LtE, ast.Gt, ast.GtE)
_BITWISE = (ast.BitAnd, ast.BitOr)
_WORDS = {"and": "&", "or": "|"}
_PRIMARY = (ast.Attribute, ast.Call, ast.Name, ast.Subscript)
_OF_ANYTHING = ("id", "key", "name", "title", "type", "value")  # whose is meant cannot be told
_INDEX_NAME = re.compile(r"\d+ rows x \d+ columns, index (\S+) \w+(?:\[[^\]]*\])?:")
_TEXT_TYPES = ("object", "str", "string")


def converted(scene: Scene, _: re.Match[str]) -> Edits:
    """Make numbers or dates of a column of text that is compared or calculated with."""
    for sides in _pairs(scene):
        of_text = [side for side in sides if scene.texts(side)]
        kinds = sorted({kind_of(scene.texts(side)) for side in of_text})
        if len(kinds) == 1 and kinds[0] and not any(map(_is_text, sides)):
            for side in of_text:
                yield from read_as(scene, side, kinds[0])


def _pairs(scene: Scene) -> Iterator[Sequence[ast.expr]]:
    """Give the two sides of each calculation or comparison that text does not know."""
    for node in scene.nodes:
        if isinstance(node, ast.BinOp) and isinstance(node.op, _ARITHMETIC):
            yield node.left, node.right
        elif isinstance(node, ast.Compare) and len(node.ops) == 1 and isinstance(node.ops[0], _ORDER):
            yield node.left, node.comparators[0]


def _is_text(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, str)


def numbers_only(scene: Scene, _: re.Match[str]) -> Edits:
    """Leave the columns that are no numbers out of what is aggregated, where none was chosen by name."""
    return without_text(scene, AGGREGATED)


def without_text(scene: Scene, names: str) -> Edits:
    """Leave them out of the aggregates of these names."""
    for call in scene.calls(names):
        table = call.func.value if isinstance(call.func, ast.Attribute) else call
        is_whole = scene.type_of(table) == "DataFrame" or _is_grouped(table)
        if is_whole and not any(keyword(call, name) for name in ("numeric_only", "axis")):
            yield scene.argument(call, "numeric_only=True")


def parts_named(scene: Scene, _: re.Match[str]) -> Edits:
    """Name the parts of a date that a table is grouped by: each has the name of the date's column."""
    for call in scene.calls("groupby"):
        keys = call.args[0].elts if call.args and isinstance(call.args[0], ast.List) else []
        for key in keys:
            if isinstance(key, ast.Attribute) and isinstance(key.value, ast.Attribute) and key.value.attr == "dt":
                yield scene.after(key, f".rename({key.attr!r})")


def _is_grouped(node: ast.expr) -> bool:
    called = node.func if isinstance(node, ast.Call) else None
    return isinstance(called, ast.Attribute) and re.fullmatch("groupby|resample|rolling|expanding", called.attr) is not None


def dates(scene: Scene, _: re.Match[str]) -> Edits:
    """Make dates of a column of text before `.dt`."""
    for node in scene.attributes("dt"):
        if kind_of(scene.texts(node.value)) == "date":
            yield from scene.wrap(node.value, "pd.to_datetime(")


def grouped(scene: Scene, match: re.Match[str]) -> Edits:
    """Group the table by another of its columns, and take the column then."""
    for call in scene.calls("groupby"):
        column = call.func.value if isinstance(call.func, ast.Attribute) else None
        by = call.args[0] if len(call.args) == 1 and not call.keywords else None
        if isinstance(column, ast.Subscript) and isinstance(by, ast.Constant) and by.value == match[1] and column_label(column):
            table, label = scene.text(column.value), scene.text(column.slice)
            if any(match[1] in labels_of(each) for each in scene.variables if each.name == table):
                yield scene.put(call, f"{table}.groupby({scene.text(by)})[{label}]")


def of_dates(scene: Scene, match: re.Match[str]) -> Edits:
    """Group a table by a part of its only column of dates, where that part is taken of an index that has no dates."""
    for call in scene.calls("groupby"):
        for node in ast.walk(call):
            index = node.value if isinstance(node, ast.Attribute) and node.attr == match[1] else None
            if isinstance(index, ast.Attribute) and index.attr == "index" and isinstance(index.value, ast.Name):
                held = [each for each in scene.variables if each.name == index.value.id]
                dates = [label for each in held for label in labels_of(each) if dtype_in(each, label).startswith("datetime64")]
                is_table = isinstance(call.func, ast.Attribute) and scene.text(call.func.value) == index.value.id
                if len(dates) == 1:
                    yield scene.put(node, f"{index.value.id}[{dates[0]!r}].dt.{match[1]}{'' if is_table else '.values'}")


def of_index(scene: Scene, match: re.Match[str]) -> Edits:
    """Take the index for a column of its name, as after `set_index`; what `.dt` gives of a column it has itself."""
    read = {id(node.value): node for node in scene.attributes("dt")}
    if any(column_label(node.value) == match[1] for node in scene.attributes("shift|diff")):
        return  # an index does otherwise by these
    for node in scene.all(ast.Subscript):
        head = _INDEX_NAME.match(scene.summary_of(node.value))
        if head and head[1] == match[1] == column_label(node) and isinstance(node.ctx, ast.Load):
            yield scene.put(read.get(id(node), node), f"{scene.text(node.value)}.index")


def as_text(scene: Scene, _: re.Match[str]) -> Edits:
    """Make text of whole numbers before `.str`."""
    for node in scene.attributes("str"):
        if scene.dtype(node.value).startswith(("int", "uint")):
            yield scene.after(node.value, ".astype(str)")


def accessor(scene: Scene, match: re.Match[str]) -> Edits:
    """Put the `.dt` or `.str` that a column's attribute needs."""
    name = match[1]
    through = "dt" if re.fullmatch(_DATES, name) else "str" if re.fullmatch(_TEXTS, name) else ""
    return (scene.rename(node, f"{through}.{name}") for node in scene.attributes(re.escape(name)) if through)


def timestamp(scene: Scene, _: re.Match[str]) -> Edits:
    """Compare a column of dates with a timestamp."""
    for node in scene.all(ast.Compare):
        sides = (node.left, node.comparators[0])
        for side, other in (sides, sides[::-1]):
            if isinstance(side, ast.Call) and len(node.ops) == 1 and scene.dtype(other).startswith("datetime64"):
                yield from scene.wrap(side, "pd.Timestamp(")


def elementwise(scene: Scene, _: re.Match[str]) -> Edits:
    """Write `and`, `or`, `not`, `in` and chains of comparisons as they are for columns."""
    for node in scene.nodes:
        if isinstance(node, ast.BoolOp) and all(map(_is_yes_or_no, node.values)):
            yield from _with_operators(scene, node)
        elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not) and _is_yes_or_no(node.operand):
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


def _is_yes_or_no(node: ast.expr) -> bool:
    """Whether it can be seen to be a column of yes and no."""
    if isinstance(node, ast.Call):
        return isinstance(node.func, ast.Attribute) and re.fullmatch(_YES_OR_NO, node.func.attr) is not None
    inner = node.values if isinstance(node, ast.BoolOp) else [node.operand] if isinstance(node, ast.UnaryOp) else []
    return isinstance(node, ast.Compare) or (bool(inner) and all(map(_is_yes_or_no, inner)))


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
    if len(node.ops) == 1 and isinstance(operator, (ast.In, ast.NotIn)) and isinstance(node.left, _PRIMARY):
        negated = "~" if isinstance(operator, ast.NotIn) else ""
        yield scene.put(node, f"{negated}{scene.text(node.left)}.isin({scene.text(node.comparators[0])})")
    elif any(_is_bitwise(each) for each in node.comparators[:-1]):
        yield from _split(scene, node)
    elif len(node.comparators) > 1 and all(isinstance(each, _ORDER) for each in node.ops):
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
    """Choose several columns of a table, or of its groups, by a list."""
    for node in scene.all(ast.Subscript):
        by_name = isinstance(node.slice, ast.Tuple) and all(map(_is_text, node.slice.elts))
        if by_name and (scene.type_of(node.value) == "DataFrame" or _is_grouped(node.value)):
            yield from scene.wrap(node.slice, "[", "]")


def deeper(scene: Scene, match: re.Match[str]) -> Edits:
    """Reach a key of a dict through those that it is under, where there is one way to it, and it is only read."""
    of_key = [node for node in scene.all(ast.Subscript) if _is_text(node.slice) and column_label(node) == match[1]]
    is_set = any(not isinstance(node.ctx, ast.Load) for node in of_key) or any(scene.all(ast.AugAssign))
    for node in () if is_set or match[1] in _OF_ANYTHING else of_key:
        ways = scene.ways_to(node.value, match[1])
        if len(ways) == 1 and len(ways[0]) > 1 and None not in ways[0]:
            yield scene.after(node.value, "".join(f"[{key!r}]" for key in ways[0][:-1]))


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
        if isinstance(features, ast.Subscript) and _is_text(features.slice):
            yield from scene.wrap(features.slice, "[", "]")
        elif features is not None and scene.type_of(features) == "Series":
            yield scene.after(features, ".to_frame()")
        elif features is not None and scene.type_of(features) == "ndarray":
            yield scene.after(features, ".reshape(-1, 1)")


def same_key(scene: Scene, match: re.Match[str]) -> Edits:
    """Give the key of a merge, where one table has it as text, the type that the other has."""
    key = match[1]
    for call in scene.calls("merge"):
        is_method = isinstance(call.func, ast.Attribute) and scene.type_of(call.func.value) == "DataFrame"
        both = [call.func.value, *call.args] if is_method and isinstance(call.func, ast.Attribute) else call.args
        known = [
            (node, each) for node in both[:2] for each in scene.variables if isinstance(node, ast.Name) and node.id == each.name
        ]
        types = [dtype_in(each, key) for _, each in known]
        for (node, _), own, other in zip(known, types, reversed(types), strict=True):
            if own in _TEXT_TYPES and other not in (*_TEXT_TYPES, ""):
                yield scene.after(node, f".astype({{{key!r}: {other!r}}})")
