"""`jupyter oci doctor`: what works here, what is missing, and the cure."""

from __future__ import annotations

import argparse
import dataclasses
import json
from typing import Literal

from rich.console import Console
from rich.table import Table
from rich.text import Text

from . import model_options
from .checks import Check, findings_of

_MARKS: dict[Literal["ok", "warn", "fail"], tuple[str, str]] = {
    "ok": ("✓", "green"),
    "warn": ("!", "yellow"),
    "fail": ("✗", "bold red"),
}


def add_to(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add `doctor` to the command line."""
    parser = commands.add_parser("doctor", help="what works here, what is missing, and the cure")
    parser.add_argument("--json", action="store_true", help="print the findings as one JSON list")
    model_options.add_cache_dir(parser)
    parser.set_defaults(command=examine)


def examine(arguments: argparse.Namespace) -> int:
    """Print all findings; 1 if something essential does not work."""
    findings = list(findings_of(arguments.cache_dir))
    if arguments.json:
        print(json.dumps([dataclasses.asdict(finding) for finding in findings], indent=2))
    else:
        _print(findings)
    return 1 if any(finding.status == "fail" for finding in findings) else 0


def _print(findings: list[Check]) -> None:
    table = Table(box=None, show_header=False, pad_edge=False)
    for finding in findings:
        mark, style = _MARKS[finding.status]
        detail = Text(finding.detail)
        if finding.cure:
            detail.append(f"\n→ {finding.cure}", style=style)
        table.add_row(Text(mark, style=style), finding.name, detail)
    Console().print(table)
