"""Which tables were made of which others is read in the cells."""

from __future__ import annotations

import pytest

from jupyter_oci.agent.derived import made_of
from jupyter_oci.request import Cell


def ran(*sources: str) -> list[Cell]:
    return [Cell(f"c{place}", "code", source, execution_count=place + 1) for place, source in enumerate(sources)]


@pytest.mark.parametrize(
    ("sources", "made"),
    [
        (["data = pd.read_csv('a')", "days = data.resample('D').mean()"], {"days": "data"}),
        (["both = data.merge(days)"], {}),
        (["days = data.mean()", "days = days.round(1)"], {"days": "data"}),
        (["days = data.mean()", "days = pd.read_csv('b')"], {}),
        (["days = data.mean()", "days = data.merge(both)"], {}),
        (["data = data.dropna()", "rows = len(data)", "days['x'] = data['x']", "a, both = data, days"], {}),
        (["days = data" + " + data" * 2000], {"days": "data"}),
        (["days = data.", "if 1:\n    days = data"], {}),
        ([], {}),
    ],
)
def test_the_last_that_ran_says_what_a_table_is_made_of(sources, made):
    assert made_of(ran(*sources), ["data", "days", "both"]) == made


def test_the_order_is_that_in_which_cells_ran():
    cells = [Cell("a", "code", "days = data", execution_count=5), Cell("b", "code", "days = other", execution_count=2)]
    cells += [Cell("c", "code", "days = third"), Cell("d", "markdown", "days = other")]
    assert made_of(cells, ["data", "days", "other", "third"]) == {"days": "data"}
