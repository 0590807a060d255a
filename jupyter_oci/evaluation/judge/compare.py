"""Whether an answer is the expected one, as evalplus saw it when the published table was made: equal, or numbers that are close.

The special oracles are those of evalplus for the problems whose canonical output is not the only right one.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from .verdict import Oracle

_RELATIVE = 1e-7
_FLOATS_AS = 1e-6
_WHOLE = (-(1 << 63), 1 << 64)


@dataclass(slots=True)
class Comparison:
    """Compares one answer after the other with what is expected.

    `atol` is an absolute tolerance; 0 is exact until floats are expected, from which on it is 1e-6 for all that follow.
    """

    atol: float
    oracle: Oracle = "equal"

    def agrees(self, answer: Any, expected: Any, arguments: Any) -> bool:
        """Tell whether `answer` to `arguments` passes.

        Raises:
            TypeError, ValueError, ArithmeticError: the answer cannot be compared, or the oracle cannot make sense of it.
        """
        if self.oracle == "root_of_tuple":
            return False
        if self.oracle == "root":
            return abs(_polynomial(arguments[0], answer)) <= self.atol
        if self.atol == 0 and _all_floats(expected):
            self.atol = _FLOATS_AS
        return self._exactly(answer, expected) or (self.atol != 0 and _close(answer, expected, self.atol))

    def _exactly(self, answer: Any, expected: Any) -> bool:
        if self.oracle == "is_given" and not isinstance(answer, bool):
            return bool(expected == (answer is not None))
        return bool(answer == expected) or self.oracle == "any" or (self.oracle == "or_zero" and bool(answer == 0))


def _polynomial(coefficients: list[Any], at: Any) -> float:
    return sum(float(coefficient) * math.pow(at, power) for power, coefficient in enumerate(coefficients))


def _all_floats(value: Any) -> bool:
    """Tell whether there is nothing but floats; of an empty list that holds too."""
    if isinstance(value, (list, tuple)):
        return all(isinstance(item, float) for item in value)
    return isinstance(value, float)


def _close(answer: Any, expected: Any, atol: float) -> bool:
    """Compare as `numpy.testing.assert_allclose` does: element by element, a number against a whole list too."""
    if isinstance(answer, (list, tuple)) and isinstance(expected, (list, tuple)):
        return len(answer) == len(expected) and all(_close(a, e, atol) for a, e in zip(answer, expected, strict=True))
    if isinstance(expected, (list, tuple)):
        return _is_number(answer) and all(_close(answer, e, atol) for e in expected)
    if isinstance(answer, (list, tuple)):
        return _is_number(expected) and all(_close(a, expected, atol) for a in answer)
    return _is_number(answer) and _is_number(expected) and _near(answer, expected, atol)


def _near(answer: complex, expected: complex, atol: float) -> bool:
    both_nan = answer != answer and expected != expected  # noqa: PLR0124 - a complex number has no isnan of its own
    finite = math.isfinite(abs(expected))
    return both_nan or answer == expected or (finite and abs(answer - expected) <= atol + _RELATIVE * abs(expected))


def _is_number(value: Any) -> bool:
    """Tell whether numpy has a number for it: of integers those of 64 bits."""
    if isinstance(value, int):
        return _WHOLE[0] <= value < _WHOLE[1]
    return isinstance(value, (float, complex))
