"""The page: one HTML file that needs nothing else, with each problem's rounds to read. It runs no script and loads nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from ..record import Record, Table

_TEMPLATE = "page.html.j2"


def to_page(table: Table, records: Sequence[Record], manifest: Mapping[str, Any], plot: str) -> str:
    """Write the page; `plot` is an SVG element of our own making, empty if there is none."""
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    page: str = environment.get_template(_TEMPLATE).render(
        table=table,
        problems=[_problem(record) for record in records],
        manifest=manifest,
        settings=_flat(manifest.get("settings", {})),
        plot=Markup(plot),  # noqa: S704 - drawn by matplotlib, which escapes its texts
    )
    return page


def _problem(record: Record) -> dict[str, Any]:
    return {
        "record": record,
        "passed": not record.failure,
        "tokens": sum(each.completion_tokens for each in record.rounds),
        "measures": {name: value for name, value in record.measures.items() if value not in ("", [], None)},
    }


def _flat(settings: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    """Give nested settings by dotted names."""
    flat: dict[str, Any] = {}
    for name, value in settings.items():
        flat |= _flat(value, f"{prefix}{name}.") if isinstance(value, Mapping) else {f"{prefix}{name}": value}
    return flat
