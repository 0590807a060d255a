"""A cell is changed as the user says: proposed in it, decided on, run, and repaired where it fails."""

from __future__ import annotations

import pytest

from jupyter_oci.agent.approval import ACCEPTED, ONLY_WRITTEN
from jupyter_oci.agent.prompt import build_prompt
from jupyter_oci.agent.trial import SEARCHING
from jupyter_oci.events import (
    ApprovalRequested,
    CellOpened,
    Decision,
    ExecutionStarted,
    FeedbackGiven,
    FixProposed,
    RoundStarted,
    RunStarted,
    SourceFinished,
    StatusChanged,
)
from jupyter_oci.kernel.base import Variable
from jupyter_oci.request import Cell, Request

from .driving import block
from .fixing import run_it

MEAN = "# the middle\nmiddle = sum(values) / len(values)\nmiddle"
MEDIAN = "middle = sorted(values)[len(values) // 2]\nmiddle"


@pytest.fixture
def middle(notebook):
    notebook.add("values = [1, 2, 9]")
    return notebook.add(MEAN)


def sources(run, kind=FixProposed) -> list[str]:
    return [event.source for event in run.of(kind)]


def test_a_change_is_proposed_in_the_cell_and_taken_as_it_is_written(notebook, middle):
    run = notebook.edit(middle, "use the median, no comment", [block(MEDIAN)], mode="ask", decide=run_it)
    assert run.ending == ("done", "edited")
    [started], [proposed], [asked] = run.of(RunStarted), run.of(FixProposed), run.of(ApprovalRequested)
    assert (started.intent, started.target_cell_id) == ("edit", middle)
    assert (proposed.cell_id, proposed.base, proposed.source, proposed.check) == (middle, MEAN, MEDIAN, "")
    assert asked.reasons == (ACCEPTED,)
    [opened], [executed] = run.of(CellOpened), run.of(ExecutionStarted)
    assert (opened.cell_id, opened.revises) == (middle, True)
    assert (executed.cell_id, executed.source) == (middle, MEDIAN)


def test_comments_that_the_model_drops_stay(notebook, middle):
    run = notebook.edit(middle, "use the median", [block(MEDIAN)])
    assert sources(run) == [f"# the middle\n{MEDIAN}"]
    documented = 'def area(r):\n    """Give it."""\n    return 3 * r'
    function = notebook.add("def area(r):\n    # about\n    return 3 * r")
    assert sources(notebook.edit(function, "a docstring", [block(documented)])) == [
        documented.replace("    r", "    # about\n    r")
    ]
    translated = f"# die Mitte\n{MEDIAN}"
    assert sources(notebook.edit(middle, "use the median", [block(translated)])) == [translated]


def test_in_auto_mode_nobody_is_asked_and_in_suggest_mode_nothing_runs(notebook, middle):
    auto = notebook.edit(middle, "the median, no comment", [block(MEDIAN)])
    assert (auto.ending, auto.of(ApprovalRequested)) == (("done", "edited"), [])
    suggest = notebook.edit(middle, "the median, no comment", [block(MEDIAN)], mode="suggest", decide=run_it)
    assert suggest.ending == ("done", "fix_inserted")
    assert [event.reasons for event in suggest.of(ApprovalRequested)] == [(ONLY_WRITTEN,)]
    assert (sources(suggest, SourceFinished), suggest.of(ExecutionStarted)) == ([MEDIAN], [])


def test_a_rejected_change_touches_nothing(notebook, middle):
    run = notebook.edit(middle, "the median, no comment", [block(MEDIAN)], mode="ask", decide=lambda _: Decision("skip", ""))
    assert run.ending == ("done", "rejected")
    assert not run.of(CellOpened)


def test_another_change_is_none_of_those_before(notebook, middle):
    other = MEDIAN.replace("sorted(values)", "sorted([*values])")
    answers = iter(["another", "run"])
    run = notebook.edit(
        middle,
        "the median, no comment",
        {"in another way": [block(other)], "": [block(MEDIAN)]},
        mode="ask",
        decide=lambda asked: Decision(next(answers), asked.source),
    )
    assert sources(run) == [MEDIAN, other]
    assert sources(run, ExecutionStarted) == [other]


def test_another_change_is_as_the_user_says(notebook, middle):
    other = MEDIAN.replace("sorted(values)", "sorted([*values])")
    answers = iter([Decision("another", MEDIAN, "of a copy"), None])
    run = notebook.edit(
        middle,
        "the median, no comment",
        {"of a copy": [block(other)], "": [block(MEDIAN)]},
        mode="ask",
        decide=lambda asked: next(answers) or Decision("run", asked.source),
    )
    assert sources(run) == [MEDIAN, other]
    assert run.of(FeedbackGiven)[0].text.endswith("# Request\nof a copy")
    assert sources(run, ExecutionStarted) == [other]


def test_a_word_at_a_change_that_needed_no_model_reaches_the_model(notebook):
    cell_id = notebook.add("amount = 3\nprint(amount)")
    answers = iter([Decision("another", "", "and print it twice"), None])
    twice = "total = 3\nprint(total)\nprint(total)"
    run = notebook.edit(
        cell_id,
        "rename amount to total",
        {"print it twice": [block(twice)]},
        mode="ask",
        decide=lambda asked: next(answers) or Decision("run", asked.source),
    )
    assert sources(run) == ["total = 3\nprint(total)", twice]
    assert run.ending == ("done", "edited")


WRONG = MEDIAN.replace("sorted", "ordered")


def test_a_change_that_is_seen_to_raise_is_revised_before_it_is_shown(notebook, middle):
    run = notebook.edit(middle, "the median, no comment", [block(WRONG), block(MEDIAN)])
    assert run.ending == ("done", "edited")
    assert sources(run) == sources(run, SourceFinished) == [MEDIAN]
    [told] = run.of(FeedbackGiven)
    assert "the cell raises NameError: name 'ordered' is not defined" in told.text
    assert [event.attempt for event in run.of(RoundStarted)] == [1, 2]


@pytest.mark.parametrize(
    "more", [[block(WRONG.replace("ordered", "order")), block(WRONG)], [block(MEAN)]], ids=["raise", "nothing new"]
)
def test_where_all_that_comes_raises_the_first_is_asked_about_in_auto_mode_too(notebook, middle, more):
    run = notebook.edit(middle, "the median, no comment", [block(WRONG), *more], decide=lambda _: Decision("skip", ""))
    assert run.ending == ("done", "rejected")
    assert sources(run) == [WRONG]
    [asked] = run.of(ApprovalRequested)
    assert asked.reasons[-1].startswith("It was tried, and the cell raises NameError")


def test_a_word_at_a_change_that_raises_brings_another_one(notebook, middle):
    other = WRONG.replace("ordered", "arranged")
    answers = iter([Decision("another", WRONG, "arrange it"), Decision("skip", "")])
    replies = {"arrange it": [block(other)], "": [block(WRONG), block(MEAN)]}
    run = notebook.edit(middle, "the median, no comment", replies, decide=lambda _: next(answers))
    assert sources(run) == [WRONG, other]


def test_what_was_not_shown_is_no_try_in_the_cell(notebook, middle):
    late = "middle = sorted(values)[len(values) // 2]\nopen('/surely/not/there')"
    replies = [block(WRONG), block(WRONG.replace("ordered", "order")), block(late), block(MEDIAN)]
    run = notebook.edit(middle, "the median, no comment", replies, decide=run_it)
    assert sources(run) == [late, MEDIAN]
    assert run.ending == ("done", "edited")


@pytest.fixture
def untried(notebook):
    """A cell that nothing is tried of: what it uses is more than data."""
    notebook.add("import os\nclass Values(list):\n    home = os.getcwd()\nvalues = Values([1, 2, 9])")
    return notebook.add(MEAN)


def test_what_fails_is_revised_in_the_cell(notebook, untried):
    run = notebook.edit(untried, "the median, no comment", [block(WRONG), block(MEDIAN)])
    assert run.ending == ("done", "edited")
    assert sources(run) == sources(run, SourceFinished) == [WRONG, MEDIAN]
    [told] = run.of(FeedbackGiven)
    assert "NameError" in told.text
    assert told.text.endswith("so that it does what the request says.")


def test_what_was_to_be_changed_is_no_repair_of_the_change(notebook, untried):
    run = notebook.edit(untried, "the median, no comment", [block(WRONG), block(MEAN)])
    assert run.ending == ("gave_up", "no_fix")
    assert sources(run) == [WRONG]


def test_a_cell_that_failed_before_is_changed_and_not_fixed(notebook):
    cell_id = notebook.add("import numpy as np\nnp.float(3)")  # which a fix needs no model for
    run = notebook.edit(cell_id, "only print 3", [block("print(3)")])
    assert sources(run) == ["print(3)"]


@pytest.mark.parametrize(
    ("reply", "reason"),
    [
        (block(MEAN), "unchanged"),
        (block(MEAN.partition("\n")[2]), "unchanged"),
        ("It is fine as it is.", "no_edit"),
        (block("x = ("), "no_edit"),
    ],
)
def test_a_model_that_changes_nothing_says_so(notebook, middle, reply, reason):
    run = notebook.edit(middle, "speed this cell up", [reply])
    assert run.ending == ("gave_up", reason)
    assert not run.of(CellOpened)


def test_what_the_request_says_must_hold_is_checked(notebook, middle):
    prompt = "the median, no comment\nassert middle == 2"
    run = notebook.edit(middle, prompt, [block("middle = min(values)"), block(MEDIAN)], mode="ask", decide=run_it)
    assert run.ending == ("done", "checked")
    assert [(event.check, event.check_origin) for event in run.of(FixProposed)] == [("assert middle == 2", "user")] * 2
    assert "`middle` is 1, expected 2" in run.of(FeedbackGiven)[0].text


def test_what_the_notebook_asserts_may_be_what_is_to_change(notebook):
    cell_id = notebook.add("def area(r):\n    return 3 * r")
    notebook.add("assert area(2) == 6")
    run = notebook.edit(cell_id, "square it", [block("def area(r):\n    return 3 * r ** 2")])
    assert run.ending == ("done", "edited")
    assert run.of(FixProposed)[0].check == ""


def test_a_name_may_be_another_one(notebook):
    cell_id = notebook.add("def area(r):\n    return 3 * r")
    run = notebook.edit(cell_id, "call it surface", [block("def surface(r):\n    return 3 * r")])
    assert sources(run, ExecutionStarted) == ["def surface(r):\n    return 3 * r"]


def test_no_small_change_is_searched_for(notebook):
    cell_id = notebook.add("def least(xs):\n    return max(xs)")
    asked = "no loop\nassert least([1, 2]) == 1\nassert least([3, 2]) == 2"
    run = notebook.edit(cell_id, asked, [block("def least(xs):\n    return sorted(xs)[0]")])
    assert sources(run) == ["def least(xs):\n    return sorted(xs)[0]"]
    assert SEARCHING not in {event.detail for event in run.of(StatusChanged)}


def test_a_cell_in_another_language_stays_in_it(notebook):
    cell_id = notebook.add("%%bash\necho np.mean", run=False)
    run = notebook.edit(cell_id, "say it twice", [block("echo np.mean; echo np.mean")], mode="suggest", decide=run_it)
    assert sources(run) == ["%%bash\necho np.mean; echo np.mean"]


def test_an_import_that_the_change_needs_comes_with_it(notebook, middle):
    run = notebook.edit(middle, "the median, no comment", [block("middle = np.median(values)\nmiddle")])
    assert sources(run) == ["import numpy as np\nmiddle = np.median(values)\nmiddle"]


def test_a_copy_of_the_prompt_is_no_cell(notebook, middle):
    replies = {"in another way": [block(MEDIAN)], "": [block("# Notebook\n## Cell 1")]}
    assert sources(notebook.edit(middle, "the median, no comment", replies)) == [MEDIAN]


@pytest.mark.parametrize("name", ["values", "prices"])
def test_the_users_data_are_not_made_anew(notebook, middle, name):
    notebook.add("prices = [7, 8]")
    replies = {"in another way": [block(MEDIAN)], "": [block(f"{name} = [4, 5, 6]\n{MEDIAN}")]}
    assert sources(notebook.edit(middle, "the median, no comment", replies)) == [MEDIAN]


def test_a_cell_that_was_changed_meanwhile_is_not_touched(notebook, middle):
    edits: dict[str, str] = {}

    def change(asked: ApprovalRequested) -> Decision:
        edits[middle] = "something = 'else'"
        return Decision("run", asked.source)

    run = notebook.edit(middle, "the median, no comment", [block(MEDIAN)], mode="ask", decide=change, edits=edits)
    assert run.ending == ("stopped", "cell_changed")
    assert not run.of(CellOpened)


def test_the_model_sees_the_notebook_the_kernel_and_all_of_the_cell():
    long = "\n".join(f"value_{number} = {number}" for number in range(1500))
    shown = {"output_type": "stream", "name": "stdout", "text": "drawn\n"}
    cells = (Cell("data", "code", "df = load()"), Cell("plot", "code", long, 5, (shown,)))
    request = Request("as bars", cells, "plot", intent="edit", target_cell_id="plot")
    variables = [Variable("df", "DataFrame", "3 rows")]
    built = build_prompt(request, variables, (), lambda texts: [len(text) // 4 for text in texts], 20_000)
    text = built.messages[-1].content
    assert text.count(long) == 1
    assert text.startswith(
        "# Notebook\n## Cell 1\n```python\ndf = load()\n```\n\n# Variables in the kernel\ndf: DataFrame 3 rows"
    )
    assert f"# The cell to change\n```python\n{long}\n```\nOutput:\n```\ndrawn\n```\n\n# Request\nas bars" in text
    assert built.dropped_cells == 0
