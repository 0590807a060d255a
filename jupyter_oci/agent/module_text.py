"""A module of the user's, as the model gets to read it: how its functions and classes are imported and called."""

from __future__ import annotations

import ast
from collections.abc import Sequence

from ..kernel.contents import dotted
from ..kernel.secret import may_be_key, may_be_secret, reads_as_secret
from .plain_text import cut_end
from .python_text import tree_of
from .variable_text import names_in

_MOST_DEFINED = 12
_LONGEST, _LONGEST_DOC = 120, 100
_MOST_CHARACTERS = 1600
_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
_RECORDS = ("dataclass", "NamedTuple", "TypedDict", "BaseModel")


def definitions(path: str, source: str, about: str) -> str:
    """Tell what a module defines in public, what the text `about` names first; empty where it cannot be read or has nothing."""
    tree = tree_of(source)
    body = tree.body if tree else []
    found = {node.name: node for node in body if isinstance(node, (*_FUNCTIONS, ast.ClassDef)) and node.name[0] != "_"}
    named = names_in(about)
    nodes = sorted(found.values(), key=lambda node: node.name not in named)[:_MOST_DEFINED]
    lines = [_signature(node) for node in nodes]
    while sum(map(len, lines)) > _MOST_CHARACTERS:
        lines.pop()
    more = len(found) - len(lines)
    names = ", ".join(node.name for node in nodes[: len(lines)])
    return "\n".join([f"from {dotted(path)} import {names}", *lines, *([f"... {more} more"] if more else [])]) if lines else ""


def is_about(contents: str, prompt: str) -> bool:
    """Whether a prompt names the module that `definitions` tell of, or something that it defines."""
    return not (names_in(contents.partition("\n")[0]) - {"from", "import"}).isdisjoint(names_in(prompt))


def _signature(node: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) -> str:
    """Write how it is called, and the first line of what it says of itself; no text that reads like a secret."""
    if isinstance(node, ast.ClassDef):
        methods = [each.name for each in node.body if isinstance(each, _FUNCTIONS) and each.name[0] != "_"][:_MOST_DEFINED]
        head = f"class {node.name}{_made_by(node)}" + (f", methods {', '.join(methods)}" if methods else "")
    else:
        head = f"{'async ' * isinstance(node, ast.AsyncFunctionDef)}def {node.name}({_parameters(node.args)})"
    doc = cut_end((ast.get_docstring(node) or "").partition("\n")[0], _LONGEST_DOC)
    told = node.name if reads_as_secret(head.replace("=...", "")) else cut_end(head, _LONGEST)
    return f"{told}  # {doc}" if doc and not reads_as_secret(doc) else told


def _made_by(node: ast.ClassDef) -> str:
    """Write what a class is made with; empty where that stands elsewhere."""
    made = next((each.args for each in node.body if isinstance(each, _FUNCTIONS) and each.name == "__init__"), None)
    if made:
        return f"({_parameters(made, 1)})"
    marks = [*node.decorator_list, *node.bases]
    if any(ast.unparse(mark).partition("(")[0].rpartition(".")[2] in _RECORDS for mark in marks):
        fields = [each for each in node.body if isinstance(each, ast.AnnAssign) and isinstance(each.target, ast.Name)]
        return f"({', '.join(map(_field, fields))})"
    return "" if node.bases else "()"


def _field(node: ast.AnnAssign) -> str:
    name = ast.unparse(node.target)
    default = f"={_shown(name, node.value)}" if node.value else ""
    return f"{name}: {ast.unparse(node.annotation)}{default}"


def _parameters(arguments: ast.arguments, bound: int = 0) -> str:
    """Write the parameters after the first `bound`, with their annotations and plain defaults."""
    places = [*arguments.posonlyargs, *arguments.args]
    defaults: Sequence[ast.expr | None] = [*[None] * (len(places) - len(arguments.defaults)), *arguments.defaults]
    parts = [_parameter(*each) for each in zip(places, defaults, strict=True)]
    if arguments.posonlyargs:
        parts.insert(len(arguments.posonlyargs), "/")
    parts = parts[bound:]
    if arguments.vararg or arguments.kwonlyargs:
        parts.append(f"*{arguments.vararg.arg if arguments.vararg else ''}")
    parts += [_parameter(*each) for each in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True)]
    return ", ".join([*parts, *([f"**{arguments.kwarg.arg}"] if arguments.kwarg else [])])


def _parameter(name: ast.arg, default: ast.expr | None) -> str:
    annotation = f": {ast.unparse(name.annotation)}" if name.annotation else ""
    return f"{name.arg}{annotation}{f'={_shown(name.arg, default)}' if default else ''}"


def _shown(name: str, default: ast.expr) -> str:
    """Write a default that is a plain value, and of a parameter that is not named like a secret."""
    plain = default.operand if isinstance(default, ast.UnaryOp) else default
    is_hidden = may_be_secret(name) or may_be_key(name) or not isinstance(plain, ast.Constant)
    return "..." if is_hidden else cut_end(ast.unparse(default), _LONGEST // 2)
