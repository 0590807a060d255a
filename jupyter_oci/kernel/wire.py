"""Message contents as they come over the wire: what cannot be encoded again, and what is too large to unpack."""

from __future__ import annotations

import json
import re
from typing import Any

LONGEST_ESCAPE = 6
NO_ESCAPE = re.compile(r"[^\\]{5}")
"""After so many characters without a backslash, an escape that began before is over."""


def encodable(text: str) -> str:
    """Replace lone surrogates, which have no UTF-8, by U+FFFD."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def clean(content: dict[str, Any], packed: bytes) -> dict[str, Any]:
    """Replace lone surrogates by U+FFFD: they cannot be encoded on the way to the page. Looked for only where an escape is."""
    return _clean(content) if b"\\ud" in packed.lower() else content


def _clean(value: Any) -> Any:
    if isinstance(value, str):
        return encodable(value)
    if isinstance(value, dict):
        return {_clean(key): _clean(item) for key, item in value.items()}
    return [_clean(item) for item in value] if isinstance(value, list) else value


def stream_ends(packed: bytes, size: int) -> dict[str, Any] | None:
    """Read the first and the last `size` bytes of a packed stream message; None where the text is not its last field.

    Unpacking 100 MB would hold the interpreter for a good part of a second.
    """
    head = _head(packed[:size].decode("utf-8", "ignore"))
    if not isinstance(head.get("text"), str) or not isinstance(head.get("name"), str):
        return None
    end = _tail(packed[-size:].decode("utf-8", "ignore"))
    return {"name": head["name"], "text": _clean(f"{head['text']}\n[...]\n{end}")}


def _head(text: str) -> dict[str, Any]:
    """Complete the cut object, without the last few characters where they are a broken escape."""
    for cut in range(LONGEST_ESCAPE):
        try:
            content = json.loads(text[: len(text) - cut] + '"}')
        except ValueError:
            continue
        return content if isinstance(content, dict) else {}
    return {}


def _tail(text: str) -> str:
    """Read the end of a cut string from where no escape can be under way."""
    start = NO_ESCAPE.search(text)
    try:
        return str(json.loads('{"text": "' + text[start.end() :])["text"]) if start else ""
    except (ValueError, KeyError):
        return ""
