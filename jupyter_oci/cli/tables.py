"""A summary on the terminal."""

from __future__ import annotations

from rich.console import Console
from rich.table import Table as Grid
from rich.text import Text

from ..evaluation.record import Table


def print_table(table: Table) -> None:
    """Print a table of one row as two columns, since it is wide; any other as it is."""
    grid = Grid(title=Text(table.title), title_justify="left", box=None, pad_edge=False)
    if len(table.rows) == 1:
        grid.show_header = False
        grid.add_column()
        grid.add_column(justify="right")
        for name, cell in zip(table.columns, table.rows[0], strict=True):
            grid.add_row(Text(name), Text(cell))
    else:
        for number, name in enumerate(table.columns):
            grid.add_column(Text(name), justify="right" if number else "left")
        for row in table.rows:
            grid.add_row(*map(Text, row))
    console = Console()
    console.print(grid)
    for note in table.notes:
        console.print(Text(note, style="dim"))
