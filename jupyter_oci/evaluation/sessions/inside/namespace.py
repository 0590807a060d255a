"""The user's variables as a whole: copy them, see what became of them, put them back."""

from __future__ import annotations

import copy
import io
import re
import types
from collections.abc import Collection, Mapping, MutableMapping
from typing import Any, Literal

from .matching import Rules, matches

Change = Literal["added", "updated", "deleted"]
Names = Mapping[str, Any]

_SHARED = (types.ModuleType, types.FunctionType, types.BuiltinFunctionType, type, io.IOBase)
"""What a copy holds as it is."""
_HISTORY = re.compile(r"_(i*|\d+|i\d+|_+)|_[iod]h|__warningregistry__")
"""The names under which IPython keeps inputs and outputs."""


def users_names(namespace: Names, hidden: Collection[str]) -> dict[str, Any]:
    """Give what is the user's own in a kernel's namespace."""
    return {name: value for name, value in namespace.items() if name not in hidden and not _HISTORY.fullmatch(name)}


def copied(names: Names) -> dict[str, Any]:
    """Copy every value, deep; one that goes under two names goes under both names of the copy, too."""
    memo: dict[int, Any] = {}
    return {name: _copied(value, memo) for name, value in names.items()}


def put_back(namespace: MutableMapping[str, Any], names: Names, hidden: Collection[str]) -> None:
    """Have the namespace hold these names, and no others of the user's."""
    for name in users_names(namespace, hidden):
        del namespace[name]
    namespace.update(names)


def changes(before: Names, ids: Mapping[str, int], now: Names) -> dict[str, Change]:
    """Say what became of each name that is no longer what it was. `before` is a copy, `ids` are of what it was made of.

    A name that holds another object now is updated, even if the two are equal; so is one whose value cannot be compared.
    """
    found: dict[str, Change] = {name: "added" for name in now if name not in before}
    found |= {name: "deleted" for name in before if name not in now}
    for name in before.keys() & now.keys():
        if id(now[name]) != ids[name] or not _is_same(before[name], now[name]):
            found[name] = "updated"
    return found


def _is_same(before: Any, now: Any) -> bool:
    try:
        return matches(before, now, Rules()) is None
    except Exception:  # noqa: BLE001, RUF100 - whatever the values' own classes raise
        return False


def _copied(value: Any, memo: dict[int, Any]) -> Any:
    if isinstance(value, _SHARED):
        return value
    try:
        return copy.deepcopy(value, memo)
    except Exception:  # noqa: BLE001, RUF100 - whatever the value's own class raises: it is shared instead
        return value
