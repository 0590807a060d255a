"""A prompt that ends with a question mark, which IPython would take for a question about its last word."""

from __future__ import annotations

import re
from collections.abc import Sequence

from IPython.core.inputtransformer2 import TransformerManager

_QUESTION = re.compile(r"%oci\s+(?P<prompt>.*\?)\s*")


def asked(lines: Sequence[str]) -> list[str]:
    """Write such a line magic as the call that it stands for; `%oci?` alone asks for the help on it."""
    if lines and lines[0].startswith("%%"):
        return list(lines)
    return [_as_call(line, lines[:number]) for number, line in enumerate(lines)]


def _as_call(line: str, before: Sequence[str]) -> str:
    match = _QUESTION.fullmatch(line)
    if match is None or (before and TransformerManager().check_complete(f"{''.join(before)}\n\n")[0] == "incomplete"):
        return line  # within a text or brackets of several lines
    return f"get_ipython().run_line_magic('oci', {match['prompt']!r})\n"
