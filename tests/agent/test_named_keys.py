"""Code that is put right by the words of the request alone: all columns that it names, and the least where it took the most."""

from __future__ import annotations

import pytest

from jupyter_oci.agent.contrary import turned
from jupyter_oci.agent.named_keys import with_named_keys
from jupyter_oci.events import ExecutionStarted, ReplyFinished
from jupyter_oci.kernel.base import Variable
from jupyter_oci.request import Request

from .driving import block

PEOPLE = Variable("people", "DataFrame", "9 rows x 4 columns: age int64 (24); occupation str ('x'); score int64 (1); job str")


@pytest.mark.parametrize(
    ("request_", "code", "right"),
    [
        ("Mean scores grouped by occupation and job", "people.groupby({}).score.mean()", "['occupation', 'job']"),
        ("Mean score by occupation, age and job", "people.groupby({}).mean()", "['occupation', 'age', 'job']"),
        ("Mean score per occupation and per job", "é = 1\npeople.groupby(by={}).mean()", "['occupation', 'job']"),
        ("For each combination of job and age, the mean", "people.groupby({}, as_index=False).mean()", "['job', 'age']"),
        ("Der Mittelwert nach age und nach job", "people.groupby({}).mean()", "['age', 'job']"),
    ],
)
def test_a_table_is_grouped_by_all_columns_that_are_named(request_, code, right):
    assert with_named_keys(code.format("'job'"), request_, [PEOPLE]) == code.format(right)


@pytest.mark.parametrize(
    ("request_", "code"),
    [
        ("Mean by occupation, sorted by age and job", "people.groupby('age').mean()"),
        ("Order them by age and job", "people.groupby('age').mean()"),
        ("Mean of age and job", "people.groupby('age').mean()"),
        ("Mean by age and job", "people.groupby('occupation').mean()"),
        ("Mean by age and job", "people.groupby(['age', 'job']).mean()"),
        ("Mean by age and job", "people.groupby('age').job.max()"),
        ("Mean by age and job", "people.groupby(people.age).mean()"),
        ("Mean by age and job", "other.groupby('age').mean()"),
        ("Mean by age and job", "people[people.age > 3].groupby('age').mean()"),
        ("Mean by age and job", "people.groupby('age').mean()\npeople.groupby('age').sum()"),
        ("Mean by age and job, but the job is not needed", "people.groupby('age').mean()"),
        ("Without grouping by age and job", "people.groupby('age').mean()"),
        ("Mean by age and job", "people.groupby('age'"),
        ("Mean by age and job", "people.age.mean()"),
    ],
)
def test_what_may_be_meant_stays(request_, code):
    assert with_named_keys(code, request_, [PEOPLE]) == code


@pytest.mark.parametrize(
    ("code", "right"),
    [
        ("people.age.value_counts().head(5).index", "people.age.value_counts().tail(5).index"),
        ("people.age.value_counts().index[:5]", "people.age.value_counts().index[-5:]"),
        ("people.age.value_counts().iloc[:5]", "people.age.value_counts().iloc[-5:]"),
        ("people.age.value_counts().index[0]", "people.age.value_counts().index[-1]"),
        ("people.sort_values('age', ascending=False).head(5)", "people.sort_values('age', ascending=True).head(5)"),
        ("people.nlargest(5, 'age')", "people.nsmallest(5, 'age')"),
        ("scores.idxmax()", "scores.idxmax()"),  # of an accuracy it is the least error
        ("a.nlargest(5)\nb.nlargest(5)", "a.nlargest(5)\nb.nlargest(5)"),
        ("people.nsmallest(5, 'age')", "people.nsmallest(5, 'age')"),
    ],
)
def test_the_least_is_taken_where_the_code_takes_the_most(code, right):
    assert turned(code, "The 5 ages with the least occurrence") == right
    assert turned(code, "The 5 ages with the most occurrence") == code


@pytest.mark.parametrize(
    ("request_", "code", "ran"),
    [
        ("Sum by city and shop", "sales.groupby('city').sum()", "sales.groupby(['city', 'shop']).sum()"),
        ("Which city has the fewest rows?", "sales.city.value_counts().index[0]", "sales.city.value_counts().index[-1]"),
    ],
)
def test_it_runs_put_right_and_the_model_is_not_asked_again(ask, kernel, request_, code, ran):
    made = "import pandas as pd\nsales = pd.DataFrame({'city': ['a', 'b', 'b'], 'shop': ['x', 'x', 'y'], 'n': [1, 2, 3]})"
    for _ in kernel.execute("made", made):
        pass
    run = ask([block(code), "This is it."], request=Request(request_), executor=kernel)
    assert run.ending == ("done", "answered")
    assert [event.source for event in run.of(ExecutionStarted)] == [ran]
    assert len(run.of(ReplyFinished)) == 2
