"""Run the program under test, over the line."""

from __future__ import annotations

from .remote import Line, Raised
from .verdict import Verdict


def run_program(program: str, line: Line, seconds: float) -> dict[str, str] | Verdict:
    """Give the names that the program leaves, each with the module it names ("": none); a verdict when it raises."""
    names = line.ask("run", program, seconds=seconds)
    if isinstance(names, Raised):
        return names.verdict()
    if not isinstance(names, dict) or not all(isinstance(part, str) for pair in names.items() for part in pair):
        return Verdict("died", "The process that ran the code gave no readable answer.")
    return names
