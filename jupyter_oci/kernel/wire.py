"""Message contents as they come over the wire: what cannot be encoded again, and what is too large to unpack."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

LONGEST_ESCAPE = 12
"""Characters of an escaped surrogate pair in JSON."""


def clean(content: dict[str, Any], packed: bytes) -> dict[str, Any]:
    """Replace lone surrogates by U+FFFD: they cannot be encoded on the way to the page. Looked for only where an escape is."""
    return _clean(content) if b"\\ud" in packed.lower() else content


def _clean(value: Any) -> Any:
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode()
    if isinstance(value, dict):
        return {_clean(key): _clean(item) for key, item in value.items()}
    return [_clean(item) for item in value] if isinstance(value, list) else value


def stream_ends(packed: bytes, size: int) -> dict[str, Any] | None:
    """Read the first and the last `size` bytes of a packed stream message; None where the text is not its last field.

    Unpacking 100 MB would hold the interpreter for a good part of a second.
    """
    head = _first_that_parses(packed[:size].decode("utf-8", "ignore"), lambda text, cut: text[: len(text) - cut] + '"}')
    tail = _first_that_parses(packed[-size:].decode("utf-8", "ignore"), lambda text, cut: '{"text": "' + text[cut:])
    if head is None or not isinstance(head.get("text"), str) or not isinstance(head.get("name"), str):
        return None
    end = tail["text"] if tail is not None else ""
    return {"name": head["name"], "text": _clean(f"{head['text']}\n[...]\n{end}")}


def _first_that_parses(text: str, complete: Callable[[str, int], str]) -> dict[str, Any] | None:
    """Complete a cut JSON object, leaving out as many characters at the cut as an escape may have."""
    for cut in range(LONGEST_ESCAPE):
        try:
            content = json.loads(complete(text, cut))
        except ValueError:
            continue
        return content if isinstance(content, dict) else None
    return None
