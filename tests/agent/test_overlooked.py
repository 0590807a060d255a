"""Code that leaves out what the request names, or gives the contrary of what is asked, is written again before it runs."""

from __future__ import annotations

import pytest

from jupyter_oci.agent.contrary import contrary
from jupyter_oci.agent.overlooked import missed
from jupyter_oci.agent.wording import AFTER_KIND, AFTER_TABLE
from jupyter_oci.events import ExecutionStarted, FeedbackGiven, ReplyFinished, SourceFinished
from jupyter_oci.kernel.base import Variable
from jupyter_oci.request import Cell, Request

from .driving import block

BOUGHT = Variable(
    "bought", "DataFrame", "9 rows x 3 columns: order_id int64 (1, 1, 2) 4 distinct; item str ('Izze'); Unit Price str ('x')"
)
PEOPLE = Variable(
    "people",
    "DataFrame",
    "9 rows x 5 columns: age int64 (24); occupation str ('x'); preTestScore int64 (1); job str; person_id int64",
)
DRINKS = Variable(
    "drinks", "DataFrame", "9 rows x 5 columns: continent str ('AF'); beer_servings int64; wine_servings int64; show_id str"
)
BEER = Variable("beer_by_continent", "Series", "length 5, index continent str, name beer_servings, dtype float64 (1.0)")
NUMPY = Variable("np", "module", "numpy")
HELD = (BOUGHT, PEOPLE, DRINKS, BEER, NUMPY)
CELLS = (Cell("c", "code", "beer_by_continent = drinks.groupby('continent').beer_servings.mean()", execution_count=3),)


@pytest.mark.parametrize(
    ("request_", "code", "told"),
    [
        (
            "How many orders were made?",
            "len(bought)",
            "A row of `bought` is not one order: count the distinct values of `order_id`.",
        ),
        ("What is the number of orders?", "bought.shape[0]", "A row of `bought` is not one order"),
        (
            "The mean preTestScores by occupation and age",
            "people.groupby('age')['preTestScore'].mean()",
            "The request names `preTestScore`, `occupation` and `age`, columns of `people`: use all of them.",
        ),
        ("Sum by Item, Unit Price", "bought.groupby('item').sum()", "The request names `item` and `Unit Price`, columns of"),
        ("Der Mittelwert nach age und nach job", "people.groupby('age').mean()", "The request names `age` and `job`"),
        (
            "Statistics for wine in each continent",
            "beer_by_continent.describe()",
            "`beer_by_continent` has no `wine_servings`, but `drinks` has: use `drinks`.",
        ),
        (
            "Use an np.random.RandomState with seed 4",
            "np.random.seed(4)",
            "Use `np.random.RandomState`, which the request names.",
        ),
    ],
)
def test_what_is_named_and_left_out_is_said(request_, code, told):
    assert (missed(code, Request(request_, CELLS), HELD) or "").startswith(told)


@pytest.mark.parametrize(
    ("request_", "code"),
    [
        ("How many orders were made?", "bought.order_id.nunique()"),
        ("How many orders were made?", "len(set(bought['order_id']))"),
        ("How many order lines are there?", "len(bought)"),
        ("How many persons are there?", "len(people)"),  # no person is there twice
        ("How many orders were made?", "bought.item.count()"),
        ("Which name is the longest?", "bought['item'].max()"),
        ("Summarize only the occupation column", "people.describe()"),
        ("Mean by occupation and age", "people.groupby(['occupation', 'age']).mean()"),
        ("First clean age, then train on occupation and job", "people['age'] = people.age.abs(); people.job"),
        ("Sum by age, ignore occupation and job", "people.groupby('job').sum()"),
        ("All columns except occupation and job", "people.drop(columns='job')"),
        ("How many servings of beer?", "beer_by_continent.sum()"),
        ("Show the mean of each continent", "beer_by_continent.mean()"),
        ("Show the mean age", "people.age.mean()"),
        ("Statistics for wine in each continent", "drinks.join(beer_by_continent)"),
        ("How many orders were made?", "print('hello')"),
        ("Do it without pd.merge", "people.join(drinks)"),
        ("Double it. Don't use np.vectorize.", "people.age * 2"),
        ("Kombiniere sie, nicht mit pd.concat", "people.join(drinks)"),
        ("What is the average age job?", "people.age.mean()"),  # no columns in a row, though both are named
        ("Mean by age and job, but job is not needed", "people.groupby('age').mean()"),
        ("Plot beer_by_continent with a show of wine", "beer_by_continent.plot()"),
        ("Plot it with a figure size of 8", "beer_by_continent.plot()"),
        ("I tried pd.merge but got duplicates", "people.join(drinks)"),
        ("Replace zeros with np.nan", "people.replace(0, float('nan'))"),
        ("Read it with pd.read_csv", "people = pd.read_csv('a')"),
        ("", "people"),
        ("How many orders were made?", "len(bought"),
    ],
)
def test_what_is_used_or_not_named_is_fine(request_, code):
    assert missed(code, Request(request_, CELLS), HELD) is None


@pytest.mark.parametrize(
    ("request_", "code", "told"),
    [
        ("The 5 ages with least occurrence", "people.age.value_counts().head(5).index", "asks for the least"),
        ("Which day had the fewest visits?", "df.groupby('day').visits.sum().idxmax()", "asks for the least"),
        ("The lowest three prices", "df.price.sort_values(ascending=False).head(3)", "asks for the least"),
        ("How many non-missing values are there?", "df.isnull().sum()", "use `notnull`"),
        ("Count what is not null in each column", "df.isna().sum()", "use `notnull`"),
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
        ("The lowest of the maxima", "df.groupby('a').b.max().sort_values().index[0]"),
        ("Fit ordinary least squares and plot it", "model = sm.OLS(y, X).fit(); x.idxmax()"),
        ("Show the top 5 cheapest products", "df.nsmallest(5, 'price')"),
        ("Which was the largest drop in price?", "df.price.diff().idxmin()"),
        ("How many non-missing values are there?", "(~df.isnull()).sum()"),
        ("How many non-missing values are there?", "len(df) - df.isna().sum()"),
        ("How many missing values are there?", "df.isnull().sum()"),
        ("Which columns have not a missing value?", "df.isnull().sum() == 0"),
        ("How many columns are not empty?", "(df.isnull().sum() == 0).sum()"),
        ("Which model has the lowest error?", "scores['neg_mean_squared_error'].idxmax()"),
        ("The lowest price of each shop", "df.groupby('shop').price.agg('min').idxmax()"),
        ("Check that price is not null", "assert not df.price.isnull().any()"),
        ("The smallest number of components", "np.argmax(np.cumsum(pca.explained) >= 0.95) + 1"),
        ("The lowest bin", "(counts > 3).idxmax()"),
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
        {"is not one order": [block("bought.order_id.nunique()")], "": [block("len(bought)"), "2 orders were made."]}
    )
    assert run.ending == ("done", "answered")
    [started] = run.of(ExecutionStarted)
    assert started.source == "bought.order_id.nunique()"


def test_a_model_that_insists_is_let_have_its_way(ask_of_orders):
    run = ask_of_orders({"is not one order": [block("len(bought)")], "": [block("len(bought)"), "3 orders were made."]})
    assert run.ending == ("done", "answered")
    assert len(run.of(ExecutionStarted)) == 1
    assert len(run.of(ReplyFinished)) == 3


@pytest.mark.parametrize(
    "again",
    ["Each row is one.", block("len(bought"), block("bought = pd.DataFrame({'order_id': [1, 2]})\nbought.order_id.nunique()")],
)
def test_code_is_kept_where_no_better_comes_of_it(ask_of_orders, again):
    run = ask_of_orders({"is not one order": [again], "": [block("len(bought)"), "3 orders were made."]})
    assert run.ending == ("done", "answered")
    [started] = run.of(ExecutionStarted)
    assert started.source == run.of(SourceFinished)[-1].source == "len(bought)"


def test_the_kind_of_an_object_is_no_result(ask_of_orders):
    run = ask_of_orders([block("bought.groupby('order_id')"), block("bought.groupby('order_id').size()"), "The sizes are shown."])
    assert run.ending == ("done", "answered")
    kind, table = (event.text for event in run.of(FeedbackGiven))
    assert kind.endswith(AFTER_KIND)
    assert table.endswith(AFTER_TABLE)
