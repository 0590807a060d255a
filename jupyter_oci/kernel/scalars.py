"""Runs inside the user's kernel: of what type a value is, and what a single one is, without calling a line of the user's code.

The source of this file is sent to the kernel with that of the probe, and needs nothing but the standard library.
"""

from __future__ import annotations

import sys
import types
from typing import Any

from .secret import reads_as_secret

MAX_TEXT = 40
SCALARS = frozenset({int, float, complex, bool, str, bytes, type(None)})
NUMPY_SCALARS = frozenset({"bool", "int", "uint", "float", "complex", "str", "datetime", "timedelta", "longlong", "ulonglong"})
TIME_ZONES = frozenset({"builtins", "datetime", "zoneinfo", "pytz", "dateutil"})

NAME_OF = type.__dict__["__name__"].__get__
MODULE_OF = type.__dict__["__module__"].__get__
BASES_OF = type.__dict__["__mro__"].__get__
CLASS_DICT = type.__dict__["__dict__"].__get__
MODULE_DICT: Any = vars(types.ModuleType)["__dict__"].__get__


def name_of(kind: type) -> str:
    """Read a type's name past a metaclass that has its own idea of it; it may have been set to a text of the user's own class."""
    name = NAME_OF(kind)
    return name[:100] if type(name) is str else ""


def type_name(value: Any) -> str:
    """Read the name of a value's type."""
    return name_of(type(value))


def module_name(kind: type) -> str:
    """Read the type's module, which a class body may have set to anything."""
    module = MODULE_OF(kind)
    return module if type(module) is str else ""


def str_or_empty(value: Any) -> str:
    """Pass a real string."""
    return value if type(value) is str else ""


def is_genuine(kind: type) -> bool:
    """Tell the class that the loaded library itself offers by that name, from one that only looks like it."""
    library = sys.modules.get(module_name(kind).partition(".")[0])
    return type(library) is types.ModuleType and MODULE_DICT(library).get(name_of(kind)) is kind


def scalar(value: Any) -> str:
    """Show a value whose `repr` is known to be harmless; of any other, its type."""
    kind = type(value)
    if kind is str or (kind not in SCALARS and is_library_scalar(value)):
        return text_of(value)
    if kind is bytes:
        return f"length {len(value)}"
    if kind is int and value.bit_length() > 200:
        return f"{value.bit_length()} bits"
    return repr(value) if kind in SCALARS else f"<{type_name(value)}>"


def text_of(value: Any) -> str:
    """Show a text, or what a library's scalar is as a text, unless it reads as a secret."""
    text = str(value)
    if reads_as_secret(text):
        return f"length {len(text)}, not shown"
    if type(value) is not str:
        return text[:MAX_TEXT]
    return repr(text[:MAX_TEXT]) + (f"... length {len(text)}" if len(text) > MAX_TEXT else "")


def is_library_scalar(value: Any) -> bool:
    """Whether it is one of numpy's or pandas' compiled scalars, with no time zone class of the user's in it."""
    kind = type(value)
    package = module_name(kind).partition(".")[0]
    if package == "numpy":
        return is_genuine(kind) and name_of(kind).rstrip("0123456789_") in NUMPY_SCALARS
    if package != "pandas":
        return False
    if name_of(kind) in ("Timestamp", "Timedelta") and is_genuine(kind):
        zone = getattr(value, "tzinfo", None)
        return module_name(type(zone)).partition(".")[0] in TIME_ZONES
    library = MODULE_DICT(sys.modules["pandas"])
    return value is library.get("NaT") or value is library.get("NA")
