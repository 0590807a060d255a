"""Example tables of a request: found, and kept to by what is written for it."""

from __future__ import annotations

import pandas as pd
import pytest

from jupyter_oci.agent.check_runner import CheckFailed, run_check
from jupyter_oci.agent.example_tables import table_checks
from jupyter_oci.agent.request_check import check_in, is_about
from jupyter_oci.agent.text_tables import text_tables
from jupyter_oci.events import FeedbackGiven
from jupyter_oci.request import Request

from .best_day import BEST, BOXED
from .driving import block

MARKDOWN = """\
def top(scores, n): the names of the n best of a DataFrame, sorted by score

Input:

| name | score |
|------|------:|
| Ann  | 3     |
| Bob  | 5     |

n = 1

Expected:

| name |
|------|
| Bob  |
"""
IN_PLACE = """\
def add(a: pd.DataFrame, b: pd.DataFrame) -> None. It changes a.
Input
b
| id |
|----|
| 2  |

a
| id |
|----|
| 1  |
| 2  |

Output
| id |
|----|
| 3  |
| 4  |
"""


def outcome(prompt: str, code: str) -> str:
    """Run the checks of a request on code; give what fails."""
    names: dict[str, object] = {"pd": pd}
    exec(code, names)
    checks = list(table_checks(prompt))
    assert checks
    try:
        run_check("\n".join(checks), names)
    except CheckFailed as failed:
        return str(failed)
    return ""


def test_tables_are_read_with_the_lines_above_them():
    (given, wanted) = text_tables(MARKDOWN)
    assert (given.columns, given.rows) == (("name", "score"), (("Ann", "3"), ("Bob", "5")))
    assert wanted.before == ("n = 1", "Expected:")
    assert list(text_tables("a | b\n|---|\nno head\n\n| a | b |\n| 1 |\n\n| only a line |")) == []


def test_a_right_function_holds():
    assert outcome(BOXED, BEST) == ""
    assert outcome(MARKDOWN, "def top(scores, n): return scores.nlargest(n, 'score')[['name']]") == ""
    assert outcome(IN_PLACE, "def add(a, b): a['id'] = a['id'] + b['id'].sum()") == ""


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (("best_day", "day"), "`list(result_of_example.columns)` is ['shop', 'day'], expected ['shop', 'best_day']"),
        (("idxmax", "idxmin"), "0   01 2024-01-02\n1   02 2024-01-04\n, expected \n  shop   best_day\n0   01 2024-01-03"),
        (('"shop", "day"', '"shoop", "day"'), "the check raises KeyError: \"['shoop'] not in index\""),
    ],
)
def test_what_a_wrong_function_gives_is_told_beside_what_is_expected(change, told):
    assert told in outcome(BOXED, BEST.replace(*change))


def test_rows_are_compared_in_order_only_where_an_order_is_asked_for():
    backwards = BEST.replace('{"day": "best_day"})', '{"day": "best_day"}).iloc[::-1]')
    assert outcome(BOXED, backwards) == ""
    assert outcome(BOXED.replace("in any order", "ordered by shop in descending order"), backwards) == ""
    assert "expected" in outcome(BOXED.replace("in any order", "ordered by shop"), BEST)


def test_text_that_looks_like_numbers_stays_text_where_the_request_says_so():
    assert "'shop': ['01', '01', '02', '02']" in next(table_checks(BOXED))
    assert "'amount': [5, 7.5, None, 1.0]" in next(table_checks(BOXED))


@pytest.mark.parametrize(
    "prompt",
    [
        BOXED.replace("def best", "a function"),
        BOXED + "\nOr write `def worst(sales)`.",
        BOXED.replace("Example output", "And then"),
        BOXED.replace("best(sales: pd.DataFrame)", "best(sales: pd.DataFrame, other: pd.DataFrame)"),
        BOXED.replace("best(sales: pd.DataFrame)", "best(sales: pd.DataFrame, n: int)"),
        MARKDOWN.replace("n = 1", "n = os.system('true')"),
        MARKDOWN.replace("a DataFrame", "the rows"),
        MARKDOWN.replace("top(scores, n)", "top(scores: list, n)"),
        MARKDOWN.replace("top(scores, n)", "top(scores, n) -> list[str]"),
        "",
    ],
)
def test_an_example_that_is_not_whole_is_no_check(prompt):
    assert list(table_checks(prompt)) == []


def test_it_is_a_check_of_the_request_about_the_function():
    check = check_in(BOXED)
    assert check.origin == "user"
    assert is_about(check, BEST, [])
    assert not is_about(check, "import pandas as pd", [])


def test_a_run_goes_on_until_the_example_holds(ask):
    wrong = BEST.replace("idxmax", "idxmin")
    run = ask([block(f"import pandas as pd\n{wrong}"), block(BEST), "It is defined."], request=Request(BOXED))
    assert run.ending == ("done", "checked")
    first, second = (event.text for event in run.of(FeedbackGiven))
    assert "0   01 2024-01-02\n1   02 2024-01-04\n, expected" in first
    assert "But" not in second


def test_truths_are_no_texts():
    head = "Write `def f(users: pd.DataFrame) -> pd.DataFrame`.\n\nInput:\n| id | active | note |\n| --- | --- | --- |\n"
    code = check_in(f"{head}| 1 | True | true |\n| 2 | false | x |\n\nOutput:\n| id |\n| --- |\n| 1 |").code
    assert "'active': [True, False]" in code
    assert "'note': ['true', 'x']" in code
