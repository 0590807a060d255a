"""A question asked where a cell is to be changed is answered in words, and changes nothing."""

from __future__ import annotations

import pytest

from jupyter_oci.agent.question import as_meant
from jupyter_oci.events import CellOpened, FixProposed, RunStarted, TextDelta
from jupyter_oci.request import Request


@pytest.mark.parametrize(
    "prompt",
    [
        "What does this do?",
        "why is the result 4?",
        "And why are there NaNs",
        "Explain this cell",
        "How does the groupby work?",
        "what's the second argument for?",
        "Warum ist das leer?",
        "Erkläre mir die Zelle",
        "Pourquoi ce résultat ?",
        "¿Por qué falla?",
        "Why does this print None?",
        "Explain this cell. Thanks!",
        "What is x? I do not see it",
        "What does this do? Explain it in German.",
        "why does it fail for e.g. empty lists",
        "Explain: what happens here",
    ],
)
def test_a_question_is_answered(prompt):
    assert as_meant(Request(prompt, intent="edit")).intent == "explain"
    for intent in ("ask", "fix", "hint"):
        assert as_meant(Request(prompt, intent=intent)).intent == intent


@pytest.mark.parametrize(
    "prompt",
    [
        "Can you make it a bar chart?",
        "What about a bar chart?",
        "Why not use the median?",
        "Why don't you use the median?",
        "How about a log scale?",
        "explain each line in a comment",
        "Explain it with a docstring",
        "make it explain itself",
        "why is this slow? speed it up",
        "how do I make this faster?",
        "What is missing are axis labels: add them",
        "Explain each step with prints",
        "Was ist mit den leeren Zeilen? Lass sie weg",
        "use the median",
        "Warum nicht als Balken?",
    ],
)
def test_a_wish_is_a_change(prompt):
    assert as_meant(Request(prompt, intent="edit")).intent == "edit"


def test_the_run_says_that_it_explains_and_touches_no_cell(notebook):
    middle = notebook.add("middle = 4\nmiddle")
    run = notebook.edit(middle, "why is it 4?", ["It is set to 4."])
    assert run.ending == ("done", "explained")
    assert [event.intent for event in run.of(RunStarted)] == ["explain"]
    assert "".join(event.text for event in run.of(TextDelta)) == "It is set to 4."
    assert not run.of(FixProposed)
    assert not run.of(CellOpened)
