"""The published table: per cent of problems passed, base and plus, as printed by its authors."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from .kinds import EXECUTION, FIRST, HUMAN, ORACLE

Row = tuple[str, Mapping[str, tuple[float, float]]]
"""The kind of feedback, and by suite the figures for its base and its plus tests."""


def _rows(figures: str) -> tuple[Row, ...]:
    """Read a model's rows, one a line: HumanEval, HumanEval+, MBPP, MBPP+."""
    lines = [[float(figure) for figure in line.split()] for line in figures.strip().splitlines()]
    kinds = (FIRST, EXECUTION, HUMAN, ORACLE)
    return tuple((kind, {"humaneval": (a, b), "mbpp": (c, d)}) for kind, (a, b, c, d) in zip(kinds, lines, strict=False))


PUBLISHED: Mapping[str, tuple[Row, ...]] = MappingProxyType(
    {
        "OpenCodeInterpreter-DS-1.3B": _rows("65.2 61.0 63.4 52.4\n65.2 62.2 65.2 55.6"),
        "OpenCodeInterpreter-DS-6.7B": _rows(
            "76.2 72.0 73.9 63.7\n81.1 78.7 82.7 72.4\n87.2 86.6 86.2 74.2\n89.7 86.6 87.2 75.2",
        ),
        "OpenCodeInterpreter-DS-33B": _rows(
            "79.3 74.3 78.7 66.4\n82.9 80.5 83.5 72.2\n88.4 86.0 87.5 75.9\n92.7 89.7 90.5 79.5",
        ),
        "OpenCodeInterpreter-CL-7B": _rows("72.6 67.7 66.4 55.4\n75.6 70.1 69.9 60.7"),
        "OpenCodeInterpreter-CL-13B": _rows("77.4 73.8 70.7 59.2\n81.1 76.8 78.2 67.2"),
        "OpenCodeInterpreter-CL-34B": _rows("78.0 72.6 73.4 61.4\n81.7 78.7 80.2 67.9"),
        "OpenCodeInterpreter-CL-70B": _rows("76.2 70.7 73.0 61.9\n79.9 77.4 81.5 69.9"),
        "OpenCodeInterpreter-GM-7B": _rows("56.1 50.0 39.8 34.6\n64.0 54.3 48.6 40.9"),
        "OpenCodeInterpreter-SC2-3B": _rows("65.2 57.9 62.7 52.9\n67.1 60.4 63.4 54.9"),
        "OpenCodeInterpreter-SC2-7B": _rows("73.8 68.9 61.7 51.1\n75.6 69.5 66.9 55.4"),
        "OpenCodeInterpreter-SC2-15B": _rows("75.6 69.5 71.2 61.2\n77.4 72.0 74.2 63.4"),
    }
)
