"""Seal: tells whether the functions that the judge relies on are still those that it began with."""

from __future__ import annotations

import sys
import types
from collections.abc import Iterator, Mapping
from typing import Any

_OF_PYTHON = "builtins contextlib copy dataclasses io json os pathlib posixpath random re signal types typing"
_WATCHED = {*_OF_PYTHON.split(), "numpy", "pandas", __name__.partition(".")[0]}
_DESCRIPTORS = (classmethod, staticmethod, property)


class Seal:
    """The functions, methods and classes of the watched packages as they are now. What is imported later is not watched."""

    def __init__(self) -> None:
        self._found = dict(_found())

    def broken(self) -> str:
        """Name one that is not what it was, by its module; empty: there is none."""
        now = dict(_found())
        return next((name for name, value in self._found.items() if now.get(name) is not value), "")


def _found() -> Iterator[tuple[str, Any]]:
    for module, found in list(sys.modules.items()):
        if isinstance(found, types.ModuleType) and module.partition(".")[0] in _WATCHED:
            yield from _members(module, vars(found))


def _members(owner: str, members: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """Give what stands in a module or in a class of it, with what the class inherits; a function with its code."""
    for name, value in list(members.items()):
        if isinstance(value, types.MethodType) or not (callable(value) or isinstance(value, _DESCRIPTORS)):
            continue  # the kernel makes `input` a method, anew for each cell
        place = f"{owner}.{name}"
        yield place, value
        if isinstance(value, types.FunctionType):
            yield f"{place}.__code__", value.__code__
        elif isinstance(value, type) and value.__module__ == owner:
            yield from _members(place, {key: each for base in reversed(value.__mro__) for key, each in vars(base).items()})
