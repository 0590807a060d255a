"""Which import a name comes from that is used without one: only what everybody means by the name."""

from __future__ import annotations

import ast
import re
from collections.abc import Collection

from .cell_names import names_set, names_used
from .python_text import tree_of

_ABBREVIATED = {
    "np": "import numpy as np",
    "pd": "import pandas as pd",
    "plt": "import matplotlib.pyplot as plt",
    "sns": "import seaborn as sns",
    "sp": "import scipy as sp",
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
# `datetime` is a module, and a class in it: what is taken from the name tells which one is meant.
_OF_THE_CLASS = {"now", "today", "utcnow", "strptime", "fromisoformat", "fromtimestamp", "combine"}
_OF_THE_MODULE = {"datetime", "date", "time", "timedelta", "timezone"}


def usual_import(name: str, source: str) -> str | None:
    """Give the import that the source lacks for the name; None where that is not plain."""
    taken = _taken_from(name, source)
    if name == "datetime" and taken - _OF_THE_MODULE:
        return "from datetime import datetime" if taken <= _OF_THE_CLASS else None
    if taken and (module := import_of_module(name)):
        return module
    return next((f"from {module} import {name}" for module, names in _NAMED.items() if re.fullmatch(names, name)), None)


def with_imports(source: str, held: Collection[str]) -> str:
    """Put the imports ahead of a source that its names lack; `held` are those that are there without it."""
    lacking = sorted(names_used(source) - names_set(source) - set(held))
    lines = [line for name in lacking if (line := usual_import(name, source) or _ABBREVIATED.get(name))]
    return begun_with("\n".join(dict.fromkeys(lines)), source) if lines else source


def begun_with(lines: str, source: str) -> str:
    """Put lines ahead of a source; a cell magic stays the first one."""
    first, _, rest = source.partition("\n")
    return f"{first}\n{lines}\n{rest}" if first.startswith("%%") else f"{lines}\n{source}"


def import_of_module(name: str) -> str | None:
    """Give the import of a module by its usual name; None of other names."""
    return _ABBREVIATED.get(name) or (f"import {name}" if _MODULE.fullmatch(name) else None)


def _taken_from(name: str, source: str) -> frozenset[str]:
    """Give the attributes of the name that the source reads."""
    read = (node for node in ast.walk(tree_of(source) or ast.Module([], [])) if isinstance(node, ast.Attribute))
    return frozenset(node.attr for node in read if isinstance(node.value, ast.Name) and node.value.id == name)
