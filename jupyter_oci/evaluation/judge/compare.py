"""Whether an answer is the expected one, as evalplus sees it: equal, or numbers that are close.

The special oracles are those of evalplus for the problems whose canonical output is not the only right one.
"""

from __future__ import annotations

import math
from typing import Any

from .verdict import Oracle

_RELATIVE = 1e-7
_FLOATS_AS = 1e-6


def agrees(answer: Any, expected: Any, arguments: list[Any], atol: float, oracle: Oracle = "equal") -> bool:
    """Tell whether `answer` to `arguments` passes. `atol` is an absolute tolerance; 0 means exact, save for floats (1e-6).

    Raises:
        TypeError, ValueError, OverflowError: an oracle cannot make sense of the answer.
    """
    if oracle in ("root", "root_of_tuple"):
        return _is_root(answer, arguments, atol, starred=oracle == "root_of_tuple")
    if oracle == "is_given" and not isinstance(answer, bool):
        return bool(expected == (answer is not None))
    if answer == expected or oracle == "any" or (oracle == "or_zero" and answer == 0):
        return True
    tolerance = _FLOATS_AS if atol == 0 and _all_floats(expected) else atol
    return tolerance != 0 and _close(answer, expected, tolerance)


def _is_root(answer: Any, arguments: list[Any], atol: float, *, starred: bool) -> bool:
    """Tell whether the polynomial with the coefficients `arguments[0]` is zero at `answer`.

    `starred` is the published harness's mistake: it spreads the answer over the polynomial's parameters, so no number passes.
    """
    if starred:
        raise TypeError("Invalid output type, output must be an iterable.")
    value: float = sum(coefficient * math.pow(answer, power) for power, coefficient in enumerate(arguments[0]))
    return abs(value) <= atol


def _all_floats(value: Any) -> bool:
    if isinstance(value, (list, tuple)):
        return all(isinstance(item, float) for item in value)
    return isinstance(value, float)


def _close(answer: Any, expected: Any, atol: float) -> bool:
    """Compare as `numpy.testing.assert_allclose` does: element by element, a number against a whole list too."""
    if _is_number(answer) and _is_number(expected):
        same = answer == expected or (math.isnan(answer) and math.isnan(expected))
        return bool(same or abs(answer - expected) <= atol + _RELATIVE * abs(expected))
    if isinstance(answer, (list, tuple)) and isinstance(expected, (list, tuple)):
        return len(answer) == len(expected) and all(_close(a, e, atol) for a, e in zip(answer, expected, strict=True))
    if isinstance(expected, (list, tuple)):
        return bool(expected) and all(_close(answer, e, atol) for e in expected)
    if isinstance(answer, (list, tuple)):
        return bool(answer) and all(_close(a, expected, atol) for a in answer)
    return False


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float))
