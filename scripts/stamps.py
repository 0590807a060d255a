"""Remember what a step was made from, so that a step whose inputs are the same is passed over."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
STAMPS = VENV / "stamps"


def digest(patterns: Iterable[str]) -> str:
    """Hash the names and the bytes of the files that fit the patterns (relative to the checkout)."""
    total = hashlib.sha256()
    for path in sorted({path for pattern in patterns for path in ROOT.glob(pattern) if path.is_file()}):
        total.update(f"{path.relative_to(ROOT)}\0".encode())
        total.update(hashlib.sha256(path.read_bytes()).digest())
    return total.hexdigest()


def is_current(name: str, value: str) -> bool:
    """Tell whether the step was last done with these inputs."""
    stamp = STAMPS / name
    return stamp.is_file() and stamp.read_text() == value


def keep(name: str, value: str) -> None:
    """Note that the step is done."""
    STAMPS.mkdir(parents=True, exist_ok=True)
    (STAMPS / name).write_text(value)
