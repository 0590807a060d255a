"""What hides an error is proposed only where there is nothing better, says so, and is asked about in Auto mode too."""

from __future__ import annotations

import pytest

from jupyter_oci.agent.hidden_errors import DROPPED, MISSING, SWALLOWED, hides
from jupyter_oci.events import ApprovalRequested, FixProposed, TextDelta

from .fixing import IN_ANOTHER_WAY, run_it, said

LOOP = "total = 0\nfor a in amounts:\n    total = total + a\ntotal"
CAUGHT = (
    "total = 0\nfor a in amounts:\n    try:\n        total = total + float(a)\n    except ValueError:\n        continue\ntotal"
)
RIGHT = "total = 0\nfor a in amounts:\n    total = total + float(a.strip('$'))\ntotal"


@pytest.mark.parametrize(
    ("base", "source", "told"),
    [
        (LOOP, CAUGHT, SWALLOWED),
        (CAUGHT, CAUGHT.replace("float(a)", "float(a.strip('$'))"), ""),
        (LOOP, RIGHT, ""),
        ("x = float(a)", "with contextlib.suppress(ValueError):\n    x = float(a)", SWALLOWED),
        ("d = pd.to_datetime(t)", "d = pd.to_datetime(t, errors='coerce')", MISSING),
        ("d = pd.to_datetime(t, errors='coerce')", "d = pd.to_datetime(t, errors='coerce', format='mixed')", ""),
        ("df['a'] = f(df['a'])\ndf['b'] = g(df['b'])", "df['a'] = f(df['a'])", DROPPED),
        ("df['Catgory'] = 1", "df['Category'] = 1", ""),
        ("x = 1\nx", "x = 1", ""),
        ("x = (", "x = 1", ""),
    ],
)
def test_how_a_source_hides_what_another_raises(base, source, told):
    assert hides(base, source) == told


@pytest.fixture
def failing(notebook):
    notebook.add("amounts = ['$210.62', '$7']")
    return notebook.add(LOOP)


def test_what_removes_the_cause_is_proposed_in_its_place(notebook, failing):
    run = notebook.fix(failing, {IN_ANOTHER_WAY: [said(RIGHT)], "": [said(CAUGHT)]})
    assert [event.source for event in run.of(FixProposed)] == [RIGHT]
    assert not run.of(ApprovalRequested)


def test_where_there_is_nothing_better_the_user_is_told_how_it_hides_the_error(notebook, failing):
    run = notebook.fix(failing, [said(CAUGHT)] * 3, decide=run_it)
    assert [event.source for event in run.of(FixProposed)] == [CAUGHT]
    [request] = run.of(ApprovalRequested)
    assert request.reasons == (SWALLOWED,)


def test_what_holds_by_the_users_own_check_is_no_matter_of_doubt(notebook):
    checked = notebook.add("def half(text):\n    return float(text) / 2\nassert half('x') is None\nassert half('4') == 2")
    caught = (
        "def half(text):\n    try:\n        return float(text) / 2\n    except ValueError:\n        return None\n"
        "assert half('x') is None\nassert half('4') == 2"
    )
    run = notebook.fix(checked, [said(caught)])
    assert [event.source for event in run.of(FixProposed)] == [caught]
    assert not run.of(ApprovalRequested)


def test_what_is_of_the_prompts_example_is_not_proposed(notebook):
    failing = notebook.add("d = {'a': 1}\nd['b']")
    copied = "prices = [1, 2]\nd = {'a': 1}\ntotal = 0\nfor price in prices:\n    total = total + price\ntotal"
    run = notebook.fix(failing, {IN_ANOTHER_WAY: [said("d = {'a': 1}\nd.get('b')")], "": [said(copied)]})
    assert [event.source for event in run.of(FixProposed)] == ["d = {'a': 1}\nd.get('b')"]


def test_of_replies_that_are_not_proposed_nothing_is_said(notebook, failing):
    run = notebook.fix(failing, {IN_ANOTHER_WAY: [said(RIGHT, "The sign is taken off.")], "": [said(CAUGHT, "Catch it.")]})
    assert not run.of(TextDelta)
    assert [event.summary for event in run.of(FixProposed)] == ["The sign is taken off."]


@pytest.mark.parametrize("echo", ["# The cell to repair", "Change as few lines as possible: keep names, comments, docstrings."])
def test_a_sentence_of_the_prompt_is_no_summary(notebook, failing, echo):
    run = notebook.fix(failing, [said(RIGHT, echo)])
    assert [event.summary for event in run.of(FixProposed)] == ["The marked lines are changed."]
