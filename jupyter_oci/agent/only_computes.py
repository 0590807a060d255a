"""Code of which it can be seen that it only computes: what may be tried apart from the notebook without asking.

Unlike `effects`, which names what it finds, this allows what it knows: pure modules, and no way to files, to processes, to the
interpreter's insides or to text that is run.
"""

from __future__ import annotations

import ast
import re
import sys

from .effects import effects
from .python_text import tree_of, without_magics

_MODULE = re.compile(
    r"abc|bisect|cmath|collections|collections\.abc|copy|dataclasses|datetime|decimal|enum|fractions|functools|hashlib|heapq|"
    r"itertools|math|numbers|operator|random|re|statistics|string|textwrap|typing|unicodedata"
)
# Built-in names that reach files, the user, running text, or what only a value names.
_NAME = re.compile(
    r"open|input|exec|eval|compile|breakpoint|exit|quit|help|[gs]etattr|delattr|globals|locals|vars|memoryview|get_ipython|"
    r"display|In|Out|__(?!name__$).*"
)
# Attributes of frames and of the interpreter; what looks a name up in a text, or runs one (singledispatch, get_type_hints).
_ATTRIBUTE = re.compile(
    r"_.*|(?:gi|cr|ag|tb|f|co)_.*|attrgetter|methodcaller|Formatter|get_type_hints|register|singledispatch\w*|\*"
)
_LIBRARY = re.compile(
    r"(?:matplotlib|numpy|pandas|scipy|seaborn|sklearn|statsmodels)(?:\..*)?|calendar|json|time|uuid|warnings|zoneinfo"
)
_WRITES = re.compile(
    r"to_(?:csv|excel|json|parquet|pickle|hdf|feather|html|sql|stata|latex|markdown|clipboard|orc|xml|gbq|iceberg)|tofile|memmap|"
    r"dump|(?:save|write).*|open_.*|.*(?:File|Store|Writer)"
)
# A pattern reads attributes by name; what is awaited needs the kernel's loop.
_OTHER_NODES = (ast.Match, ast.Await, ast.AsyncFor, ast.AsyncWith)
_OTHER_MODULES = frozenset(sys.stdlib_module_names)
_ITS_OWN = re.compile(r"__(?:init|post_init|name|doc|str|repr|eq|lt|len|iter|next|call|getitem|setitem|contains|add)__")


def only_computes(source: str) -> bool:
    """Whether nothing in the source can reach beyond its own process's memory and time; False of what is not Python."""
    tree = tree_of(source)
    return tree is not None and without_magics(source) == source and all(map(_is_known, ast.walk(tree)))


def stays_inside(source: str) -> bool:
    """Whether nothing in it is seen to reach beyond its process, where it may use the libraries of data and read files.

    It is not as sure as `only_computes`: whoever runs it must refuse what those libraries do beyond computing.
    """
    tree = tree_of(source)
    if tree is None or without_magics(source) != source or effects(source):
        return False
    return all(_is_of_data(node) for node in ast.walk(tree))


def _is_of_data(node: ast.AST) -> bool:
    if isinstance(node, ast.Import):
        return all(_LIBRARY.fullmatch(alias.name) or _MODULE.fullmatch(alias.name) for alias in node.names)
    if isinstance(node, ast.ImportFrom) and _LIBRARY.fullmatch(node.module or ""):
        return not any(_WRITES.fullmatch(alias.name) for alias in node.names)
    if isinstance(node, ast.Attribute) and _WRITES.fullmatch(node.attr):
        return False
    return _is_known(node) or (isinstance(node, ast.Name) and node.id == "display")


def _is_known(node: ast.AST) -> bool:
    if isinstance(node, ast.Import):
        return all(_MODULE.fullmatch(alias.name) for alias in node.names)
    if isinstance(node, ast.ImportFrom):
        return bool(_MODULE.fullmatch(node.module or "")) and all(_may_be_read(alias.name) for alias in node.names)
    if isinstance(node, ast.Attribute):
        return _may_be_read(node.attr)
    if isinstance(node, ast.Name):
        return not _NAME.fullmatch(node.id)
    return not isinstance(node, _OTHER_NODES)


def _may_be_read(attribute: str) -> bool:
    """Whether it is no way out: not a module that another one imports, not one of the interpreter's own."""
    if _ITS_OWN.fullmatch(attribute):
        return True
    is_module = attribute in _OTHER_MODULES and not _MODULE.fullmatch(attribute)
    return not is_module and not _NAME.fullmatch(attribute) and not _ATTRIBUTE.fullmatch(attribute)
