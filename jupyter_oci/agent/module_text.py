"""A module of the user's, as the model gets to read it: how its functions and classes are imported and called."""

from __future__ import annotations

import ast
import re
from collections.abc import Sequence

from ..kernel.contents import DEFINED, WORD, dotted, holds_secret
from ..kernel.secret import may_be_key, may_be_secret, reads_as_secret
from .plain_text import cut_end
from .python_text import tree_of
from .variable_text import names_in

_MOST_DEFINED = 12
_LONGEST, _LONGEST_DOC = 120, 100
_MOST_CHARACTERS = 1600
_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
_TYPE = re.compile(r"[A-Za-z_][\w.\[\], |]*")
_RECORDS = ("dataclass", "NamedTuple", "TypedDict", "BaseModel")


def definitions(path: str, source: str, about: str) -> str:
    """Tell what a module defines in public, what the text `about` names first; empty where it has nothing.

    Of one that this Python cannot read, as it is written for a newer one, the names alone.
    """
    named = _words(about)
    try:
        told = _signatures(source)
    except (ValueError, RecursionError, MemoryError):  # a huge number, a sum of a thousand terms
        told = {}
    told = told or {found.decode(): "" for found in DEFINED.findall(source.encode("utf-8", "replace"))}
    names = sorted((name for name in told if name[0] != "_"), key=lambda name: name not in named)
    first, room = [], _MOST_CHARACTERS
    for name in names[:_MOST_DEFINED]:
        room -= len(told[name]) + len(name)
        if room >= 0:
            first.append(name)
    more = len(names) - len(first)
    lines = [f"from {dotted(path)} import {', '.join(first)}", *filter(None, map(told.__getitem__, first))]
    return "\n".join([*lines, f"... {more} more"] if more else lines) if first else ""


def is_about(contents: str, prompt: str) -> bool:
    """Whether a prompt names the module that `definitions` tell of, or something that it defines."""
    return not (_words(contents.partition("\n")[0]) - {"from", "import"}).isdisjoint(_words(prompt))


def _words(text: str) -> frozenset[str]:
    """Give what may be names, also those that stand right among letters of a language without spaces."""
    return names_in(text) | frozenset(WORD.findall(text))


def _signatures(source: str) -> dict[str, str]:
    tree = tree_of(source)
    body = tree.body if tree else []
    return {node.name: _signature(node) for node in body if isinstance(node, (*_FUNCTIONS, ast.ClassDef))}


def _signature(node: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) -> str:
    """Write how it is called, and the first line of what it says of itself; no text that names a secret or reads like one."""
    if isinstance(node, ast.ClassDef):
        methods = [each.name for each in node.body if isinstance(each, _FUNCTIONS) and each.name[0] != "_"][:_MOST_DEFINED]
        head = f"class {node.name}{_made_by(node)}" + (f", methods {', '.join(methods)}" if methods else "")
    else:
        head = f"{'async ' * isinstance(node, ast.AsyncFunctionDef)}def {node.name}({_parameters(node.args)})"
    doc = (ast.get_docstring(node) or "").partition("\n")[0]
    told = "" if reads_as_secret(head.replace("=...", "")) else cut_end(head, _LONGEST)
    return f"{told}  # {cut_end(doc, _LONGEST_DOC)}" if told and doc and not holds_secret(doc) else told


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
    return f"{name}{_annotated(node.annotation)}{default}"


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
    return f"{name.arg}{_annotated(name.annotation)}{f'={_shown(name.arg, default)}' if default else ''}"


def _annotated(annotation: ast.expr | None) -> str:
    """Write an annotation, but for one with texts that are no names of types."""
    if annotation is None or any(_is_text(node) for node in ast.walk(annotation)):
        return ""
    return f": {ast.unparse(annotation)}"


def _is_text(node: ast.AST) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, (str, bytes)) and not _TYPE.fullmatch(str(node.value))


def _shown(name: str, default: ast.expr) -> str:
    """Write a default that is a plain value, and no secret by its name or by how it reads."""
    plain = default.operand if isinstance(default, ast.UnaryOp) else default
    if may_be_secret(name) or may_be_key(name) or not isinstance(plain, ast.Constant):
        return "..."
    text = ast.unparse(default)
    return "..." if reads_as_secret(text) else cut_end(text, _LONGEST // 2)
