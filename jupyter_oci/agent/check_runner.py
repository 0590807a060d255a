"""Runs inside the user's kernel: run a check, and say of what fails what was expected and what it is.

The source of this file is sent to the kernel, so it needs nothing but the standard library. The user's names are copied.
"""

from __future__ import annotations

import ast
import contextlib
import io
import os
import reprlib
import sys
import traceback
from typing import Any

LONGEST = 300
TABLE_ROWS = 12


class Told(ast.NodeTransformer):
    """Have each assert keep the values of both sides, so that its failure can tell them."""

    def visit_Assert(self, node: ast.Assert) -> list[ast.stmt]:
        """Put `left, right = ...; assert left == right, tell(...)` in the place of an assert."""
        test, text = node.test, ast.unparse(node.test)
        sides = [test.left, *test.comparators] if isinstance(test, ast.Compare) and len(test.ops) == 1 else [test]
        names = [f"_side{index}" for index in range(len(sides))]
        kept = ast.parse(f"{', '.join(names)}, = {', '.join(map(ast.unparse, sides))},").body
        whole: ast.expr = ast.Name(names[0], ast.Load())
        if isinstance(test, ast.Compare) and len(names) == 2:
            whole = ast.Compare(whole, test.ops, [ast.Name(names[1], ast.Load())])
        equal = isinstance(test, ast.Compare) and isinstance(test.ops[0], (ast.Eq, ast.Is))
        message = ast.parse(f"_tell({text!r}, {ast.unparse(sides[0])!r}, {equal}, {', '.join(names)})", mode="eval").body
        return [*kept, ast.Assert(whole, message)]

    def visit_Expr(self, node: ast.Expr) -> list[ast.stmt]:
        """Have a call such as `np.testing.assert_allclose(x, y)` tell `x` and `y` when it fails."""
        call = node.value
        if not isinstance(call, ast.Call) or len(call.args) < 2 or not _name_of(call.func).startswith("assert_"):
            return [node]
        left, right = map(ast.unparse, call.args[:2])
        call.args[:2] = [ast.Name("_side0", ast.Load()), ast.Name("_side1", ast.Load())]
        told = f"raise AssertionError(_tell(str(_error), {left!r}, True, _side0, _side1)) from None"
        return ast.parse(
            f"_side0, _side1 = {left}, {right}\ntry: {ast.unparse(call)}\nexcept AssertionError as _error: {told}"
        ).body


def _name_of(called: ast.expr) -> str:
    return called.attr if isinstance(called, ast.Attribute) else getattr(called, "id", "")


def tell(text: str, left: str, equal: bool, *values: Any) -> str:
    """Say what was checked, and what the left side (and the right one) came to; the text alone where they look the same."""
    if len(values) == 1:
        return f"`{text}` is {_shown(values[0])}"
    value, other = map(_shown, values)
    if equal and value == other:
        return text
    if equal:
        return f"`{left}` is {value}, expected {other}"
    if value == other and "!=" in text:
        return f"`{left}` is {value}, expected another value"
    return f"`{text}` does not hold: `{left}` is {value}, the other side is {other}"


def _shown(value: Any) -> str:
    """Give a value in few words, a table in few rows."""
    if hasattr(value, "to_string") and hasattr(value, "columns"):
        return f"\n{value.to_string(max_rows=TABLE_ROWS)}\n"
    if type(value).__module__ == "numpy" and getattr(value, "shape", None) == ():
        value = value.item()
    short = reprlib.Repr()
    short.maxstring = short.maxother = short.maxlong = LONGEST
    short.maxlist = short.maxtuple = short.maxdict = short.maxset = 20
    return short.repr(value)


def _in_function(error: Exception) -> str:
    """Name the innermost line of a function of the user's that an error went through: no file has the code of a cell."""
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if frame.name != "<module>"]
    lines = [frame.line for frame in frames if frame.line and not os.path.exists(frame.filename)]
    return f" in `{lines[-1]}`" if lines else ""


class CheckFailed(Exception):  # noqa: N818 - the check's answer is "no"
    """What does not hold, in words."""

    def __init__(self, told: str = "") -> None:
        super().__init__(told)
        self._last = {name: vars(sys).get(name) for name in ("last_type", "last_value", "last_traceback", "last_exc")}

    def _render_traceback_(self) -> list[str]:
        """Leave the user's error the last one (`%tb`, `%debug`): IPython asks for this when it has put ours in its place."""
        for name, value in self._last.items():
            if value is None:
                vars(sys).pop(name, None)
            else:
                setattr(sys, name, value)
        return []


def run_check(code: str, names: dict[str, Any]) -> None:
    """Run the code with the user's names.

    Raises:
        CheckFailed: an assert or a doctest does not hold, or the code raises; the message says what was expected and what is.
    """
    printed = io.StringIO()
    try:
        tree = ast.fix_missing_locations(Told().visit(ast.parse(code)))
        with contextlib.redirect_stdout(printed):
            exec(compile(tree, "<check>", "exec", dont_inherit=True), {**names, "_tell": tell})  # noqa: S102 - the user has seen it
    except AssertionError as error:
        raise CheckFailed(f"the check fails: {error}") from None
    except Exception as error:
        raise CheckFailed(f"the check raises {type(error).__name__}: {error}{_in_function(error)}") from None
    failed = printed.getvalue().partition("Failed example:")[2].partition("*****")[0]
    if failed:
        raise CheckFailed(f"a doctest fails:{failed.rstrip()}")
