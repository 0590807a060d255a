"""How the judge is spoken to inside a kernel: one expression a call, which leaves no name there."""

from __future__ import annotations

from pathlib import Path

_PACKAGES = Path(__file__).resolve().parents[3]
"""The folder that `jupyter_oci` is in: the kernel's Python may be another one, and not know it."""
_STAGE = "jupyter_oci.evaluation.sessions.inside.stage"


def call(function: str, *arguments: str) -> str:
    """Write the code that calls a function of the stage; its imports come from the kernel's own Python where it has them."""
    given = ", ".join(map(repr, arguments))
    load = f"(__import__('sys').path.append({str(_PACKAGES)!r}), __import__('importlib').import_module({_STAGE!r}))[1]"
    return f"({load}.{function}({given}), __import__('sys').path.pop())[0]"
