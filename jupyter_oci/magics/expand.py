"""Put what the kernel holds into a prompt: `{name}`, `{In[3]}`, `{Out[3]}`, `{Err[3]}`."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from ..errors import ConfigError
from .past import Past

_MAX_CHARACTERS = 8000
_FIELD = r"(?P<{0}>(?P<{0}_name>[^\W\d]\w*)(?:\[(?P<{0}_number>\d+)\])?)"
_PLACE = re.compile(r"\{\{" + _FIELD.format("kept") + r"\}\}|\{" + _FIELD.format("field") + r"\}")
_LISTS = ("In", "Out", "Err")


def expand(prompt: str, names: Mapping[str, Any], past: Past, as_shown: Callable[[Any], str]) -> str:
    """Replace every field of the prompt. `as_shown` gives a value as a cell would show it.

    Raises:
        ConfigError: there is no such variable or cell; the message names it.
    """

    def value(match: re.Match[str]) -> str:
        if match["kept"]:
            return "{" + match["kept"] + "}"
        name, number = match["field_name"], match["field_number"]
        if number is None:
            return _variable(name, names, as_shown)
        return _cut(_of_cell(name, int(number), past, as_shown)) if name in _LISTS else match[0]

    return _PLACE.sub(value, prompt)


def _variable(name: str, names: Mapping[str, Any], as_shown: Callable[[Any], str]) -> str:
    if name not in names:
        raise ConfigError(f"There is no variable {name!r}. Write {{{{{name}}}}} if you mean the braces themselves.")
    value = names[name]
    return _cut(value if isinstance(value, str) else as_shown(value))


def _of_cell(kind: str, number: int, past: Past, as_shown: Callable[[Any], str]) -> str:
    if kind == "In" and (source := past.source(number)) is not None:
        return source
    if kind == "Err" and (error := past.error(number)) is not None:
        return error.text
    if kind == "Out":
        try:
            return as_shown(past.output(number))
        except KeyError:
            pass
    what = {"In": "cell", "Out": "result", "Err": "error"}[kind]
    raise ConfigError(f"There is no {what} {kind}[{number}].")


def _cut(text: str) -> str:
    if len(text) <= _MAX_CHARACTERS:
        return text
    half = _MAX_CHARACTERS // 2
    return f"{text[:half]}\n... ({len(text):,} characters, the middle left out) ...\n{text[-half:]}"
