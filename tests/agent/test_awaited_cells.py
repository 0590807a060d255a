"""A request whose code needs cells of the notebook that have not run: they run first, as the mode says, and only they."""

from __future__ import annotations

from dataclasses import replace

import pytest

from jupyter_oci.agent.awaited_cells import awaited
from jupyter_oci.agent.cell_names import names_changed
from jupyter_oci.events import ApprovalRequested, CellOpened, ContextBuilt, Decision, ExecutionStarted, FixProposed, RoundStarted
from jupyter_oci.request import Cell, Request

from .driving import Busy, block


def notebook(*sources: str, active: str | None = None) -> Request:
    cells = tuple(Cell(str(place), "code", source) for place, source in enumerate(sources))
    return Request("add them", cells, active)


def executed(run) -> list[str]:
    return [event.source for event in run.of(ExecutionStarted)]


@pytest.mark.parametrize("active", ["0", "1", None])
@pytest.mark.parametrize("swap", [False, True])
def test_the_cell_runs_before_the_code(ask, kernel, active, swap):
    sources = ["1", "late_sales = [1, 2]"] if swap else ["late_sales = [1, 2]", "1"]
    run = ask([block("sum(late_sales)"), "The sum is 3."], request=notebook(*sources, active=active), executor=kernel)
    assert run.ending == ("done", "answered")
    assert executed(run) == ["sum(late_sales)", "late_sales = [1, 2]", "sum(late_sales)"]
    [proposed] = run.of(FixProposed)
    assert proposed.base == proposed.source == "late_sales = [1, 2]"
    assert proposed.summary == (
        "`late_sales` comes from another cell, cell `late_sales = [1, 2]`, which has not been run: it runs first."
    )
    assert [event.round for event in run.of(RoundStarted)] == [1, 2, 3, 4]


def test_code_is_written_anew_with_what_the_kernel_then_holds(ask, kernel):
    replies = {
        "wide_sales: DataFrame": [block("wide_sales['revenue'].sum()"), "It is 3."],
        "": [block("wide_sales['price'].sum()")],
    }
    request = notebook("import pandas as pd", "wide_sales = pd.DataFrame({'revenue': [1, 2]})")
    run = ask(replies, request=request, executor=kernel)
    assert run.ending == ("done", "answered")
    assert executed(run) == [
        "wide_sales['price'].sum()",
        "import pandas as pd",
        "wide_sales = pd.DataFrame({'revenue': [1, 2]})",
        "wide_sales['revenue'].sum()",
    ]
    before, after = run.of(ContextBuilt)
    assert after.prompt_tokens > before.prompt_tokens
    opened = [(event.cell_id, event.revises) for event in run.of(CellOpened)]
    ours = opened[0][0]
    assert opened == [(ours, False), ("0", True), ("1", True), (ours, True)]
    assert [event.attempt for event in run.of(RoundStarted)] == [1, 1, 1, 1, 1]


def test_ask_mode_asks_for_the_users_cell_and_not_again_for_the_same_code(ask, kernel):
    request = notebook("ask_sales = [1, 2]")
    run = ask(
        [block("sum(ask_sales)"), "The sum is 3."],
        request=request,
        mode="ask",
        decide=lambda asked: Decision("run", asked.source),
        executor=kernel,
    )
    assert run.ending == ("done", "answered")
    assert [event.source for event in run.of(ApprovalRequested)] == ["sum(ask_sales)", "ask_sales = [1, 2]"]


def test_a_cell_that_the_user_does_not_want_to_run_is_named(ask, kernel):
    def only_ours(asked: ApprovalRequested) -> Decision:
        return Decision("skip" if asked.cell_id == "0" else "run", asked.source)

    request = notebook("no_sales = [1, 2]")
    run = ask([block("sum(no_sales)")], request=request, mode="ask", decide=only_ours, executor=kernel)
    assert run.ending == ("gave_up", "unrun_cell")
    assert run.end.message == (
        "`no_sales` comes from another cell, cell `no_sales = [1, 2]`, which has not been run: run that cell, then ask again."
    )
    assert executed(run) == ["sum(no_sales)"]


def test_a_cell_that_cannot_be_found_in_the_notebook_is_named_and_not_offered(ask, kernel):
    request = Request("add them", (Cell("", "code", "past_sales = [1, 2]", 3),))
    run = ask([block("sum(past_sales)")], request=request, executor=kernel)
    assert run.ending == ("gave_up", "unrun_cell")
    assert "cell [3] `past_sales = [1, 2]`" in run.end.message
    assert not run.of(FixProposed)
    assert executed(run) == ["sum(past_sales)"]


def test_the_model_writes_other_code_where_the_user_wants_that(ask, kernel):
    def another(asked: ApprovalRequested) -> Decision:
        return Decision("another" if asked.cell_id == "0" else "run", asked.source)

    replies = [block("sum(other_sales)"), block("sum([4])"), "The sum is 4."]
    run = ask(replies, request=notebook("other_sales = [1]"), mode="ask", decide=another, executor=kernel)
    assert run.ending == ("done", "answered")
    assert executed(run) == ["sum(other_sales)", "sum([4])"]


def test_what_a_cell_visibly_does_is_asked_about_in_auto_mode(ask, kernel):
    source = "import os\nos.remove('x')\nrisky_sales = [1, 2]"
    run = ask(
        [block("sum(risky_sales)")],
        request=notebook(source),
        decide=lambda asked: Decision("skip", asked.source),
        executor=kernel,
    )
    [asked] = run.of(ApprovalRequested)
    assert asked.source == source
    assert run.ending == ("gave_up", "unrun_cell")


def test_a_cell_that_fails_ends_the_run(ask, kernel):
    run = ask([block("sum(bad_sales)")], request=notebook("bad_sales = [1, 2] / 0"), executor=kernel)
    assert run.ending == ("gave_up", "awaited_failed")
    assert "cell `bad_sales = [1, 2] / 0`, which has not been run, and it fails: fix that cell" in run.end.message


def test_a_cell_that_does_not_set_the_name_after_all_is_run_once(ask, kernel):
    replies = [block("sum(if_sales)"), block("sum([5])"), "The sum is 5."]
    run = ask(replies, request=notebook("if False:\n    if_sales = [1]"), executor=kernel)
    assert run.ending == ("done", "answered")
    assert executed(run) == ["sum(if_sales)", "if False:\n    if_sales = [1]", "sum(if_sales)", "sum([5])"]


def test_a_cell_of_another_session_is_named_so(ask, kernel):
    cell = Cell("a", "code", "old_sales = [1, 2]", 7)
    run = ask([block("sum(old_sales)"), "The sum is 3."], request=Request("add them", (cell,), "a"), executor=kernel)
    assert "cell [7] `old_sales = [1, 2]`, which was run in another session" in run.of(FixProposed)[0].summary


@pytest.mark.parametrize("source", ["import unrun_sales", "other = 3"])
def test_the_model_mends_what_no_cell_would_set(ask, source):
    replies = [block("sum(unrun_sales)"), block("sum([1])"), "The sum is 1."]
    run = ask(replies, request=Request("add them", (Cell("a", "code", source),), "a"))
    assert run.ending == ("done", "answered")
    assert executed(run) == ["sum(unrun_sales)", "sum([1])"]


TABLE = (
    "import pandas as pd",
    "df = pd.DataFrame({'a': [1, None]})",
    "df = df.dropna()",
    "df['b'] = rate * df['a']",
    "other = 1",
    "df.head()",
    "rate = 2",
)


@pytest.mark.parametrize(
    ("held", "active", "places"),
    [
        (set(), None, [0, 1, 2, 6, 3]),
        ({"pd"}, None, [1, 2, 6, 3]),
        ({"pd", "rate"}, "5", [1, 2, 3]),
        ({"pd", "rate"}, "2", [1, 2]),
        (None, None, [2]),
    ],
)
def test_what_a_cell_needs_and_what_changes_its_result_come_along(held, active, places):
    assert [each.place for each in awaited("df", notebook(*TABLE, active=active), held)] == places


def test_what_a_cell_needs_runs_before_it_wherever_it_stands():
    assert [each.place for each in awaited("b", notebook("b = scale(3)", "def scale(x): return x"), set())] == [1, 0]


def test_a_module_is_not_changed_by_its_functions():
    request = notebook("import os", "path = os.getcwd()", "os.remove(other)")
    assert [each.place for each in awaited("path", request, set())] == [0, 1]


def test_names_that_failing_code_has_set_are_not_taken_for_the_users(ask, kernel):
    request = notebook("own_rate = 2", "own_price = 10 * own_rate")
    replies = {
        "own_price: int": [block("print(own_price)"), "It is 20."],
        "": [block("own_rate = 0.1\nprint(own_price * own_rate)")],
    }
    run = ask(replies, request=request, executor=kernel)
    assert executed(run)[1:] == ["own_rate = 2", "own_price = 10 * own_rate", "print(own_price)"]


class Silent(Busy):
    """Does not say what it holds, as a busy kernel without subshells."""

    def variables(self, about=""):
        return None


@pytest.mark.parametrize("says_all", [True, False])
def test_what_has_run_is_not_run_again(ask, kernel, says_all):
    for source in ("many = [1]", "many.append(2)", *(f"more_{number} = 1" for number in range(70))):
        list(kernel.execute("x", source))
    request = Request("add", (Cell("0", "code", "many = [1]", 1), Cell("1", "code", "late_many = list(many)")))
    executor = kernel if says_all else Silent(kernel, lambda: None)
    run = ask([block("sum(late_many)"), "It is 3."], request=request, executor=executor)
    assert executed(run) == ["sum(late_many)", "late_many = list(many)", "sum(late_many)"]


def test_a_fresh_kernel_holds_nothing_whatever_ran_yesterday(ask, kernel):
    sources = ("rate = 2", "prices = [1, 2, 3]", "total = sum(prices) * rate")
    request = Request("Show the total", tuple(Cell(str(i), "code", source, i + 1) for i, source in enumerate(sources)), "2")
    run = ask([block("print(total)"), "It is 12."], request=request, executor=kernel)
    assert run.ending == ("done", "answered")
    assert executed(run) == ["print(total)", *sources, "print(total)"]


def test_the_oldest_of_many_names_is_the_users_too(ask, kernel):
    made_up = block("df = pd.DataFrame({'sales': [1, 2]})\nprint(df['sales'].mean())")
    list(kernel.execute("x", "import pandas as pd\ndf = pd.DataFrame({'sales': [10.0, 20.0, 30.0]})"))
    list(kernel.execute("x", "\n".join(f"param_{number} = {number}" for number in range(70))))
    run = ask(
        [made_up, made_up], request=Request("What do sales come to?"), executor=kernel, decide=lambda asked: Decision("skip", "")
    )
    assert "It replaces your variable df" in run.of(ApprovalRequested)[0].reasons[0]


def test_code_that_overwrites_what_a_cell_has_just_made_is_asked_about(ask, kernel):
    code = "pay = [0, 0, 0]\nsum(pay) + len(bonus)"
    request = notebook("pay = [1, 2, 3]", "bonus = [pay]")
    run = ask([block(code)], request=request, executor=kernel, decide=lambda asked: Decision("skip", asked.source))
    [asked] = run.of(ApprovalRequested)
    assert "It replaces your variable pay" in asked.reasons[0]


def test_a_cell_that_is_edited_meanwhile_is_not_run_as_it_was(ask, kernel):
    edits: dict[str, str] = {}

    def edit(asked: ApprovalRequested) -> Decision:
        if asked.cell_id == "0":
            edits["0"] = "typed = 3"
        return Decision("run", asked.source)

    run = ask([block("typed + 1")], request=notebook("typed = 2"), mode="ask", decide=edit, edits=edits, executor=kernel)
    assert run.ending == ("stopped", "cell_changed")


def test_a_cell_below_the_new_one_is_named_by_its_own_place():
    found = awaited("x", notebook("1", "y = 2", "x = y", active="0"), {"y"})
    assert [(each.place, each.why) for each in found] == [
        (2, "`x` comes from another cell, cell `x = y`, which has not been run")
    ]


@pytest.mark.parametrize(
    ("source", "names"),
    [
        ("df['x'] = 1", {"df"}),
        ("df.loc[0, 'x'] += 1", {"df"}),
        ("frame.columns = ['a']", {"frame"}),
        ("del df['x']", {"df"}),
        ("df.drop(columns='x', inplace=True)", {"df"}),
        ("df.drop(columns='x', inplace=False)", set()),
        ("rows.append(row)\nseen.add(row)", {"rows", "seen"}),
        ("for row in rows:\n    table[row] = 1", {"table"}),
        ("model.fit(x, y)", {"model"}),
        ("def fill(df):\n    df['x'] = 1", set()),
        ("df.head()\nprint(df['x'])", set()),
        ("make()['x'] = 1", set()),
        ("(", set()),
    ],
)
def test_names_that_a_cell_changes_in_place(source, names):
    assert names_changed(source) == names


def test_a_cell_that_was_cut_is_named_and_not_run(ask, kernel):
    request = notebook("long_text = 'a … b'")
    request = replace(request, cells=(replace(request.cells[0], is_cut=True),))
    run = ask([block("len(long_text)")], request=request, executor=kernel)
    assert run.ending == ("gave_up", "unrun_cell")
    assert "cell `long_text = 'a … b'`" in run.end.message
    assert executed(run) == ["len(long_text)"]


def test_a_cell_that_the_user_runs_meanwhile_is_left_to_them(ask, kernel):
    request = notebook("late_sales = [1, 2]")

    def decide(asked):
        return Decision("run" if asked.cell_id != "0" else "ran", asked.source)

    run = ask([block("sum(late_sales)")], request=request, executor=kernel, mode="ask", decide=decide)
    assert run.ending == ("done", "ran")
    assert executed(run) == ["sum(late_sales)"]


def test_a_cell_that_is_changed_while_the_run_waits_for_the_kernel_does_not_run(ask, kernel):
    edits: dict[str, str] = {}
    waits = iter([{}, {"0": "late_sales = [3]"}])
    executor = Busy(kernel, lambda: edits.update(next(waits)))
    run = ask([block("sum(late_sales)")], request=notebook("late_sales = [1, 2]"), executor=executor, edits=edits)
    assert run.ending == ("stopped", "cell_changed")
    assert executed(run) == ["sum(late_sales)"]


@pytest.mark.parametrize("asking", ["late_name = input('Name? ')", "def ask_it():\n    return input()\nlate_name = ask_it()"])
def test_a_cell_that_asks_for_input_is_named_for_the_user_to_run(ask, kernel, asking):
    run = ask([block("print(late_name)")], request=notebook(asking), executor=kernel)
    assert run.ending == ("gave_up", "asking_cell")
    assert f"that cell `{asking.splitlines()[0]}" in run.end.message
    assert ("def" in asking) == (asking in executed(run))
