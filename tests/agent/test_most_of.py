"""A request for what has the most of an amount is told how that is computed."""

from __future__ import annotations

import pytest

from jupyter_oci.agent.most_of import MOST, asks_for_most, with_owner
from jupyter_oci.agent.prompt import build_prompt
from jupyter_oci.request import Request


@pytest.mark.parametrize(
    ("request_", "does"),
    [
        ("Who spent the most?", True),
        ("Top 3 categories by spending", True),
        ("Which month had the highest sales?", True),
        ("What is the name of the most-ordered item?", True),
        ("Which category has the lowest total?", True),
        ("Which name is most common?", False),
        ("Which customer placed the most orders?", False),
        ("Who has the most online purchases?", False),
        ("Which product has the highest sales price?", False),
        ("Which shop has the highest average sales?", False),
        ("What was the quantity of the most expensive item ordered?", False),
        ("Which product has the highest price?", False),
        ("Show the highest sale of each employee", False),
        ("What is the largest single expense?", False),
        ("Total per month", False),
        ("Wer hat am meisten ausgegeben?", True),
        ("Quel client a dépensé le plus ?", True),
        ("¿Qué tienda tiene más ventas?", True),
        ("Welcher Wert kommt am häufigsten vor?", False),
        ("Zeige die höchsten Ausgaben jedes Monats", False),
        ("", False),
    ],
)
def test_it_is_about_amounts_that_add_up(request_, does):
    assert asks_for_most(request_) is does
    messages = build_prompt(Request(request_ or "?"), (), (), lambda texts: [len(text) for text in texts], 9000).messages
    assert messages[-1].content.endswith(f"\n\n{MOST}") is does


@pytest.mark.parametrize(
    ("source", "shown"),
    [
        ("df.groupby('who')['paid'].sum().max()", "df.groupby('who')['paid'].sum().nlargest(1)"),
        (
            "x = 1\nprint('Most:', df.groupby('who').paid.sum().min())",
            "x = 1\nprint('Most:', df.groupby('who').paid.sum().nsmallest(1))",
        ),
        (
            "(\n    df.groupby('who')['paid']\n    .sum()\n    .max()\n)",
            "(\n    df.groupby('who')['paid']\n    .sum().nlargest(1)\n)",
        ),
    ],
)
def test_whose_sum_it_is_is_shown(source, shown):
    assert with_owner(source, "Who spent the most?") == shown
    assert with_owner(source, "What is the highest price?") == source


@pytest.mark.parametrize(
    "source",
    [
        "df['paid'].max()",
        "df.groupby('who')['paid'].sum().max(skipna=False)",
        "df.groupby('who')[['paid', 'n']].sum().max()",
        "df.groupby('who').sum().max()",
        "df.groupby('who')['paid'].sum().idxmax()",
        "most = df.groupby('who')['paid'].sum().max()",
        "%time df.groupby('who')['paid'].sum().max()",
        "",
    ],
)
def test_what_shows_something_else_is_left_as_it_is(source):
    assert with_owner(source, "Who spent the most?") == source
