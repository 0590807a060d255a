"""The files of a report, beside the records that it is made of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from ..data import INPUTS
from ..manifest import BEGAN, COMPUTED
from ..record import Record, Table
from .markdown import to_markdown
from .page import to_page
from .plot import draw, to_png, to_svg

SUMMARY = "summary.md"
PLOT = "plot.png"
PAGE = "report.html"
_OPTIONS = ("jobs", "device", "draft", "template", "kernel")
_DIGEST = 12


def titled(table: Table, manifest: Mapping[str, Any], part: str = "") -> Table:
    """Name in the title whose results they are, in notes what part of a suite, what they were computed in, what seconds are."""
    guide = f", guided by {manifest['guide']}" if "guide" in manifest else ""
    told = _listed(manifest.get(COMPUTED, {}))
    notes = [f"Part of the suite: {part}."] if part else []
    notes += [f"Computed in: {told}."] if told else []
    if manifest["jobs"] > 1:
        notes.append(f"Seconds are wall time of {manifest['jobs']} problems at a time: one alone takes less.")
    return replace(table, title=f"{table.title}, {manifest['model']}{guide}", notes=(*table.notes, *notes))


def write_report(folder: Path, table: Table, records: Sequence[Record], manifest: Mapping[str, Any]) -> list[Path]:
    """Write the report into the folder; return the files. There is a plot where matplotlib is."""
    figure = draw(records, table.title, manifest["jobs"])
    files = {
        SUMMARY: to_markdown(table, _made_of(manifest)).encode("utf-8", "replace"),
        PAGE: to_page(table, records, manifest, to_svg(figure) if figure is not None else "").encode("utf-8", "replace"),
    }
    if figure is not None:
        files[PLOT] = to_png(figure)
    for name, content in files.items():
        (folder / name).write_bytes(content)
    return [folder / name for name in files]


def _made_of(manifest: Mapping[str, Any]) -> str:
    """Say of which code, day, machine, options and data the results are, so that their summary needs nothing beside it."""
    settings = manifest["settings"]
    options = {"rounds": settings["max_rounds"], "seed": settings["sampling"]["seed"]}
    options |= {name: manifest[name] for name in _OPTIONS if name in manifest}
    data = {name: sha256[:_DIGEST] for name, sha256 in manifest["data"].items() if not name.startswith(INPUTS)}
    code = f"jupyter-oci {manifest['version']} of code {manifest['code_sha256'][:_DIGEST]}, {manifest[BEGAN]}"
    return f"{'; '.join([code, *map(_listed, (manifest['machine'], options, data))])}."


def _listed(values: Mapping[str, Any]) -> str:
    return ", ".join(f"{name} {value}" for name, value in values.items())
