"""A summary on the terminal."""

from __future__ import annotations

from rich.console import Console
from rich.table import Table as Grid
from rich.text import Text

from ..evaluation.record import Table


def print_table(table: Table) -> None:
    """Print the table; one that is wider than long goes by columns, since a terminal is not wide."""
    grid = Grid(title=Text(table.title), title_justify="left", box=None, pad_edge=False)
    wide = len(table.columns) > 2 * len(table.rows)
    lines = list(zip(*(table.columns, *table.rows), strict=True)) if wide else table.rows
    for number, name in enumerate(lines[0] if wide else table.columns):
        grid.add_column(Text(name), justify="right" if number else "left")
    for line in lines[1:] if wide else lines:
        grid.add_row(*map(Text, line))
    console = Console()
    console.print(grid)
    for note in table.notes:
        console.print(Text(note, style="dim"))
