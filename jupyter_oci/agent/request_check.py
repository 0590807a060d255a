"""What a request itself says must hold: asserts in it, `>>>` examples with a value written out, and example tables."""

from __future__ import annotations

import ast
import doctest
import re
from collections.abc import Collection, Iterator
from functools import reduce

from .cell_names import names_set, names_used
from .checks import Check, examples_in, examples_of, latest, paragraphs
from .effects import effects
from .example_tables import table_checks
from .python_text import tree_of

_FENCED = re.compile(r"^```\w*\n(.*?)^```", re.MULTILINE | re.DOTALL)


def check_in(prompt: str) -> Check:
    """Collect what must hold; nothing of what may do more than compute."""
    examples = [*examples_of(_FENCED.sub("", prompt)), *examples_in(_FENCED.findall(prompt))]
    found = [*_asserts(prompt), *filter(None, map(_asserted, examples))]
    lines = [line for line in dict.fromkeys(found) if not effects(line)]
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


def _asserts(prompt: str) -> Iterator[str]:
    for line in prompt.splitlines():
        tree = tree_of(line.strip(" `"))
        if tree is not None and len(tree.body) == 1 and isinstance(tree.body[0], ast.Assert):
            yield ast.unparse(tree)


def _asserted(example: doctest.Example) -> str:
    """Give the example of an expression as an assert; empty where its value is not written out."""
    shown, value = _expression(example.source), _expression(example.want)
    if shown is None or value is None or not _is_written_out(value):
        return ""
    is_none = isinstance(value, ast.Constant) and value.value is None
    return ast.unparse(ast.Assert(ast.Compare(shown, [ast.Is() if is_none else ast.Eq()], [value])))


def _expression(text: str) -> ast.expr | None:
    tree = tree_of(text)
    line = tree.body[0] if tree is not None and len(tree.body) == 1 else None
    return line.value if isinstance(line, ast.Expr) else None


def _is_written_out(value: ast.expr) -> bool:
    try:
        ast.literal_eval(value)
    except (ValueError, TypeError):
        return False
    return True
