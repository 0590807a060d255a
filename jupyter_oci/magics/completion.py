"""What Tab offers after `%oci`."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from IPython.core.completer import SimpleCompletion

from .command import OPTIONS, SUBCOMMANDS

_LINE = re.compile(r"\s*%%?oci(?P<before>(?:\s+\S+)*)\s+(?P<word>\S*)$")


def completions(line: str, model_names: Callable[[], Iterable[str]]) -> dict[str, Any]:
    """Offer what may stand at the end of a line (up to the cursor), in the form of IPython's matchers."""
    match = _LINE.match(line)
    offered = _offered(match["before"].split(), match["word"], model_names) if match else ()
    found = [SimpleCompletion(word, type="magic") for word in offered if match and word.startswith(match["word"])]
    return {"completions": found, "matched_fragment": match["word"] if match else "", "suppress": bool(found), "ordered": True}


def _offered(before: Sequence[str], word: str, model_names: Callable[[], Iterable[str]]) -> Iterable[str]:
    """Give what may follow the words `before`."""
    if list(before) == ["model"] or before[-1:] == ["--model"]:
        return model_names()
    if not before:
        return (*SUBCOMMANDS, *OPTIONS)
    return OPTIONS if word.startswith("-") else ()
