from __future__ import annotations

import ast

from jupyter_oci.agent.cell_names import definers, names_changed, names_set, names_used
from jupyter_oci.request import Cell


def test_however_many_names_are_looked_up_a_cell_is_read_twice_at_most(monkeypatch):
    cells = [Cell(str(i), "code", f"read_once_{i + 1} = read_once_{i} + 1") for i in range(20)]
    read: list[str] = []
    parse = ast.parse

    def counted(source, *args, **kwargs):
        read.append(source)
        return parse(source, *args, **kwargs)

    monkeypatch.setattr(ast, "parse", counted)
    assert definers(cells[-1].source, cells, 19) == tuple(range(19))
    assert max(map(read.count, read)) <= 2  # for what it sets, and for what it uses


def test_what_does_not_run_in_the_kernel_sets_and_needs_nothing_there():
    body = "total = price\nrows.append(total)"
    assert [f(f"%%writefile shop.py\n{body}") for f in (names_set, names_changed, names_used)] == [frozenset()] * 3
    assert [f(f"%%time\n{body}") for f in (names_set, names_changed, names_used)] == [
        {"total"},
        {"rows"},
        {"price", "rows", "total"},
    ]
