"""Values and frames between examiner and candidate: JSON lines, of which nothing can run code in the reader.

What is written are the built-in values alone, read past any override: an `int` of a class whose `__eq__` says yes to everything
arrives as a plain `int`. Anything else stays where it is and is named by a number.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection
from decimal import Decimal
from fractions import Fraction
from typing import Any

MAX_FRAME = 16 << 20
MAX_ITEMS = 4 << 20
_JSON_INT = 1 << 63

Keep = Callable[[object], int]
Fetch = Callable[[int], Any]

_CONTAINERS = (list, tuple, dict, set, frozenset)


class TooLargeError(MemoryError):
    """An answer has more than `MAX_ITEMS` items: it is not handed over."""


def check_size(value: object) -> None:
    """Refuse a value that is too large before any time is spent on it.

    Raises:
        TooLargeError: it is.
    """
    left = MAX_ITEMS
    waiting = [value]
    while waiting:
        held = _held(waiting.pop())
        left -= len(held)
        if left < 0:
            raise TooLargeError("The answer is too large.")
        waiting += [item for item in held if isinstance(item, _CONTAINERS)]


def _held(value: object) -> Collection[object]:
    if isinstance(value, dict):
        return [*value, *value.values()]
    return value if isinstance(value, _CONTAINERS) else ()


def encode(value: object, keep: Keep) -> Any:
    """Give `value` as JSON knows it; `keep` gives the number of a value that cannot travel.

    Raises:
        RecursionError: it is too deep, or holds itself.
    """
    if value is None or value is True or value is False:
        return value
    if isinstance(value, str):
        return str.__str__(value)
    if isinstance(value, int):
        whole = int.__int__(value)
        return whole if -_JSON_INT < whole < _JSON_INT else {"int": hex(whole)}
    if isinstance(value, float):
        return float.__float__(value)
    return _encode_other(value, keep)


def _encode_other(value: object, keep: Keep) -> Any:
    if isinstance(value, list):
        return [encode(item, keep) for item in list.__iter__(value)]
    if isinstance(value, tuple):
        return {"tuple": [encode(item, keep) for item in tuple.__iter__(value)]}
    if isinstance(value, dict):
        return {"dict": [[encode(key, keep), encode(item, keep)] for key, item in dict.items(value)]}
    return _encode_unordered(value, keep)


def _encode_unordered(value: object, keep: Keep) -> Any:
    if isinstance(value, set):
        return {"set": [encode(item, keep) for item in set.__iter__(value)]}
    if isinstance(value, frozenset):
        return {"frozenset": [encode(item, keep) for item in frozenset.__iter__(value)]}
    if isinstance(value, bytes):
        return {"bytes": bytes.hex(value)}
    if isinstance(value, bytearray):
        return {"bytearray": bytearray.hex(value)}
    if isinstance(value, complex):
        return {"complex": [value.real, value.imag]}
    return _encode_number(value, keep)


def _encode_number(value: object, keep: Keep) -> Any:
    """Give a number of numpy as Python's own, as it compares; number anything else."""
    if isinstance(value, Decimal):
        return {"decimal": Decimal.__str__(value)}
    if isinstance(value, Fraction):
        return {"fraction": [encode(value.numerator, keep), encode(value.denominator, keep)]}
    if type(value).__module__ == "numpy" and hasattr(value, "item") and getattr(value, "shape", None) == ():
        plain = value.item()
        if isinstance(plain, (bool, int, float, complex)):
            return encode(plain, keep)
    return {"kept": keep(value)}


_READERS: dict[str, Callable[[Any, Fetch], Any]] = {
    "int": lambda body, _: int(body, 16),
    "tuple": lambda body, fetch: tuple(decode(item, fetch) for item in body),
    "dict": lambda body, fetch: {decode(key, fetch): decode(item, fetch) for key, item in body},
    "set": lambda body, fetch: {decode(item, fetch) for item in body},
    "frozenset": lambda body, fetch: frozenset(decode(item, fetch) for item in body),
    "bytes": lambda body, _: bytes.fromhex(body),
    "bytearray": lambda body, _: bytearray.fromhex(body),
    "complex": lambda body, _: complex(*body),
    "decimal": lambda body, _: Decimal(body),
    "fraction": lambda body, fetch: Fraction(*(decode(part, fetch) for part in body)),
    "kept": lambda body, fetch: fetch(int(body)),
}


def decode(body: Any, fetch: Fetch) -> Any:
    """Give the value that `encode` was given; `fetch` gives what stands for a numbered one.

    Raises:
        ValueError, TypeError, LookupError, ArithmeticError, RecursionError: it is not of `encode`'s making.
    """
    if isinstance(body, list):
        return [decode(item, fetch) for item in body]
    if isinstance(body, dict):
        ((tag, content),) = body.items()
        return _READERS[tag](content, fetch)
    return body


def to_line(frame: dict[str, Any]) -> bytes:
    """Write a frame as one line."""
    return json.dumps(frame, separators=(",", ":")).encode() + b"\n"


def from_line(line: bytes) -> dict[str, Any]:
    """Read a frame.

    Raises:
        ValueError: it is none.
    """
    frame = json.loads(line)
    if not isinstance(frame, dict):
        raise ValueError("a frame is a JSON object")
    return frame
