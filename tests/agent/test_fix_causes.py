"""Causes that are elsewhere, or known without a model: cells that were not run, wrong definitions, imports, packages, slips."""

from __future__ import annotations

from dataclasses import replace
from importlib.util import find_spec

import pytest

from jupyter_oci.events import (
    ApprovalRequested,
    Decision,
    ExecutionStarted,
    FixProposed,
    SourceFinished,
)
from jupyter_oci.request import Cell

from .best_day import BEST, BOXED
from .fixing import BUGGY, FIXED, run_it, said


def test_a_cell_that_was_not_run_is_run_first_and_no_model_is_needed(notebook):
    base = notebook.add("rate = 3", run=False)
    middle = notebook.add("double = rate * 2", run=False)
    cell_id = notebook.add("print(double)")
    run = notebook.fix(cell_id, [])
    assert run.ending == ("done", "fixed_unchecked")
    assert [event.cell_id for event in run.of(FixProposed)] == [middle, base]
    assert "`double` comes from another cell, cell `double = rate * 2`, which has not been run" in run.of(FixProposed)[0].summary
    assert [event.cell_id for event in run.of(ExecutionStarted)] == [middle, base, middle, cell_id]
    assert run.of(FixProposed)[0].base == run.of(FixProposed)[0].source


@pytest.mark.parametrize(
    "asserting",
    [
        "assert mean([1, 3]) == 2",
        "import math\nxs = [1, 3]\nassert math.isclose(mean(xs), 2)",
        "def check(f):\n    assert f([1, 3]) == 2\n\ncheck(mean)",
    ],
)
def test_an_assert_that_fails_is_about_the_cell_that_it_asserts_something_of(notebook, asserting):
    definition = notebook.add(BUGGY)
    failing = notebook.add(asserting)
    run = notebook.fix(failing, [said(BUGGY.replace("sum", "max")), said(FIXED)])
    assert run.ending == ("done", "fixed")
    [proposed] = run.of(FixProposed)
    assert (proposed.cell_id, proposed.source, proposed.check_origin) == (definition, FIXED, "user")
    assert proposed.summary == "The cause is in another cell, cell [1] `def mean(xs):`: It is not divided."
    assert [event.cell_id for event in run.of(ExecutionStarted)] == [definition, failing]


def test_a_cell_that_waits_for_a_fix_and_was_changed_meanwhile_does_not_run(notebook):
    definition = notebook.add(BUGGY)
    failing = notebook.add("assert mean([1, 3]) == 2")
    edits: dict[str, str] = {}

    def change(asked: ApprovalRequested) -> Decision:
        edits[failing] = "assert mean([1, 3]) == 2, 'mine'"
        return Decision("run", asked.source)

    run = notebook.fix(failing, [said(FIXED)], mode="ask", decide=change, edits=edits)
    assert run.ending == ("stopped", "waiting_changed")
    assert "You changed cell [2] `assert mean([1, 3]) == 2` meanwhile" in run.end.message
    assert [event.cell_id for event in run.of(ExecutionStarted)] == [definition]


def test_an_assert_beside_code_is_about_its_own_cell(notebook):
    notebook.add("def double(x):\n    return 2 * x")
    failing = notebook.add("total = double(3) + 1\nassert total == 6")
    run = notebook.fix(failing, [said("total = double(3)\nassert total == 6")])
    assert [event.cell_id for event in run.of(FixProposed)] == [failing]


def test_a_slip_that_brings_the_next_error_is_not_shown(notebook):
    notebook.add("import pandas as pd\nsales = pd.DataFrame({'store': ['a'], 'sold': [1]})")
    notebook.add("staff = pd.DataFrame({'Store': ['a'], 'name': ['Ada']})")
    failing = notebook.add("both = sales.merge(staff, on='store')")
    mended = "both = sales.merge(staff, left_on='store', right_on='Store')"
    run = notebook.fix(failing, [said(mended)])
    assert [event.source for event in run.of(FixProposed)] == [mended]
    notebook.cells.pop()
    failing = notebook.add("both = sales.merge(staff, on='store')")
    assert not notebook.fix(failing, [said("both = sales.merge(staff, on='store')")] * 3).of(FixProposed)


def test_a_slip_in_a_column_is_known_without_a_model(notebook):
    notebook.add("import pandas as pd\nsales = pd.DataFrame({'City': ['a', 'b'], 'revenue': [1, 2]})")
    failing = notebook.add("# by city\nsales.groupby('city')['revnue'].sum()")
    run = notebook.fix(failing, [])
    assert run.ending == ("done", "fixed_unchecked")
    assert [event.summary for event in run.of(FixProposed)] == [
        "There is no `city`, but `City`.",
        "There is no `revnue`, but `revenue`.",
    ]
    assert run.of(FixProposed)[-1].source == "# by city\nsales.groupby('City')['revenue'].sum()"


@pytest.mark.parametrize(
    ("source", "fixed"),
    [
        ("# mine\nprint(math.sqrt(4))", "import math\n# mine\nprint(math.sqrt(4))"),
        ("%%time\nprint(json.dumps(1))", "%%time\nimport json\nprint(json.dumps(1))"),
        ("print(datetime.today())", "from datetime import datetime\nprint(datetime.today())"),
        ("print(datetime.date.today())", "import datetime\nprint(datetime.date.today())"),
        ("print(Counter('aa'))", "from collections import Counter\nprint(Counter('aa'))"),
    ],
)
def test_a_usual_import_is_known_without_a_model(notebook, source, fixed):
    run = notebook.fix(notebook.add(source), [])
    assert [event.source for event in run.of(FixProposed)] == [fixed]
    assert run.ending == ("done", "fixed_unchecked")


@pytest.mark.parametrize("source", ["print(random)", "datetime.now().wrong(datetime.date)", "print(totl)"])
def test_an_import_that_is_not_plain_is_not_made_up(notebook, source):
    assert notebook.fix(notebook.add(source), ["no idea"]).ending == ("gave_up", "no_fix")


@pytest.mark.skipif(find_spec("seaborn") is not None, reason="seaborn is installed")
def test_an_import_that_is_missing_brings_the_package_that_it_lacks(notebook):
    notebook.add("import os\nos.environ.update(PIP_NO_INDEX='1', PIP_DISABLE_PIP_VERSION_CHECK='1')")
    run = notebook.fix(notebook.add("sns.set_theme()"), [], decide=run_it)
    [proposed] = run.of(FixProposed)
    assert proposed.source == "%pip install seaborn\nimport seaborn as sns\nsns.set_theme()"
    assert proposed.summary.startswith("`sns` is used and not imported. `seaborn` is not installed; the package `seaborn`")


@pytest.mark.parametrize("answer", [FIXED, FIXED + "\n\nprint(mean([1, 3]))"], ids=["the definition", "both cells in one"])
def test_a_wrong_definition_is_fixed_in_its_own_cell(notebook, answer):
    definition = notebook.add(BUGGY + "\n\nother = 1")
    cell_id = notebook.add("print(mean([1, 3]))  # expected: 2")
    run = notebook.fix(cell_id, [said(answer)])
    assert run.ending == ("done", "fixed")
    [proposed] = run.of(FixProposed)
    assert (proposed.cell_id, proposed.source) == (definition, FIXED + "\n\nother = 1")
    assert proposed.summary.startswith("The cause is in another cell, cell [")
    assert [event.cell_id for event in run.of(ExecutionStarted)] == [definition, cell_id]


def test_a_missing_package_names_its_distribution_and_its_installation_asks_and_is_checked(notebook, monkeypatch):
    cell_id = notebook.add("import os\nos.environ.update(PIP_NO_INDEX='1', PIP_DISABLE_PIP_VERSION_CHECK='1')\nimport pptx")
    run = notebook.fix(cell_id, [], decide=run_it)
    [proposed] = run.of(FixProposed)
    assert proposed.source.startswith("%pip install python-pptx\nimport os\n")
    assert "the package `python-pptx` provides it" in proposed.summary
    assert "It installs or removes packages: python-pptx." in run.of(ApprovalRequested)[0].reasons
    assert run.ending == ("gave_up", "not_installed")
    assert "which is as it was" in run.end.message
    assert [event.source for event in run.of(SourceFinished)][1:] == [proposed.base]


UNKNOWN = "import surely_not_a_package_of_anyone as sn\nsn.dumps(1)"


@pytest.mark.parametrize("answer", ["no idea", said("print(1)"), said(f"{UNKNOWN}\nprint(1)")])
def test_a_module_that_nobody_knows_is_not_installed_and_not_dropped(notebook, answer):
    run = notebook.fix(notebook.add(UNKNOWN), [answer])
    assert run.ending == ("gave_up", "unknown_package")
    assert not run.of(FixProposed)


def test_a_module_that_nobody_knows_is_named_where_each_of_the_models_changes_fails(notebook):
    replies = [said(f"import json as sn\nsn.no{n}") for n in range(9)]
    assert notebook.fix(notebook.add(UNKNOWN), replies).ending == ("gave_up", "unknown_package")


def test_of_a_module_that_nobody_knows_the_model_may_know_the_right_name(notebook):
    run = notebook.fix(notebook.add(UNKNOWN), [said("import json as sn\nsn.dumps(1)")])
    assert run.ending == ("done", "fixed_unchecked")


@pytest.mark.parametrize(
    ("source", "replies", "fixed"),
    [
        ("from json.decodr import JSONDecoder", [], "from json.decoder import JSONDecoder"),
        (
            "import pandas.tools.plotting as plotting",
            [said("import pandas.plotting as plotting")],
            "import pandas.plotting as plotting",
        ),
    ],
)
def test_a_module_that_an_installed_package_lacks_is_looked_for_under_another_name(notebook, source, replies, fixed):
    run = notebook.fix(notebook.add(source), replies)
    assert [event.source for event in run.of(FixProposed)] == [fixed]
    assert run.ending == ("done", "fixed_unchecked")


def test_what_an_exercise_above_the_cell_says_must_hold(notebook):
    notebook.add("import pandas as pd")
    notebook.cells.append(Cell("text", "markdown", f"## Exercise 3\n{BOXED}"))
    cell_id = notebook.add(BEST.strip().replace("best_day", "day"))
    run = notebook.fix(cell_id, [])
    assert run.ending == ("done", "fixed")
    [proposed] = run.of(FixProposed)
    assert proposed.source == BEST.strip().replace("best_day", "day") + ".rename(columns={'day': 'best_day'})"
    assert proposed.check_origin == "user"
    assert "['shop', 'best_day']" in proposed.check


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("Write `mean`:\n\n>>> mean([1, 3])\n2.0", ""),
        ("# Means", "assert mean([1, 3]) == 2"),
        ("", "Like so:\n>>> mean([1, 3])\n2"),
    ],
)
def test_examples_in_words_are_checks(notebook, text, sentence):
    notebook.cells.append(Cell("text", "markdown", text))
    run = notebook.fix(notebook.add(BUGGY), [said(BUGGY.replace("sum", "max")), said(FIXED)], sentence)
    assert run.ending == ("done", "fixed")
    assert [event.source for event in run.of(FixProposed)] == [FIXED]


def test_text_about_other_cells_is_no_check(notebook):
    notebook.cells.append(Cell("text", "markdown", "assert mean([1, 3]) == 2"))
    notebook.cells += [Cell("text-1", "markdown", "# Now"), Cell("text-2", "markdown", "assert middle([1]) == 1")]
    run = notebook.fix(notebook.add(BUGGY), [said(FIXED), "None."])
    assert run.ending == ("done", "fixed_unchecked")


def test_what_an_error_is_known_for_is_proposed_without_a_model(notebook):
    notebook.add("import pandas as pd\nfleet = pd.DataFrame({'van': ['a', 'b'], 'km': [1, 2]})")
    failing = notebook.add("# by van\nfleet.append({'van': 'c', 'km': 3}, ignore_index=True)")
    run = notebook.fix(failing, [])
    assert run.ending == ("done", "fixed_unchecked")
    [proposed] = run.of(FixProposed)
    assert proposed.source == "# by van\npd.concat([fleet, pd.DataFrame([{'van': 'c', 'km': 3}])], ignore_index=True)"
    assert proposed.summary == "pandas has no `append` any more."


def test_a_cure_that_fails_as_before_is_not_shown(notebook):
    notebook.add("import pandas as pd\ndepot = pd.DataFrame({'km': ['1', 'two']})")
    failing = notebook.add("depot.km.mean()")
    right = "depot.km.str.extract(r'(\\d+)')[0].astype(float).mean()"
    run = notebook.fix(failing, [said(right, "Text is no number.")])
    [proposed] = run.of(FixProposed)
    assert proposed.summary == "Text is no number."


def test_what_cannot_be_tried_is_changed_once_for_an_error_and_then_the_model_is_asked(notebook):
    notebook.add("import pandas as pd\nquay = pd.DataFrame({'km': ['$1', '2 km']})")
    failing = notebook.add("quay.km.astype(float).to_csv('km.csv')")
    right = "quay.km.str.extract(r'(\\d+)')[0].astype(float).to_csv('km.csv')"
    run = notebook.fix(failing, [said(right, "Other text is left out.")], decide=run_it)
    assert [event.summary for event in run.of(FixProposed)][-1] == "Other text is left out."
    assert len(run.of(FixProposed)) <= 2


CLEAN = "def clean(rows):\n    rows = rows.copy()\n    return rows.sort_values('day', inplace=True)"


def test_a_none_of_a_function_in_another_cell_is_traced_to_it_and_what_lies_between_runs_again(notebook):
    notebook.add("import pandas as pd\nraw = pd.DataFrame({'day': [2, 1]})")
    cause = notebook.add(CLEAN)
    between = notebook.add("recent = clean(raw)")
    notebook.add("raw")
    failing = notebook.add("len(recent)")
    run = notebook.fix(failing, [])
    assert run.ending == ("done", "fixed_unchecked")
    [proposed] = run.of(FixProposed)
    assert (proposed.cell_id, proposed.source) == (cause, CLEAN.replace(", inplace=True", ""))
    assert "`sort_values` gives None" in proposed.summary
    assert [event.cell_id for event in run.of(ExecutionStarted)] == [cause, between, failing]


def test_a_cell_between_that_was_cut_does_not_run(notebook):
    notebook.add("import pandas as pd\nraw = pd.DataFrame({'day': [2, 1]})")
    cause = notebook.add(CLEAN)
    notebook.add("recent = clean(raw)")
    failing = notebook.add("len(recent)")
    notebook.cells[2] = replace(notebook.cells[2], is_cut=True)
    run = notebook.fix(failing, [])
    assert run.ending == ("stopped", "waiting_long")
    assert [event.cell_id for event in run.of(ExecutionStarted)] == [cause]


def test_a_none_that_has_two_causes_is_the_models(notebook):
    notebook.add("import pandas as pd\nraw = pd.DataFrame({'day': [2, 1]})")
    notebook.add(CLEAN)
    notebook.add("recent = clean(raw)\nother = raw.rename(columns=str, inplace=True)")
    failing = notebook.add("len(recent), len(other)")
    assert not notebook.fix(failing, ["I do not know."]).of(FixProposed)


def test_a_cell_that_fails_its_own_assert_is_searched_for_a_small_change(notebook):
    run = notebook.fix(notebook.add("def half(n):\n    return n // 2\n\nassert half(3) == 1.5"), ["I do not know."])
    assert run.of(FixProposed)[0].source == "def half(n):\n    return n / 2\n\nassert half(3) == 1.5"
    assert run.ending == ("done", "fixed")


def test_what_a_fix_leaves_as_it_was_does_not_run_again(notebook):
    both = notebook.add("def load():\n    return {'a': 1}\n\ndef ratio(d):\n    return d['a'] / zero")
    notebook.add("d = load()")
    notebook.add("d['c'] = 3")
    failing = notebook.add("ratio(d) + d['c']")
    fixed = "def load():\n    return {'a': 1}\n\ndef ratio(d):\n    return d['a'] / 1"
    run = notebook.fix(failing, [said(fixed)])
    assert run.ending == ("done", "fixed_unchecked")
    assert [event.cell_id for event in run.of(ExecutionStarted)] == [both, failing]
