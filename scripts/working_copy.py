"""A copy of the demo that can be written into, so that the checkout stays clean."""

from __future__ import annotations

import shutil
from pathlib import Path

from stamps import ROOT


def working_copy(name: str = ".demo", *, afresh: bool = False) -> Path:
    """Give a folder with the demo's files; what was done in it before stays, unless it is wanted `afresh`."""
    folder = ROOT / name
    if afresh:
        shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True, exist_ok=True)
    for file in (ROOT / "demo").iterdir():
        if file.is_file() and not (folder / file.name).exists():
            shutil.copy(file, folder)
    return folder
