"""Runs inside the user's kernel: say what it holds, without calling a line of the user's code.

The source of this file is sent to the kernel, so it needs nothing but the standard library (and uses pandas, numpy or torch
only where the user has loaded them). Only exact types are looked into; what is read of them is read through C-level slots.
"""

from __future__ import annotations

import json
import re
import sys
import threading
import time
import types
from collections.abc import Callable
from itertools import islice
from typing import Any

MAX_NAMES = 60
MAX_COLUMNS = 30
MAX_TEXT = 40
MAX_LEVELS = 3
MAX_SUMMARY = 1500
NUM_SAMPLES = 3
NUM_LOOKED_AT = 200
MAX_FORMS = 6
DAY_AND_MONTH = re.compile(r"\d{1,2}([./-])\d{1,2}\1\d{4}$")
OWN_NAMES = frozenset({"In", "Out", "exit", "quit", "get_ipython", "open"})
SECRETS = ("key", "token", "passw", "secret", "credential")

NUMPY_SCALARS = frozenset({"bool", "int", "uint", "float", "complex", "str", "datetime", "timedelta", "longlong", "ulonglong"})
TIME_ZONES = frozenset({"builtins", "datetime", "zoneinfo", "pytz", "dateutil"})

NAME_OF = type.__dict__["__name__"].__get__
MODULE_OF = type.__dict__["__module__"].__get__
BASES_OF = type.__dict__["__mro__"].__get__
CLASS_DICT = type.__dict__["__dict__"].__get__
MODULE_DICT: Any = vars(types.ModuleType)["__dict__"].__get__


class QuietEvents:
    """Stands in for the shell's events until our own request has passed.

    Hooks that run after a cell are for the user's cells: matplotlib's would show and close a figure half drawn.
    """

    def __init__(self, shell: Any) -> None:
        self._shell = shell
        self._events = shell.events
        self._thread = threading.get_ident()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._events, name)

    def trigger(self, event: str, *args: Any, **kwargs: Any) -> None:
        """Run the hooks of other threads' cells, and none of ours."""
        if threading.get_ident() != self._thread:
            self._events.trigger(event, *args, **kwargs)
        elif event == "post_execute":
            self._shell.events = self._events


def current_shell() -> Any:
    """Give the IPython shell; the user may have given the name `get_ipython` to something else."""
    return sys.modules["IPython"].get_ipython()


def skip_hooks() -> None:
    """Keep hooks from running after this very request."""
    shell = current_shell()
    shell.events = QuietEvents(shell)


def answer(seconds: float) -> str:
    """Give [[name, type, summary], ...] as JSON, newest first, as far as the time goes."""
    deadline = time.monotonic() + seconds
    shell = current_shell()
    hidden = shell.user_ns_hidden
    found: list[list[str]] = []
    for name, value in reversed(list(shell.user_ns.items())):
        if len(found) >= MAX_NAMES or time.monotonic() > deadline:
            break
        if type(name) is str and is_users(name, value, hidden):
            found.append([name[:200], type_name(value), summary(name, value)[:MAX_SUMMARY]])
    return json.dumps(found)


def is_users(name: str, value: Any, hidden: dict[str, Any]) -> bool:
    """Whether the user made it, not the kernel's start."""
    if name.startswith("_") or name in OWN_NAMES:
        return False
    return name not in hidden or hidden[name] is not value


def type_name(value: Any) -> str:
    """Read the type's name past a metaclass that has its own idea of it."""
    return str(NAME_OF(type(value)))[:100]


def module_name(kind: type) -> str:
    """Read the type's module, which a class body may have set to anything."""
    module = MODULE_OF(kind)
    return module if type(module) is str else ""


def summary(name: str, value: Any) -> str:
    """Describe it, or say nothing."""
    try:
        is_text = type(value) in (str, bytes) or (issubclass(type(value), str) and is_library_scalar(value))
        if is_text and any(word in name.lower() for word in SECRETS):
            return f"length {len(value)}, not shown"
        return describe(value)
    except Exception:  # the user's thread may change it under our eyes, a library may name things otherwise
        return ""


def describe(value: Any) -> str:
    """Describe what is known by its exact type; of the rest, say where its type is from."""
    kind = type(value)
    if kind in SCALARS or is_library_scalar(value):
        return scalar(value)
    if kind in CONTAINERS:
        return CONTAINERS[kind](value)
    if issubclass(kind, type):
        return describe_class(value)
    if issubclass(kind, types.ModuleType):
        return str_or_empty(MODULE_DICT(value).get("__name__"))
    known = LIBRARY.get((module_name(kind).partition(".")[0], NAME_OF(kind)))
    if known is not None and is_genuine(kind):
        return known(value)
    return module_name(kind) if module_name(kind) not in ("builtins", "__main__") else ""


def str_or_empty(value: Any) -> str:
    """Pass a real string."""
    return value if type(value) is str else ""


def is_genuine(kind: type) -> bool:
    """Tell the class that the loaded library itself offers by that name, from one that only looks like it."""
    library = sys.modules.get(module_name(kind).partition(".")[0])
    return type(library) is types.ModuleType and MODULE_DICT(library).get(NAME_OF(kind)) is kind


def scalar(value: Any) -> str:
    """Show a value whose `repr` is known to be harmless; of any other, its type."""
    kind = type(value)
    if kind is str:
        return repr(value[:MAX_TEXT]) + (f"... length {len(value)}" if len(value) > MAX_TEXT else "")
    if kind is bytes:
        return f"length {len(value)}"
    if kind is int and value.bit_length() > 200:
        return f"{value.bit_length()} bits"
    if kind in SCALARS:
        return repr(value)
    return str(value)[:MAX_TEXT] if is_library_scalar(value) else f"<{type_name(value)}>"


def is_library_scalar(value: Any) -> bool:
    """Whether it is one of numpy's or pandas' compiled scalars, with no time zone class of the user's in it."""
    kind = type(value)
    package = module_name(kind).partition(".")[0]
    if package == "numpy":
        return is_genuine(kind) and NAME_OF(kind).rstrip("0123456789_") in NUMPY_SCALARS
    if package != "pandas":
        return False
    if NAME_OF(kind) in ("Timestamp", "Timedelta") and is_genuine(kind):
        zone = getattr(value, "tzinfo", None)
        return module_name(type(zone)).partition(".")[0] in TIME_ZONES
    library = MODULE_DICT(sys.modules["pandas"])
    return value is library.get("NaT") or value is library.get("NA")


def describe_sequence(value: Any) -> str:
    """Length, types of the first items, the first values, or the keys of the first record."""
    kinds = dict.fromkeys(type_name(item) for item in islice(value, 10))
    first = list(islice(value, NUM_SAMPLES))
    text = f"length {len(value)}" + (f" of {' | '.join(kinds)}" if kinds else "")
    if first and type(first[0]) is dict and first[0]:
        return f"{text}, the first {keys_of(first[0])}"
    if not first or any(type(item) not in SCALARS for item in first):
        return text
    return f"{text}: {', '.join(map(scalar, first))}{', ...' if len(value) > NUM_SAMPLES else ''}"


def keys_of(value: dict[Any, Any], level: int = 1) -> str:
    """Write the first keys and the types of their values; of dicts in it, and of lists of them, the keys of those."""
    most = 10 if level == 1 else 6
    items = [f"{scalar(key)}: {nested(item, level)}" for key, item in islice(value.items(), most)]
    return f"{{{', '.join(items)}{', ...' if len(value) > most else ''}}}"


def nested(value: Any, level: int) -> str:
    """Write a dict in a dict, or the list of them, as far down as is said; of anything else its type."""
    if type(value) is dict and value and level < MAX_LEVELS:
        return keys_of(value, level + 1)
    if type(value) is list and value and type(value[0]) is dict:
        return f"[{nested(value[0], level)}{', ...' if len(value) > 1 else ''}]"
    return type_name(value)


def describe_function(value: types.FunctionType) -> str:
    """Write the signature from the code object: `inspect` follows attributes that the user can set."""
    code, defaults = value.__code__, value.__defaults__ or ()
    names = list(code.co_varnames[: code.co_argcount])
    first_default = len(names) - len(defaults)
    parts = [
        name if place < first_default else f"{name}={scalar(defaults[place - first_default])}" for place, name in enumerate(names)
    ]
    parts += star_parts(code, value.__kwdefaults__ or {})
    doc = value.__doc__
    first_line = doc.strip().partition("\n")[0][:100] if type(doc) is str else ""
    return f"({', '.join(parts)})" + (f" {first_line}" if first_line else "")


def star_parts(code: types.CodeType, defaults: dict[str, Any]) -> list[str]:
    """Write `*args`, the keyword-only names and `**kwargs`, whose names follow those in `co_varnames`."""
    end = code.co_argcount + code.co_kwonlyargcount
    rest = list(code.co_varnames[end:])
    parts = [f"*{rest.pop(0)}"] if code.co_flags & 4 else (["*"] if code.co_kwonlyargcount else [])
    for name in code.co_varnames[code.co_argcount : end]:
        parts.append(f"{name}={scalar(defaults[name])}" if name in defaults else name)
    return parts + ([f"**{rest.pop(0)}"] if code.co_flags & 8 else [])


def describe_class(value: type) -> str:
    """Bases, public methods, the signature of `__init__`."""
    members = CLASS_DICT(value)
    names = [name for name, item in members.items() if type(item) is types.FunctionType and not name.startswith("_")]
    bases = [NAME_OF(base) for base in BASES_OF(value)[1:-1]]
    init = members.get("__init__")
    signature = describe_function(init) if type(init) is types.FunctionType else ""
    parts = [f"class {NAME_OF(value)}{signature}"]
    parts += [f"extends {', '.join(bases[:3])}"] if bases else []
    parts += [f"methods {', '.join(names[:12])}"] if names else []
    return "; ".join(parts)


def describe_array(value: Any) -> str:
    """Shape and dtype."""
    return f"shape {value.shape}, dtype {str(value.dtype)[:200]}"


def describe_tensor(value: Any) -> str:
    """Shape, dtype, device."""
    return f"shape {tuple(value.shape)}, dtype {value.dtype}, device {value.device}"


def describe_frame(value: Any) -> str:
    """Shape and columns; an extension array of the user's own in it is not asked anything."""
    num_rows, num_columns = len(value.index), len(value.columns)
    head = f"{num_rows} rows x {num_columns} columns"
    if not all_known(value):
        return head
    columns = [describe_column(value, place) for place in range(min(num_columns, MAX_COLUMNS))]
    more = f"; ... {num_columns - MAX_COLUMNS} more" if num_columns > MAX_COLUMNS else ""
    return f"{head}: {'; '.join(columns)}{more}"


def describe_column(frame: Any, place: int) -> str:
    """Label, dtype and some values."""
    column = frame.iloc[:NUM_LOOKED_AT, place]
    return f"{label(frame.columns[place])} {column.dtype} ({samples(column)})"


def describe_series(value: Any) -> str:
    """Length, name, dtype and the first values."""
    head = f"length {len(value.index)}"
    if not all_known(value):
        return head
    return f"{head}, name {label(value.name)}, dtype {value.dtype} ({samples(value.iloc[:NUM_LOOKED_AT])})"


def all_known(value: Any) -> bool:
    """Whether pandas and numpy alone hold the values and the labels."""
    holders = [block.values for block in value._mgr.blocks] + list(value._mgr.axes)
    return all(module_name(type(holder)).partition(".")[0] in ("numpy", "pandas") for holder in holders)


def samples(column: Any) -> str:
    """Show the first values of a column that is known to be pandas' own; of text in few forms one of each form is among them."""
    forms = one_of_each_form(column.array) if str(column.dtype) in ("object", "str", "string") else {}
    telling = list(forms.values())[: NUM_SAMPLES + 1] if 1 < len(forms) <= MAX_FORMS else []
    first = [item for item in column.iloc[:NUM_SAMPLES].array if type(item) is not str or item not in telling]
    return ", ".join(map(scalar, [*telling, *first][: max(NUM_SAMPLES, len(telling))]))


def one_of_each_form(values: Any) -> dict[str, str]:
    """Map each form of the texts, in which letters and digits are alike, to one; of days and months to that with the latest."""
    forms: dict[str, str] = {}
    for text in (value for value in values if type(value) is str):
        form = re.sub(r"[^\W\d_]+", "a", re.sub(r"\d+", "0", text[:MAX_TEXT]))
        known = forms.setdefault(form, text)
        if DAY_AND_MONTH.match(text) and text.split(form[1])[0].zfill(2) > known.split(form[1])[0].zfill(2):
            forms[form] = text
    return forms


def label(value: Any) -> str:
    """Show a column's label as it is written; a tuple of them for a MultiIndex."""
    if type(value) is tuple:
        return f"({', '.join(label(item) for item in value)})"
    return value[:MAX_TEXT] if type(value) is str else scalar(value)


SCALARS = frozenset({int, float, complex, bool, str, bytes, type(None)})
CONTAINERS: dict[type, Callable[[Any], str]] = {
    **dict.fromkeys((list, tuple, set, frozenset), describe_sequence),
    dict: lambda value: f"length {len(value)} {keys_of(value)}",
    types.FunctionType: describe_function,
}
INDEXES = (("pandas", "Index"), ("pandas", "RangeIndex"), ("pandas", "DatetimeIndex"))
LIBRARY: dict[tuple[str, str], Callable[[Any], str]] = {
    ("numpy", "ndarray"): describe_array,
    ("pandas", "DataFrame"): describe_frame,
    ("pandas", "Series"): describe_series,
    **dict.fromkeys(INDEXES, lambda value: f"length {len(value)}, dtype {value.dtype}"),
    ("torch", "Tensor"): describe_tensor,
}
