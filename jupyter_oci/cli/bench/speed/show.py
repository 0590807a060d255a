"""Print a comparison as a table that can be pasted into a document."""

from __future__ import annotations

from rich import box
from rich.console import Console
from rich.table import Table

from .engines import LOOKUP, PEER
from .measure import Comparison
from .row import Row

_HINT = (
    "Ours alone. To compare, install llama-cpp-python in an environment of its own and name its interpreter: "
    "`python -m venv peer && peer/bin/pip install llama-cpp-python`, then `--peer-python peer/bin/python`."
)


def show(comparison: Comparison) -> None:
    """Print what was compared, the table, what ours missed, and whether drafts changed a reply."""
    titles, console = comparison.titles, Console(width=160, highlight=False)
    console.print(", ".join(f"{name} {fact}" for name, fact in comparison.facts.items()))
    console.print(_table(comparison.rows, titles))
    for row in comparison.rows:
        if row.missed:
            console.print(f"{row.name}: ours missed {' and '.join(row.missed)}", style="bold red")
    for key, equal in comparison.equal.items():
        same = "the same tokens as" if equal else "OTHER TOKENS THAN"
        console.print(f"{key}: the reply with drafts has {same} plain greedy decoding, both with kept states")
    if PEER not in titles:
        console.print(_HINT, style="dim", soft_wrap=True)


def _table(rows: list[Row], titles: list[str]) -> Table:
    peers = [title for title in (PEER, LOOKUP) if title in titles]
    table = Table(box=box.MARKDOWN)
    for heading in ("work", *titles, *(f"ours is … times {title}" for title in peers), "target"):
        table.add_column(heading, justify="left" if heading == "work" else "right")
    for row in rows:
        ratios = ["" if (ratio := row.ratio(title)) is None else f"{ratio:.2f}" for title in peers]
        style = "" if row.reached else "bold red"
        table.add_row(f"{row.name}, {row.unit}", *(_value(row, title) for title in titles), *ratios, _target(row), style=style)
    return table


def _target(row: Row) -> str:
    """Say what is to be reached: by ours alone, or as a ratio, where there is one."""
    if row.limit is not None:
        return f"ours {'≥' if row.more_is_better else '≤'} {row.limit:g}"
    return "" if row.target is None or row.ratio(PEER) is None else f"≥ {row.target:g}"


def _value(row: Row, title: str) -> str:
    value = row.values.get(title)
    return "-" if value is None else f"{value:,.0f}" if value >= 100 else f"{value:.1f}" if value >= 10 else f"{value:.2f}"
