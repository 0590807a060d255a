"""An answer in words where the data could tell is a guess: it is not shown, and the model is asked to compute it."""

from __future__ import annotations

import pytest

from jupyter_oci.agent.second_asking import GUESSED, can_be_computed
from jupyter_oci.events import ExecutionStarted, TextDelta
from jupyter_oci.request import Cell, Request

from .driving import Run, block

GUESS = "It is the croissant."


@pytest.fixture
def with_data(ask, kernel):
    for _ in kernel.execute("a", "import math\nguess_items = ['tea', 'tea', 'croissant']"):
        pass

    def run(replies, prompt="Which item was sold most?") -> Run:
        return ask(replies, request=Request(prompt), executor=kernel)

    return run


def said(run: Run) -> str:
    return "".join(event.text for event in run.of(TextDelta))


def test_a_guess_is_not_shown_and_is_computed(with_data):
    run = with_data({GUESSED: [block("max(guess_items, key=guess_items.count)"), "It is tea."], "": [GUESS, "It is tea."]})
    assert run.ending == ("done", "answered")
    assert said(run).strip() == "It is tea."
    assert len(run.of(ExecutionStarted)) == 1


def test_an_answer_that_stays_a_guess_is_called_one(with_data):
    run = with_data([GUESS])
    assert run.ending == ("done", "uncomputed")
    assert "may be a guess" in run.end.message
    assert said(run) == GUESS


def test_words_before_code_are_shown(with_data):
    run = with_data(["I count them.\n" + block("print(guess_items.count('tea'))"), "Two."])
    assert run.ending == ("done", "answered")
    assert said(run).startswith("I count them.")
    first = next(i for i, event in enumerate(run.events) if isinstance(event, TextDelta))
    assert first < run.events.index(run.of(ExecutionStarted)[0])


def test_a_concept_is_explained_in_words(with_data):
    run = with_data([GUESS], "What is a croissant?")
    assert run.ending == ("done", "answered")
    assert said(run) == GUESS


def test_without_data_there_is_nothing_to_compute(ask, kernel):
    for _ in kernel.execute("a", "import math\ndef double(x): return 2 * x"):
        pass
    run = ask([GUESS], request=Request("Which item was sold most?"), executor=kernel)
    assert run.ending == ("done", "answered")


@pytest.mark.parametrize(
    ("request_", "can"),
    [
        ("What is the number of columns?", True),
        ("What are the column names?", True),
        ("How many rows are there?", True),
        ("Plot it", True),
        ("What is a mean?", False),
        ("what does merge do", False),
        ("How can I join two tables?", False),
        ("Thanks!", False),
        ("And why is that?", False),
        ("Ok, what should I look at next?", False),
        ("Summarize this notebook", False),
        ("Write a markdown cell that summarises the data", False),
        ("Give the notebook a title", False),
        ("What went wrong in cell 9?", False),
        ("What's wrong with cell 9?", False),
        ("Is there a better way to do this?", False),
        ("Translate the comments into French", False),
        ("Document the function above", False),
        ("Comment on the last plot", False),
        ("Was ist hier falsch gelaufen?", False),
        ("What is the mean price in the table of cell 3?", True),
        ("Write a function that counts the sales", True),
        ("Is there a shop with more sales?", True),
        ("How many notebooks were sold?", True),
        ("How many rows does the table in this notebook have?", True),
        ("Show it as a markdown table", True),
        ("Summarize the sales by shop", True),
        ("Give me the ideas with most votes", True),
        ("Please explain the last cell", False),
        ("Whyte's share?", True),
        ("Was ist der Mittelwert von price?", True),
        ("Wie viele Zeilen hat sales?", True),
        ("Quelle est la dépense moyenne ?", True),
        ("Was ist ein DataFrame?", False),
        ("Qu'est-ce qu'un index ?", False),
        ("¿Cómo puedo unir dos tablas?", False),
    ],
)
def test_what_can_be_computed(request_, can):
    assert can_be_computed(request_, ["sales"], ()) is can


@pytest.mark.parametrize(
    ("source", "can"), [("sales = pd.read_csv('s.csv')", True), ("costs = 1", False), ("print(sales)", False)]
)
def test_after_a_restart_it_can_be_computed_from_what_a_cell_makes_that_the_request_names(source, can):
    assert can_be_computed("Which shop has most rows in sales?", (), [Cell("a", "code", source)]) is can


def test_a_guess_in_a_kernel_that_was_restarted_is_computed_too(ask, kernel):
    cells = (Cell("a", "code", "later_items = ['tea', 'tea', 'cake']"),)
    replies = {GUESSED: [block("max(later_items, key=later_items.count)"), "It is tea."], "": [GUESS, "It is tea."]}
    run = ask(replies, request=Request("Which is most common in later_items?", cells), executor=kernel)
    assert run.ending == ("done", "answered")
    assert GUESS not in said(run)
