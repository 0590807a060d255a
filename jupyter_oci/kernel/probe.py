"""Runs inside the user's kernel: say what it holds, without calling a line of the user's code.

The source of this file is sent to the kernel, so it needs nothing but the standard library (and uses pandas, numpy or torch
only where the user has loaded them). Only exact types are looked into; what is read of them is read through C-level slots.
"""

from __future__ import annotations

import json
import re
import time
import types
from collections.abc import Callable
from itertools import islice
from typing import Any

from .hooks import current_shell
from .scalars import (
    BASES_OF,
    CLASS_DICT,
    MODULE_DICT,
    SCALARS,
    is_genuine,
    is_library_scalar,
    module_name,
    name_of,
    scalar,
    str_or_empty,
    type_name,
)
from .secret import may_be_key, may_be_secret, reads_as_key, reads_as_secret
from .tables import LIBRARY, NUM_SAMPLES, TABLES, words_of

MAX_DESCRIBED = 60
SEQUENCES = (list, tuple, set, frozenset)
MAX_LEVELS = 3
MAX_SUMMARY = 10_000
NAME = re.compile(r"[^\W\d]\w*")
OWN_NAMES = frozenset({"In", "Out", "exit", "quit", "get_ipython", "open"})


def answer(seconds: float, about: str = "") -> str:
    """Give [[name, type, summary], ...] of all that the user made as JSON, newest first.

    Summaries come as far as the time goes: of names in the text `about`, then of what a library's own description is for, then
    of the newest. Of wide tables they tell the columns first that `about` names. In what is left of half the time the values of
    tables are counted.
    """
    begun = time.monotonic()
    deadline = begun + seconds
    shell, named, words = current_shell(), frozenset(NAME.findall(about)), words_of(about)
    items = [(name, value) for name, value in reversed(list(shell.user_ns.items())) if type(name) is str]
    held = [(name, value) for name, value in items if is_users(name, value, shell.user_ns_hidden)]
    told = [[name[:200], type_name(value), ""] for name, value in held]
    first = sorted(range(len(held)), key=lambda place: (held[place][0] not in named, not in_library(held[place][1])))
    for place in first[:MAX_DESCRIBED]:
        if time.monotonic() > deadline:
            break
        told[place][2] = summary(*held[place], words)[:MAX_SUMMARY]
    for place in first[:MAX_DESCRIBED]:
        if time.monotonic() > begun + seconds / 2:
            break
        if known_as(type(held[place][1])) in TABLES:
            told[place][2] = summary(*held[place], words, counts=True)[:MAX_SUMMARY] or told[place][2]
    return json.dumps(told)


def in_library(value: Any) -> bool:
    """Whether it is called as one of the kinds that a library's own description is for."""
    return known_as(type(value)) in TABLES or known_as(type(value)) in LIBRARY


def is_users(name: str, value: Any, hidden: dict[str, Any]) -> bool:
    """Whether the user made it, not the kernel's start."""
    if name.startswith("_") or name in OWN_NAMES:
        return False
    return name not in hidden or hidden[name] is not value


def summary(name: str, value: Any, words: frozenset[str] = frozenset(), *, counts: bool = False) -> str:
    """Describe it, or say nothing."""
    try:
        return not_shown(value) if is_hidden(name, value) else describe(value, words, counts)
    except Exception:  # the user's thread may change it under our eyes, a library may name things otherwise
        return ""


def not_shown(value: Any) -> str:
    """Say so, and its length if it has one."""
    return "not shown" if type(value) is int else f"length {len(value)}, not shown"


def is_hidden(name: str, value: Any) -> bool:
    """Whether it may be a secret by its name; several keys or tokens are one only where they are written as such."""
    kind = type(value)
    if kind in SEQUENCES:
        first = (item for item in islice(value, NUM_SAMPLES) if type(item) is str)
        return may_be_secret(name) or (may_be_key(name) and any(reads_as_key(item) or reads_as_secret(item) for item in first))
    is_text = kind in (str, bytes) or (issubclass(kind, str) and is_library_scalar(value))
    return (may_be_secret(name) and (is_text or kind is int)) or (is_text and may_be_key(name))


def describe(value: Any, words: frozenset[str], counts: bool) -> str:
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
    known = describer(kind, words, counts)
    if known is not None and is_genuine(kind):
        return known(value)
    return module_name(kind) if module_name(kind) not in ("builtins", "__main__") else ""


def describer(kind: type, words: frozenset[str], counts: bool) -> Callable[[Any], str] | None:
    """Give a library's own description of a kind by its name; that of tables tells columns in `words` first."""
    known = known_as(kind)
    return (lambda value: TABLES[known](value, words, counts)) if known in TABLES else LIBRARY.get(known)


def known_as(kind: type) -> tuple[str, str]:
    """Give the library and the name of a type."""
    return module_name(kind).partition(".")[0], name_of(kind)


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
        name if place < first_default else default(name, defaults[place - first_default]) for place, name in enumerate(names)
    ]
    parts += star_parts(code, value.__kwdefaults__ or {})
    doc = value.__doc__
    first_line = doc.strip().partition("\n")[0][:100] if type(doc) is str else ""
    return f"({', '.join(parts)})" + (f" {first_line}" if first_line else "")


def default(name: str, value: Any) -> str:
    """Write a parameter with its default."""
    return f"{name}=..." if is_hidden(name, value) else f"{name}={scalar(value)}"


def star_parts(code: types.CodeType, defaults: dict[str, Any]) -> list[str]:
    """Write `*args`, the keyword-only names and `**kwargs`, whose names follow those in `co_varnames`."""
    end = code.co_argcount + code.co_kwonlyargcount
    rest = list(code.co_varnames[end:])
    parts = [f"*{rest.pop(0)}"] if code.co_flags & 4 else (["*"] if code.co_kwonlyargcount else [])
    for name in code.co_varnames[code.co_argcount : end]:
        parts.append(default(name, defaults[name]) if name in defaults else name)
    return parts + ([f"**{rest.pop(0)}"] if code.co_flags & 8 else [])


def describe_class(value: type) -> str:
    """Bases, public methods, the signature of `__init__`."""
    members = CLASS_DICT(value)
    names = [name for name, item in members.items() if type(item) is types.FunctionType and not name.startswith("_")]
    bases = [name_of(base) for base in BASES_OF(value)[1:-1]]
    init = members.get("__init__")
    signature = describe_function(init) if type(init) is types.FunctionType else ""
    parts = [f"class {name_of(value)}{signature}"]
    parts += [f"extends {', '.join(bases[:3])}"] if bases else []
    parts += [f"methods {', '.join(names[:12])}"] if names else []
    return "; ".join(parts)


CONTAINERS: dict[type, Callable[[Any], str]] = {
    **dict.fromkeys(SEQUENCES, describe_sequence),
    dict: lambda value: f"length {len(value)} {keys_of(value)}",
    types.FunctionType: describe_function,
}
