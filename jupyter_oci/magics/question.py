"""A prompt that ends with a question mark, which IPython would take for a question about its last word."""

from __future__ import annotations

import re
from collections.abc import Sequence

_QUOTES = re.compile(r"\"{3}|'{3}")
_QUESTION = re.compile(r"%oci\s+(?P<prompt>.*\?)\s*")


def asked(lines: Sequence[str]) -> list[str]:
    """Write such a line magic as the call that it stands for; `%oci?` alone asks for the help on it."""
    if lines and lines[0].startswith("%%"):
        return list(lines)
    return [line if _in_text(lines[:number]) else _as_call(line) for number, line in enumerate(lines)]


def _in_text(before: Sequence[str]) -> bool:
    """Whether a text of several lines is open."""
    return len(_QUOTES.findall("".join(before))) % 2 == 1


def _as_call(line: str) -> str:
    match = _QUESTION.fullmatch(line)
    return f"get_ipython().run_line_magic('oci', {match['prompt']!r})\n" if match else line
