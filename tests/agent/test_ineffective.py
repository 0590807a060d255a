"""Code that pandas says did nothing, in a real kernel."""

from __future__ import annotations

import pandas as pd
import pytest

from jupyter_oci.events import FeedbackGiven, RoundStarted

from .driving import block

SETUP = "import pandas as pd\npeople = pd.DataFrame({'age': [30, None, 50]})\n"
needs_copy_on_write = pytest.mark.skipif(pd.__version__ < "3", reason="before pandas 3 such code has an effect")


@needs_copy_on_write
def test_a_cell_that_did_nothing_is_revised_like_one_that_failed(ask):
    wrong = f"{SETUP}people['age'].fillna(40, inplace=True)\nprint(people['age'].sum())"
    right = f"{SETUP}people['age'] = people['age'].fillna(40)\nprint(people['age'].sum())"
    run = ask([block(wrong), block(right), "The ages sum up to 120."])
    assert run.ending == ("done", "answered")
    assert [event.attempt for event in run.of(RoundStarted)] == [1, 2, 1]
    told = run.of(FeedbackGiven)[0].text
    assert "80.0" in told
    assert "Line 3 failed: `people['age'].fillna(40, inplace=True)`" in told
    assert "Write instead: people['age'] = people['age'].fillna(40)\n" in told
    assert "Copy-on-Write" not in told


@needs_copy_on_write
def test_other_warnings_are_passed_on_and_are_no_failure(ask):
    run = ask([block("import warnings\nwarnings.warn('old style')\nprint(3)"), "Three."])
    assert run.ending == ("done", "answered")
    assert "UserWarning: old style" in run.of(FeedbackGiven)[0].text
