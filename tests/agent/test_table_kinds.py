"""A table that is asked for by name is of the kind that is asked for, or the model is told."""

from __future__ import annotations

import pytest

from jupyter_oci.agent.table_kinds import asks_for_kind, of_other_kind
from jupyter_oci.events import ExecutionStarted, FeedbackGiven
from jupyter_oci.kernel.base import Variable
from jupyter_oci.request import Request

from .driving import block

HELD = [Variable("vol", "Series", ""), Variable("sales", "DataFrame", ""), Variable("shops", "GeoDataFrame", "")]


@pytest.mark.parametrize(
    ("request_", "told"),
    [
        ("Create a dataFrame called vol, with the volumes", "`vol` is a Series, and the request asks for a DataFrame"),
        ("Put it into a new Series named `sales`.", "`sales` is a DataFrame, and the request asks for a Series"),
        ("Create a data frame called sales", None),
        ("Create a DataFrame called vol\n\nNo, make a Series called vol", None),
        ("Make a DataFrame called shops", None),
        ("Make a DataFrame called lacking", None),
        ("Which DataFrame is called vol?", None),
        ("Create a DataFrame named as vol", None),
        ("", None),
    ],
)
def test_a_table_of_the_other_kind_is_told(request_, told):
    found = of_other_kind(request_, HELD)
    assert found == told or found.startswith(told)
    assert not told or asks_for_kind(request_)


def test_a_run_makes_the_kind_that_is_asked_for(ask, kernel):
    for _ in kernel.execute("a", "import pandas as pd\nprices = pd.DataFrame({'day': [1, 2], 'volume': [30, 40]})"):
        pass
    replies = [block("volumes = prices['volume']"), block("volumes = prices[['volume']]"), "The table is there."]
    run = ask(replies, request=Request("Create a DataFrame called volumes with the volume"), executor=kernel)
    assert run.ending == ("done", "answered")
    assert len(run.of(ExecutionStarted)) == 2
    assert "But `volumes` is a Series, and the request asks for a DataFrame: choose" in run.of(FeedbackGiven)[0].text
