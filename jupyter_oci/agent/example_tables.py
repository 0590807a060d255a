"""Example tables of a request, as what the function that it asks for must give: doctests for those who work with tables."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from .python_text import tree_of
from .text_tables import TextTable, text_tables

_RESULT = "result_of_example"
_FRAME = "DataFrame"
_OF_FRAMES = re.compile(r"\b(?:data ?frames?|pandas|pd|df)\b", re.IGNORECASE)
_SIGNATURE = re.compile(r"\bdef \w+\([^()]*\)(?:\s*->\s*\w+(?:\.\w+)*)?")
_LABEL = re.compile(
    r"\W*(?:(?:example|sample|expected|desired) )?(?P<side>inputs?|outputs?|results?|expected)\b[\s\d:*]*", re.IGNORECASE
)
_TYPE = re.compile(r"^\s*[-*]\s*`?(?P<name>[\w ]+?)`?\s*:\s*`?(?P<type>\w+)", re.MULTILINE)
_ANY_ORDER = re.compile(r"\bany\W+order\b", re.IGNORECASE)
_ORDER = re.compile(r"\b(?:order(?:ed)? by|sort(?:ed)?|(?:in )?(?:as|des)cending)\b", re.IGNORECASE)
_TEXT = ("str", "string", "object", "text", "varchar")
_DATES = ("date", "datetime", "timestamp")
_DATE = re.compile(r"\d{4}-\d{1,2}-\d{1,2}")
_NOTHING = ("", "null", "none", "nan", "nat", "<na>")
_WHOLE = re.compile(r"-?(?:0|[1-9]\d*)")
_DECIMAL = re.compile(r"-?\d*\.\d+(?:[eE][+-]?\d+)?")


@dataclass(slots=True)
class _Example:
    """Tables that go in, the table that comes out, and the lines above them."""

    given: list[TextTable] = field(default_factory=list)
    wanted: TextTable | None = None
    lines: list[str] = field(default_factory=list)


def table_checks(prompt: str) -> Iterator[str]:
    """Give code that calls the function with what goes in and compares, by pandas, what comes of it with what is shown.

    Of an example that cannot be told apart, or that does not give all that the function takes, there is none.
    """
    signature = _signature(prompt)
    if signature is None or not _is_of_frames(signature, prompt):
        return
    types = {match["name"].strip(): match["type"].lower() for match in _TYPE.finditer(prompt)}
    for example in _examples(prompt):
        given = _arguments(signature, example, types)
        if given is not None and example.wanted is not None:
            yield "\n".join(_check(signature, given, example.wanted, types, keeps_order=_keeps_order(prompt)))


def _signature(prompt: str) -> ast.FunctionDef | None:
    """Give the function that is asked for; None where there is none, or more than one."""
    found = {match[0] for match in _SIGNATURE.finditer(prompt)}
    tree = tree_of(f"{found.pop()}: ...") if len(found) == 1 else None
    return tree.body[0] if tree is not None and isinstance(tree.body[0], ast.FunctionDef) else None


def _is_of_frames(signature: ast.FunctionDef, prompt: str) -> bool:
    """Whether the function is one on DataFrames, by what it says to return and to take, or else by the words of the request."""
    annotated = [ast.unparse(each.annotation) for each in signature.args.args if each.annotation]
    returned = ast.unparse(signature.returns) if signature.returns else ""
    if returned not in ("", "None") and _FRAME not in returned:
        return False
    return any(_FRAME in text for text in (returned, *annotated)) or bool(_OF_FRAMES.search(prompt))


def _examples(prompt: str) -> Iterator[_Example]:
    """Put the tables together, input by output, as the labels above them say."""
    example, side = _Example(), ""
    for table in text_tables(prompt):
        labels = [match["side"].lower() for line in table.before if (match := _LABEL.fullmatch(line))]
        side = labels[-1] if labels else side
        example.lines += table.before
        if side.startswith("input"):
            example.given.append(table)
        elif side:
            example.wanted = table
            yield example
            example = _Example()


def _keeps_order(prompt: str) -> bool:
    return not _ANY_ORDER.search(prompt) and bool(_ORDER.search(prompt))


def _arguments(signature: ast.FunctionDef, example: _Example, types: Mapping[str, str]) -> list[str] | None:
    """Give what the function is called with, as expressions; None where one is not shown."""
    written = {each.arg: _written(each, example.lines) for each in signature.args.args}
    tables = [name for name, value in written.items() if value is None]
    if any(each.arg in tables and each.annotation and _FRAME not in ast.unparse(each.annotation) for each in signature.args.args):
        return None
    by_name = {_bare(table.before[-1] if table.before else ""): table for table in example.given}
    if not all(_bare(name) in by_name for name in tables):
        if len(tables) != len(example.given):
            return None
        by_name = {_bare(name): table for name, table in zip(tables, example.given, strict=True)}
    return [value or _frame(by_name[_bare(name)], types) for name, value in written.items()]


def _bare(title: str) -> str:
    """Reduce a table's title to what names it: `Daily_Sales table:` is dailysales."""
    return re.sub(r"table\W*$|[\W_]", "", title.casefold().strip())


def _written(parameter: ast.arg, lines: Sequence[str]) -> str | None:
    """Give the value that a line such as `n = 2` has for a parameter; None: it is not written out, or is a table."""
    for line in lines:
        left, equals, value = line.partition("=")
        tree = tree_of(value.strip())
        if equals and left.strip().casefold() == parameter.arg.casefold() and tree is not None and len(tree.body) == 1:
            node = tree.body[0]
            return ast.unparse(node) if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) else None
    return None


def _check(
    signature: ast.FunctionDef, given: Sequence[str], wanted: TextTable, types: Mapping[str, str], *, keeps_order: bool
) -> Iterator[str]:
    changes = signature.returns is not None and ast.unparse(signature.returns) == "None"
    yield "import pandas as pd"
    if changes:
        yield f"{_RESULT} = {given[0]}"
        yield f"{signature.name}({', '.join((_RESULT, *given[1:]))})"
    else:
        yield f"{_RESULT} = {signature.name}({', '.join(given)})"
    yield f"assert list({_RESULT}.columns) == {list(wanted.columns)!r}"
    dates = [name for name in wanted.columns if _is_of_dates(wanted, name, types)]
    if dates:
        yield f"{_RESULT} = {_RESULT}.astype({dict.fromkeys(dates, 'datetime64[ns]')!r})"
    yield f"expected = {_frame(wanted, types)}"
    for side in (_RESULT, "expected"):
        yield f"{side} = {side}.{'reset_index(drop=True)' if keeps_order else f'sort_values([*{side}], ignore_index=True)'}"
    yield f"pd.testing.assert_frame_equal({_RESULT}, expected, check_dtype=False)"


def _frame(table: TextTable, types: Mapping[str, str]) -> str:
    """Give the expression that makes the table a DataFrame."""
    columns = (f"{name!r}: {_column(table, name, types)}" for name in table.columns)
    return f"pd.DataFrame({{{', '.join(columns)}}})"


def _column(table: TextTable, name: str, types: Mapping[str, str]) -> str:
    """Give the values as Python has them: numbers where all are, and nothing says that they are text."""
    texts = _texts(table, name, types)
    held = [text for text in texts if text is not None]
    are_numbers = not _is_text(name, types) and all(_WHOLE.fullmatch(text) or _DECIMAL.fullmatch(text) for text in held)
    are_truths = not _is_text(name, types) and all(text.casefold() in ("true", "false") for text in held)
    written = [text if text is None or not are_truths else text.title() for text in texts]
    values = ", ".join("None" if text is None else text if are_numbers or are_truths else repr(text) for text in written)
    return f"pd.to_datetime([{values}])" if _is_of_dates(table, name, types) else f"[{values}]"


def _texts(table: TextTable, name: str, types: Mapping[str, str]) -> list[str | None]:
    cells = [row[table.columns.index(name)] for row in table.rows]
    return [None if cell.casefold() in _NOTHING and (cell or not _is_text(name, types)) else cell for cell in cells]


def _is_text(name: str, types: Mapping[str, str]) -> bool:
    return types.get(name, "") in _TEXT


def _is_of_dates(table: TextTable, name: str, types: Mapping[str, str]) -> bool:
    held = [text for text in _texts(table, name, types) if text is not None]
    return types.get(name, "") in _DATES or (name not in types and bool(held) and all(map(_DATE.fullmatch, held)))
