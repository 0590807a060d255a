"""Runs inside the user's kernel: what a file that a request names has in it; of a module, what it defines.

The source of this file is sent to the kernel with that of the folder, and needs nothing but the standard library. No module is
imported and nothing of one runs: it is parsed.
"""

from __future__ import annotations

import ast
import json
import os
import re
from typing import Any

from .secret import may_be_key, may_be_secret, reads_as_secret

TEXT = re.compile(r".+\.(csv|tsv|txt|dat|log|md|rst|jsonl?|geojson|xml|html?|ya?ml|toml|ini|cfg)", re.IGNORECASE)
OBJECTS = re.compile(r".+\.(geo)?json", re.IGNORECASE)
MODULE = re.compile(r".+\.py", re.IGNORECASE)
LONGEST_PARSED = 200_000  # bytes
MOST_LINES = 5
MOST_CHARACTERS = 500
MOST_DEFINED = 12
MOST_KEYS = 12
LONGEST_TEXT = 40
LONGEST_SIGNATURE = 120
DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
MARK = re.compile(r"[_A-Z]|\d")
WORD = re.compile(r"\w+")


def contents(path: str, about: str) -> str:
    """Give the first lines of a text that `about` names, or what a module defines; nothing of a file named like a secret."""
    if may_be_key(path) or may_be_secret(path):
        return ""
    if MODULE.fullmatch(path):
        return definitions(path, about)
    if not TEXT.fullmatch(path) or not is_named(path, about):
        return ""
    return (structure(path) if OBJECTS.fullmatch(path) else "") or first_lines(begin_of(path, 4 * MOST_CHARACTERS))


def is_named(path: str, about: str) -> bool:
    """Whether a text has the path of a file, or its name."""
    names = {path, path.rpartition("/")[2]}
    return any(re.search(rf"(?<![\w.-]){re.escape(name)}(?![\w-]|\.\w)", about) for name in names)


def begin_of(path: str, size: int) -> bytes:
    """Read the first bytes of a file; nothing if it cannot be read."""
    try:
        file = os.open(path, os.O_RDONLY)
        try:
            return os.read(file, size)
        finally:
            os.close(file)
    except OSError:
        return b""


def first_lines(begin: bytes) -> str:
    """Give the first lines of a text up to what may be a secret; none if it is no plain text."""
    text = begin.decode("utf-8-sig", "replace").rstrip("\ufffd")
    told: list[str] = []
    for line in map(str.rstrip, text[:MOST_CHARACTERS].split("\n")[:MOST_LINES]):
        if "\ufffd" in line or not line.replace("\t", "").isprintable() or holds_secret(line):
            return "\n".join(told)
        told.append(line)
    is_cut = len(text) > MOST_CHARACTERS and text[:MOST_CHARACTERS].count("\n") < MOST_LINES
    return "\n".join(told) + "..." * is_cut


def structure(path: str) -> str:
    """Write the keys and first values of JSON, but for those of what may be a secret; nothing where it is long or broken."""
    source = begin_of(path, LONGEST_PARSED + 1)
    try:
        value = json.loads(source) if len(source) <= LONGEST_PARSED else None
        text = json.dumps(outlined(value), ensure_ascii=False)
    except (ValueError, RecursionError):
        return ""
    cut = f"{text[:MOST_CHARACTERS]}..." if len(text) > MOST_CHARACTERS else text
    return cut if isinstance(value, (dict, list)) and cut.isprintable() else ""


def outlined(value: Any) -> Any:
    """Give the first keys of dicts, the first item of lists and the beginning of texts."""
    if isinstance(value, dict):
        first = list(value.items())[:MOST_KEYS]
        told = {key: "..." if may_be_secret(key) or may_be_key(key) else outlined(item) for key, item in first}
        return told if len(value) == len(told) else {**told, "...": f"{len(value) - len(told)} more"}
    if isinstance(value, list):
        return [*map(outlined, value[:1]), *([f"... {len(value) - 1} more"] if len(value) > 1 else [])]
    if isinstance(value, str):
        short = value if len(value) <= LONGEST_TEXT else f"{value[:LONGEST_TEXT]}..."
        return "..." if reads_as_secret(value) else short
    return value


def holds_secret(line: str) -> bool:
    """Whether a line names a secret, as a setting or a column, or reads like one."""
    return reads_as_secret(line) or any(may_be_secret(word) or may_be_key(word) for word in WORD.findall(line))


def definitions(path: str, about: str) -> str:
    """Give how the functions and classes of a module are imported and called, if `about` names the module or one of them."""
    source = begin_of(path, LONGEST_PARSED + 1)
    try:
        body = ast.parse(source).body if len(source) <= LONGEST_PARSED else []
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return ""
    defined = [node for node in body if isinstance(node, DEFINITIONS) and not node.name.startswith("_")]
    words, name = set(WORD.findall(about)), dotted(path)
    named = [node for node in defined if node.name in words and (MARK.search(node.name) or f"{name}.{node.name}" in about)]
    if not defined or not (named or is_module_named(path, about)):
        return ""
    first = sorted(defined, key=lambda node: node not in named)[:MOST_DEFINED]
    lines = [f"from {name} import {', '.join(node.name for node in first)}", *map(signature, first)]
    return "\n".join(lines if len(first) == len(defined) else [*lines, f"... {len(defined) - len(first)} more"])


def is_module_named(path: str, about: str) -> bool:
    """Whether a text names the module as a file, or as a module: imported, or called one."""
    name = re.escape(dotted(path))
    by_word = rf"\b(?:import|from|module)\s+[`'\"]?{name}\b|(?<![\w.]){name}[`'\"]?\s+module\b"
    return is_named(path, about) or re.search(by_word, about) is not None


def dotted(path: str) -> str:
    """Give the name by which a module is imported from the folder."""
    return path[:-3].replace("/", ".")


def signature(node: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) -> str:
    """Write how it is called, and the first line of what it says of itself."""
    if isinstance(node, ast.ClassDef):
        functions = [each for each in node.body if isinstance(each, (ast.FunctionDef, ast.AsyncFunctionDef))]
        made = next((parameters(each.args, 1) for each in functions if each.name == "__init__"), "")
        methods = [each.name for each in functions if not each.name.startswith("_")][:MOST_DEFINED]
        head = f"class {node.name}({made})" + (f", methods {', '.join(methods)}" if methods else "")
    else:
        head = f"{'async ' * isinstance(node, ast.AsyncFunctionDef)}def {node.name}({parameters(node.args)})"
    doc = (ast.get_docstring(node) or "").partition("\n")[0]
    return head[:LONGEST_SIGNATURE] + (f"  # {doc[:LONGEST_SIGNATURE]}" if doc else "")


def parameters(arguments: ast.arguments, bound: int = 0) -> str:
    """Write the parameters after the first `bound`, with annotations and defaults, but for those of what may be a secret."""
    places = [*arguments.posonlyargs, *arguments.args]
    first = len(places) - len(arguments.defaults)
    for place, name in enumerate(places[first:]):
        arguments.defaults[place] = shown(name, arguments.defaults[place])
    for place, name in enumerate(arguments.kwonlyargs):
        default = arguments.kw_defaults[place]
        arguments.kw_defaults[place] = default and shown(name, default)
    del (arguments.posonlyargs or arguments.args)[:bound]
    return ast.unparse(arguments)


def shown(name: ast.arg, default: ast.expr) -> ast.expr:
    """Give a default as it is told: that of what may be a secret is left out."""
    return ast.Constant(...) if may_be_secret(name.arg) or may_be_key(name.arg) else default
