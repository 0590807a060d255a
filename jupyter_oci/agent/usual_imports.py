"""Which import a name comes from that is used without one: only what everybody means by the name."""

from __future__ import annotations

import ast
import importlib
import re
import sys
from collections.abc import Collection

from .cell_names import names_set, names_used
from .python_text import tree_of

_ABBREVIATED = {
    "np": "import numpy as np",
    "pd": "import pandas as pd",
    "plt": "import matplotlib.pyplot as plt",
    "sns": "import seaborn as sns",
}
_MODULE = re.compile(
    r"collections|csv|datetime|functools|glob|io|itertools|json|math|numpy|operator|os|pandas|pathlib|pickle|random|re|shutil|"
    r"statistics|string|subprocess|sys|time|warnings"
)
_NAMED = {
    "collections": "Counter|OrderedDict|defaultdict|deque|namedtuple",
    "dataclasses": "dataclass",
    "datetime": "timedelta|timezone",
    "decimal": "Decimal",
    "enum": "Enum",
    "fractions": "Fraction",
    "functools": "lru_cache|partial|reduce",
    "itertools": "chain|combinations|permutations|product",
    "math": "ceil|floor|sqrt",
    "pathlib": "Path",
    "typing": "Any|Callable|Dict|Iterable|List|Optional|Sequence|Set|Tuple|Union",
}
_COMMON_WORDS = frozenset({"chain", "product"})  # people call their own functions so
# `datetime` is a module, and a class in it: what is taken from the name tells which one is meant.
_OF_THE_CLASS = {"now", "today", "utcnow", "strptime", "fromisoformat", "fromtimestamp", "combine"}
_OF_THE_MODULE = {"datetime", "date", "time", "timedelta", "timezone"}


def usual_import(name: str, source: str) -> str | None:
    """Give the import that the source lacks for the name; None where that is not plain."""
    taken = _taken_from(name, source)
    if name == "datetime" and taken - _OF_THE_MODULE:
        return "from datetime import datetime" if taken <= _OF_THE_CLASS else None
    if taken and (module := import_of_module(name)):
        return module if _has(name, taken) else None
    return next((f"from {module} import {name}" for module, names in _NAMED.items() if re.fullmatch(names, name)), None)


def with_imports(source: str, held: Collection[str]) -> str:
    """Put the imports into a source that its names lack; `held` are those that are there without it.

    What a star has brought is not known: then nothing is put there.
    """
    own = _bound_in(source)
    if "*" in {*own, *held}:
        return source
    lacking = sorted(names_used(source) - own - set(held) - _COMMON_WORDS)
    lines = [line for name in lacking if (line := usual_import(name, source))]
    return begun_with("\n".join(dict.fromkeys(lines)), source) if lines else source


def begun_with(lines: str, source: str) -> str:
    """Put lines ahead of a source; a cell magic and what is imported from `__future__` stay first."""
    rows = source.split("\n")
    first = next((place for place, row in enumerate(rows) if row.strip()), 0)
    body = (tree_of(source) or ast.Module([], [])).body
    ends = [node.end_lineno or 0 for node in body if isinstance(node, ast.ImportFrom) and node.module == "__future__"]
    place = max([first + 1 if rows[first].lstrip().startswith("%%") else 0, *ends])
    return "\n".join([*rows[:place], lines, *rows[place:]])


def _has(module: str, names: Collection[str]) -> bool:
    """Whether a module of Python's own has the names; others are taken at their word."""
    if module in _ABBREVIATED or module not in sys.stdlib_module_names:
        return True
    return all(hasattr(importlib.import_module(module), name) for name in names)


def _bound_in(source: str) -> frozenset[str]:
    """Give the names that a source binds anywhere in it."""
    tree = tree_of(source) or ast.Module([], [])
    found = set(names_set(source))
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            found.add(node.id)
        elif isinstance(node, (ast.Global, ast.Nonlocal)):
            found.update(node.names)
        elif isinstance(node, (ast.ExceptHandler, ast.MatchAs, ast.MatchStar)):
            found.add(node.name or "")
        elif isinstance(node, ast.alias):
            found.add((node.asname or node.name).partition(".")[0])
    return frozenset(found)


def import_of_module(name: str) -> str | None:
    """Give the import of a module by its usual name; None of other names."""
    return _ABBREVIATED.get(name) or (f"import {name}" if _MODULE.fullmatch(name) else None)


def _taken_from(name: str, source: str) -> frozenset[str]:
    """Give the attributes of the name that the source reads."""
    read = (node for node in ast.walk(tree_of(source) or ast.Module([], [])) if isinstance(node, ast.Attribute))
    return frozenset(node.attr for node in read if isinstance(node.value, ast.Name) and node.value.id == name)
