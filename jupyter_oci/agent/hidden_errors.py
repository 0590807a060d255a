"""What hides an error instead of removing its cause: it is swallowed, what cannot be read is left out, a line is dropped."""

from __future__ import annotations

import ast

from .python_text import tree_of

SWALLOWED = "It catches the error and goes on: what failed is left out of the result."
MISSING = "What cannot be read becomes a missing value and raises nothing."
DROPPED = "It leaves out a line that set something."
_HIDING = ("coerce", "ignore")


def hides(base: str, source: str) -> str:
    """Say how a source hides what the base raises; empty where nothing of it is seen, or the base's own asserts tell more."""
    old, new = tree_of(base), tree_of(source)
    if old is None or new is None or any(isinstance(node, ast.Assert) for node in ast.walk(old)):
        return ""
    if len(_caught(new)) > len(_caught(old)):
        return SWALLOWED
    if _coerced(new) > _coerced(old):
        return MISSING
    before, after = _targets(old), _targets(new)
    return DROPPED if len(after) < len(before) and not set(before) <= set(after) else ""


def _caught(tree: ast.Module) -> list[ast.AST]:
    return [node for node in ast.walk(tree) if isinstance(node, ast.ExceptHandler) or _name(node) == "suppress"]


def _name(node: ast.AST) -> str:
    called = node.func if isinstance(node, ast.Call) else None
    return str(getattr(called, "attr", getattr(called, "id", "")))


def _coerced(tree: ast.Module) -> int:
    """Count the arguments `errors="coerce"` and `errors="ignore"`."""
    given = [node for node in ast.walk(tree) if isinstance(node, ast.keyword) and node.arg == "errors"]
    return sum(isinstance(each.value, ast.Constant) and each.value.value in _HIDING for each in given)


def _targets(tree: ast.Module) -> list[str]:
    """Give what each assignment sets, in order."""
    nodes = [node for node in ast.walk(tree) if isinstance(node, (ast.Assign, ast.AugAssign, ast.AnnAssign))]
    targets = [target for node in nodes for target in (node.targets if isinstance(node, ast.Assign) else [node.target])]
    return [ast.unparse(target) for target in targets]
