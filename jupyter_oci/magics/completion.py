"""What Tab offers after `%oci`."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from .command import OPTIONS, SUBCOMMANDS


def completions(text: str, symbol: str, model_names: Callable[[], Iterable[str]]) -> list[str]:
    """Give what may stand for `symbol`, the last word of `text` (the line up to the cursor)."""
    words = text[: len(text) - len(symbol)].split() if symbol else text.split()
    before = words[1:]
    if before[-1:] == ["--model"] or before == ["model"]:
        offered: Iterable[str] = model_names()
    elif not before:
        offered = (*SUBCOMMANDS, *OPTIONS)
    elif symbol.startswith("-") or before[-1].startswith("--no-run"):
        offered = OPTIONS
    else:
        offered = ()
    return [word for word in offered if word.startswith(symbol)]
