"""What a request itself says must hold: asserts in it, and `>>>` examples with a value written out."""

from __future__ import annotations

import ast
import re
from collections.abc import Collection, Iterator

from .cell_names import names_set, names_used
from .checks import Check, examples_of
from .effects import effects
from .python_text import tree_of

_FENCED = re.compile(r"^```\w*\n(.*?)^```", re.MULTILINE | re.DOTALL)
_DOCUMENTED = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)


def check_in(prompt: str) -> Check:
    """Collect what must hold; nothing of what may do more than compute."""
    outside = _FENCED.sub("", prompt)
    texts = [outside, *(text for block in _FENCED.findall(prompt) for text in _docstrings(block))]
    found = [*_asserts(prompt), *(line for text in texts for line in _examples(text))]
    code = "\n".join(line for line in dict.fromkeys(found) if not effects(line))
    return Check(code, "user") if code else Check()


def is_about(check: Check, source: str, held: Collection[str]) -> bool:
    """Whether code that ran sets what the check is about, and all else that it needs is `held` by the kernel."""
    needed = names_used(check.code) - names_set(check.code)
    return bool(needed & names_set(source)) and needed <= names_set(source) | set(held)


def _asserts(prompt: str) -> Iterator[str]:
    for line in prompt.splitlines():
        tree = tree_of(line.strip(" `"))
        if tree is not None and len(tree.body) == 1 and isinstance(tree.body[0], ast.Assert):
            yield ast.unparse(tree)


def _docstrings(code: str) -> Iterator[str]:
    for node in ast.walk(tree_of(code) or ast.Module([], [])):
        if isinstance(node, _DOCUMENTED):
            yield ast.get_docstring(node) or ""


def _examples(text: str) -> Iterator[str]:
    """Give an assert for each example of an expression whose value is written out."""
    for example in examples_of(text):
        shown, value = _expression(example.source), _expression(example.want)
        if shown is None or value is None or not _is_written_out(value):
            continue
        is_none = isinstance(value, ast.Constant) and value.value is None
        yield ast.unparse(ast.Assert(ast.Compare(shown, [ast.Is() if is_none else ast.Eq()], [value])))


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
