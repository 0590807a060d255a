"""Code that leaves out what the request names, or gives the contrary of what is asked, is written again before it runs."""

from __future__ import annotations

import pytest

from jupyter_oci.agent.contrary import contrary
from jupyter_oci.agent.overlooked import overlooked
from jupyter_oci.agent.wording import AFTER_KIND, AFTER_TABLE
from jupyter_oci.events import ExecutionStarted, FeedbackGiven
from jupyter_oci.kernel.base import Variable
from jupyter_oci.request import Request

from .driving import block

ORDERS = Variable("bought", "DataFrame", "9 rows x 3 columns: order_id int64 (1); item_name str ('Izze'); choice_text str ('x')")
PEOPLE = Variable(
    "people", "DataFrame", "9 rows x 4 columns: age int64 (24); occupation str ('x'); preTestScore int64 (1); job str"
)
DRINKS = Variable(
    "drinks", "DataFrame", "9 rows x 3 columns: continent str ('AF'); beer_servings int64 (1); wine_servings int64 (1)"
)
BEER = Variable("beer_by_continent", "Series", "length 5, index continent str, name beer_servings, dtype float64 (1.0)")
NUMPY = Variable("np", "module", "numpy")
HELD = (ORDERS, PEOPLE, DRINKS, BEER, NUMPY)


@pytest.mark.parametrize(
    ("request_", "code", "named"),
    [
        ("How many orders were made?", "len(bought)", "`order_id`, a column of `bought`"),
        ("Summarize only the occupation column", "people.describe()", "`occupation`, a column of `people`"),
        (
            "The mean preTestScores by occupation and age",
            "people.groupby('age')['preTestScore'].mean()",
            "`age`, `occupation` and `preTestScore`, columns of `people`: use all of them.",
        ),
        (
            "Statistics for wine in each continent",
            "beer_by_continent.describe()",
            "`continent` and `wine_servings`, columns of `drinks`: use all",
        ),
    ],
)
def test_what_is_named_and_left_out_is_said(request_, code, named):
    assert (overlooked(code, request_, HELD) or "").startswith(f"The request names {named}")


def test_a_function_that_is_named_and_left_out_is_said():
    told = overlooked("np.random.seed(4)", "Use an np.random.RandomState with seed 4", HELD)
    assert told == "Use `np.random.RandomState`, which the request names."


@pytest.mark.parametrize(
    ("request_", "code"),
    [
        ("How many orders were made?", "bought.order_id.nunique()"),
        ("How many orders were made?", "len(set(bought['order_id']))"),
        ("Which name is the longest?", "bought['item_name'].max()"),
        ("How many observations are there?", "len(people)"),
        ("How many servings of beer?", "beer_by_continent.sum()"),
        ("What is the mean of each continent?", "beer_by_continent.mean()"),
        ("How many orders were made?", "print('hello')"),  # of none of the tables
        ("The mean of each order in every column", "bought.groupby('item_name').mean()"),
        ("Print the name of each", "for who, group in people.groupby('age'): print(who)"),
        ("Do it without pd.merge", "people.join(drinks)"),
        ("Read data/np.random.csv", "people.head()"),
        ("", "people"),
        ("How many orders were made?", "len(bought"),
    ],
)
def test_what_is_used_or_not_named_is_fine(request_, code):
    assert overlooked(code, request_, HELD) is None


@pytest.mark.parametrize(
    ("request_", "code", "told"),
    [
        ("The 5 ages with least occurrence", "people.age.value_counts().head(5).index", "asks for the least"),
        ("Which day had the fewest visits?", "df.groupby('day').visits.sum().idxmax()", "asks for the least"),
        ("The lowest three prices", "df.price.sort_values(ascending=False).head(3)", "asks for the least"),
        ("Which day had the most visits?", "df.groupby('day').visits.sum().idxmin()", "asks for the most"),
        ("How many non-missing values are there?", "df.isnull().sum()", "use `notnull`"),
    ],
)
def test_the_contrary_is_told(request_, code, told):
    assert told in (contrary(code, request_) or "")


@pytest.mark.parametrize(
    ("request_", "code"),
    [
        ("The 5 ages with least occurrence", "people.age.value_counts().tail(5).index"),
        ("The 5 ages with least occurrence", "people.age.value_counts(ascending=True).head(5)"),
        ("Ages that occur at least twice", "people.age.value_counts().head(5)"),
        ("From the most to the least", "df.sort_values('x', ascending=False)"),
        ("The lowest of the maxima", "df.groupby('a').b.max().min()"),
        ("The most frequent", "df.a.sort_values().iloc[-1]"),
        ("How many non-missing values are there?", "(~df.isnull()).sum()"),
        ("How many non-missing values are there?", "len(df) - df.isna().sum()"),
        ("How many missing values are there?", "df.isnull().sum()"),
    ],
)
def test_what_may_be_meant_is_fine(request_, code):
    assert contrary(code, request_) is None


@pytest.fixture
def ask_of_orders(ask, kernel):
    for _ in kernel.execute(
        "a", "import pandas as pd\nbought = pd.DataFrame({'order_id': [7, 7, 8], 'item': ['tea', 'cake', 'tea']})"
    ):
        pass
    return lambda replies: ask(replies, request=Request("How many orders were made?"), executor=kernel)


def test_code_that_leaves_it_out_is_written_again_before_it_runs(ask_of_orders):
    run = ask_of_orders(
        {"names `order_id`": [block("bought.order_id.nunique()")], "": [block("len(bought)"), "2 orders were made."]}
    )
    assert run.ending == ("done", "answered")
    assert len(run.of(ExecutionStarted)) == 1
    assert run.end.rounds == 2


def test_a_model_that_insists_is_let_have_its_way(ask_of_orders):
    run = ask_of_orders({"names `order_id`": [block("len(bought)")], "": [block("len(bought)"), "3 orders were made."]})
    assert run.ending == ("done", "answered")
    assert len(run.of(ExecutionStarted)) == 1


def test_the_kind_of_an_object_is_no_result(ask_of_orders):
    run = ask_of_orders([block("bought.groupby('order_id')"), block("bought.groupby('order_id').size()"), "The sizes are shown."])
    assert run.ending == ("done", "answered")
    kind, table = (event.text for event in run.of(FeedbackGiven))
    assert kind.endswith(AFTER_KIND)
    assert table.endswith(AFTER_TABLE)
