"""What a request itself says must hold: asserts in it, `>>>` examples with a value written out, and example tables."""

from __future__ import annotations

import ast
import doctest
import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from functools import reduce

from .cell_names import names_set, names_used
from .checks import Check, examples_in, examples_of, latest, paragraphs, with_what_they_need
from .effects import effects
from .example_tables import table_checks
from .python_text import tree_of

_VARIES = re.compile(r"\n|\.\.\.| at 0x")
_SETS = (ast.Assign, ast.AugAssign, ast.AnnAssign)
_DEFINES = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Import, ast.ImportFrom)
_FENCED = re.compile(r"^```\w*\n(.*?)^```", re.MULTILINE | re.DOTALL)


def check_in(prompt: str) -> Check:
    """Collect what must hold, with what the prompt sets for it; nothing of what may do more than compute."""
    blocks, text = _FENCED.findall(prompt), _FENCED.sub("", prompt)
    sessions = [text, *(block for block in blocks if tree_of(block) is None)]
    groups = [
        *(ast.parse(run).body for run in (*_runs(text), *blocks) if tree_of(run)),
        *(list(_session(examples_of(session))) for session in sessions),
        *([node] for example in examples_in(blocks) for node in _session([example])),
    ]
    lines: list[str] = []
    for found in map(_with_what_it_needs, groups):
        only_asserts = all(line.startswith("assert ") for line in found)
        lines += [line for line in dict.fromkeys(found) if line not in lines] if only_asserts else found
    code = "\n".join((*lines, *table_checks(prompt)))
    return Check(code, "user") if code else Check()


def corrected(check: Check, comment: str) -> Check:
    """Add what a later comment says must hold: of the same thing it is the comment's that counts."""
    said = check_in(comment)
    code = "\n".join(dict.fromkeys(latest([_statements(check.code), _statements(said.code)])))
    return Check(code, "user") if said.code else check


def check_in_turns(said: str) -> Check:
    """Collect what must hold of what was said about a cell, in paragraphs: the later ones correct those before."""
    first, *later = paragraphs(said)
    return reduce(corrected, later, check_in(first))


def _statements(code: str) -> list[str]:
    tree = tree_of(code)
    return [ast.unparse(node) for node in tree.body] if tree else []


def is_about(check: Check, source: str, held: Collection[str]) -> bool:
    """Whether code that ran sets what the check is about, and all else that it needs is `held` by the kernel."""
    needed = names_used(check.code) - names_set(check.code)
    return bool(needed & names_set(source)) and needed <= names_set(source) | set(held)


def _runs(text: str) -> Iterator[str]:
    """Give lines that follow each other and set or assert something: `data = [3, 1]` and `assert total(data) == 4`."""
    run: list[str] = []
    for line in (*(line.strip(" `") for line in text.splitlines()), ""):
        tree = tree_of(line)
        if tree is not None and len(tree.body) == 1 and isinstance(tree.body[0], (*_SETS, ast.Assert)):
            run.append(line)
        elif run:
            yield "\n".join(run)
            run = []


def _session(examples: Iterable[doctest.Example]) -> Iterator[ast.stmt]:
    """Give each example of an expression as an assert, and those that show nothing as they are."""
    for example in examples:
        tree = tree_of(example.source)
        if tree and not example.want:
            yield from tree.body
        elif asserted := _asserted(example):
            yield asserted


def _with_what_it_needs(group: Sequence[ast.stmt]) -> list[str]:
    """Give the asserts, after the statements that set, or build up, what they need; none where those may do more than compute.

    What defines or imports is left out: the code that is asked for does that.
    """
    kept = with_what_they_need([node for node in group if not isinstance(node, _DEFINES)])
    if all(line.startswith("assert ") for line in kept):
        return [line for line in kept if not effects(line)]
    return [] if any(map(effects, kept)) else kept


def _asserted(example: doctest.Example) -> ast.stmt | None:
    """Give the example of an expression as an assert; None where its value is not written out."""
    shown, value = _expression(example.source), _expression(example.want)
    if isinstance(shown, ast.Call) and isinstance(shown.func, ast.Name) and shown.func.id == "print":
        return _printed(shown, example.want.strip())
    if shown is None or value is None or not _is_written_out(value):
        return None
    is_none = isinstance(value, ast.Constant) and value.value is None
    return ast.Assert(ast.Compare(shown, [ast.Is() if is_none else ast.Eq()], [value]))


def _printed(call: ast.Call, want: str) -> ast.stmt | None:
    """Give the example of one thing that is printed in one line, as an assert of how it reads."""
    if len(call.args) != 1 or call.keywords or isinstance(call.args[0], ast.Starred) or _VARIES.search(want):
        return None
    return ast.Assert(ast.Compare(ast.Call(ast.Name("str"), [call.args[0]], []), [ast.Eq()], [ast.Constant(want)]))


def _expression(text: str) -> ast.expr | None:
    tree = tree_of(text)
    line = tree.body[0] if tree is not None and len(tree.body) == 1 else None
    return line.value if isinstance(line, ast.Expr) else None


def _is_written_out(value: ast.expr) -> bool:
    try:
        ast.literal_eval(value)
    except (ValueError, TypeError):
        return False
    return not any(isinstance(node, ast.Constant) and node.value is ... for node in ast.walk(value))
