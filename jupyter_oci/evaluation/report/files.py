"""The files of a report, beside the records that it is made of."""

from __future__ import annotations

from pathlib import Path

from ..record import Table
from .markdown import to_markdown

SUMMARY = "summary.md"


def write_report(folder: Path, table: Table) -> list[Path]:
    """Write the report into the folder; return the files."""
    summary = folder / SUMMARY
    summary.write_text(to_markdown(table), encoding="utf-8")
    return [summary]
