"""What is mended without asking the model again: an import that code lacks, one slip that the request's examples show."""

from __future__ import annotations

import pytest

from jupyter_oci.events import (
    ApprovalRequested,
    CellOpened,
    Decision,
    ExecutionStarted,
    FeedbackGiven,
    ReplyFinished,
    RoundStarted,
    SourceFinished,
    TextDelta,
)
from jupyter_oci.request import Cell, Request

from .driving import block


def test_an_import_that_is_lacking_is_put_there_before_the_cell_runs(ask):
    code = "def first(xs: List[int]) -> float:\n    return math.sqrt(xs[0])"
    run = ask([block(code), block("print(first([4]))"), "It is 2."])
    assert run.ending == ("done", "answered")
    mended = f"from typing import List\nimport math\n{code}"
    assert [event.source for event in run.of(ExecutionStarted)] == [mended, "print(first([4]))"]
    assert [event.source for event in run.of(SourceFinished)] == [code, mended, "print(first([4]))"]
    assert len(run.of(RoundStarted)) == 3


def test_what_the_notebook_calls_by_the_name_of_a_module_stays(ask, shared_kernel):
    request = Request("do it", cells=(Cell("a", "code", "random = [3]", 1), Cell("b", "code", "def time(): ...", 2)))
    for _ in shared_kernel.execute("a", "random = [3]"):
        pass
    run = ask([block("print(random.index(3))"), "It is 0."], request=request)
    assert [event.source for event in run.of(ExecutionStarted)] == ["print(random.index(3))"]


def test_code_that_is_the_same_but_for_an_import_that_was_put_there_is_no_new_code(ask):
    run = ask([block("print(string.digits)"), block("print(string.digits)"), block("print(string.digits)")])
    assert run.ending == ("done", "same_code")
    assert [event.source for event in run.of(ExecutionStarted)] == ["import string\nprint(string.digits)"]


def test_what_is_only_inserted_has_its_imports(ask):
    run = ask([block("print(itertools.count())")], mode="suggest")
    assert run.of(SourceFinished)[-1].source == "import itertools\nprint(itertools.count())"


def test_one_slip_is_mended_without_asking_again(ask):
    half = Request("assert half(3) == 1.5\nassert half(8) == 4")
    run = ask([block("def half(x):\n    return x // 2"), "It halves."], request=half)
    assert run.ending == ("done", "checked")
    assert [event.source for event in run.of(ExecutionStarted)] == [
        "def half(x):\n    return x // 2",
        "def half(x):\n    return x / 2",
    ]
    assert "Found by trying small changes." in "".join(event.text for event in run.of(TextDelta))
    assert [event.revises for event in run.of(CellOpened)] == [False, True]
    assert len(run.of(FeedbackGiven)) == 1
    assert len(run.of(ReplyFinished)) == 2


def test_a_slip_is_mended_where_the_mode_allows_a_trial_and_asks_all_the_same(ask):
    half = Request("assert half(3) == 1.5\nassert half(8) == 4")
    decide = lambda asked: Decision("run", asked.source)  # noqa: E731
    run = ask([block("def half(x):\n    return x // 2"), "It halves."], request=half, mode="ask", decide=decide)
    assert [event.source for event in run.of(ApprovalRequested)] == [event.source for event in run.of(ExecutionStarted)]
    assert run.of(ExecutionStarted)[-1].source == "def half(x):\n    return x / 2"


def test_a_known_cause_of_an_error_is_mended_without_asking_again(ask):
    made = "import pandas as pd\ntill = pd.DataFrame({'paid': ['$3', '$4.50']})\ntill.paid.astype(float).sum()"
    mended = made.replace(".astype", r".replace(r'\$|\s|,(?=\d{3}(?!\d))', '', regex=True).astype")
    run = ask([block(made), "It is 7.5."])
    assert run.ending == ("done", "answered")
    assert [event.source for event in run.of(ExecutionStarted)] == [made, mended]
    assert "currency signs, spaces and commas between thousands are taken off" in "".join(
        event.text for event in run.of(TextDelta)
    )
    assert [event.revises for event in run.of(CellOpened)] == [False, True]
    assert "7.5" in run.of(FeedbackGiven)[0].text


def test_a_slip_in_a_column_is_mended_without_asking_again(ask):
    made = "import pandas as pd\nferry = pd.DataFrame({'Paid': [3, 4]})\nferry['paid'].sum()"
    run = ask([block(made), "It is 7."])
    assert [event.source for event in run.of(ExecutionStarted)] == [made, made.replace("['paid']", "['Paid']")]


def test_of_two_slips_the_second_is_the_next_round(ask):
    made = "import pandas as pd\nbus = pd.DataFrame({'fare': ['$3', '4']})\n(bus.fare.astype(float) > 3) and (bus.fare == '4')"
    first = made.replace(".astype", r".replace(r'\$|\s|,(?=\d{3}(?!\d))', '', regex=True).astype")
    run = ask([block(made), "The second."])
    assert [event.source for event in run.of(ExecutionStarted)] == [made, first, first.replace(" and ", " & ")]


def test_a_cure_that_is_seen_to_be_in_vain_is_not_made(ask):
    made = "import pandas as pd\ntram = pd.DataFrame({'fare': ['3', 'free']})\ntram.fare.mean() - 1"
    run = ask([block(made), block("1"), "It is 1."])
    assert [event.source for event in run.of(ExecutionStarted)] == [made, "1"]
    assert "fare" in run.of(FeedbackGiven)[0].text


def test_rows_by_position_and_columns_by_name_are_left_to_the_model(ask):
    made = "import pandas as pd\nboat = pd.DataFrame({'n': [1, 2]}, index=['a', 'b'])\nboat.loc[0:1, 'n']"
    run = ask([block(made), block("boat.n.head(1)"), "One."])
    assert [event.source for event in run.of(ExecutionStarted)] == [made, "boat.n.head(1)"]


@pytest.mark.parametrize(
    ("code", "shown"),
    [
        ("import pandas as pd\nisles = pd.DataFrame({'n': [1]})\n", "isles"),
        ("quays = sorted([2, 1])", "quays"),
        ("wharf = sorted([2, 1])\nprint(len(wharf))", None),
        ("piers = str", "piers"),
        ("api_token = str(7)", None),
        ("capital = sorted([7])", "capital"),
        ("ramps = sorted([1, 2, 3]);", None),
        ("fig = sorted([1, 2])", None),
        ("%%time\nslips = sorted([1, 2, 3])", None),
        ("berth = 3", None),
        ("double = lambda x: 2 * x", None),
        ("first, second = [1, 2]", None),
        ("import matplotlib.pyplot as plt\nbars = plt.plot([1])", None),
        ("if True:\n    dock = [1]", None),
    ],
)
def test_what_the_last_line_makes_is_shown(ask, code, shown):
    run = ask([block(code), "Done."])
    assert run.of(ExecutionStarted)[0].source == (f"{code.rstrip()}\n{shown}" if shown else code.rstrip())


def test_a_loop_leaves_the_users_variable_as_it_is(ask, shared_kernel):
    for _ in shared_kernel.execute("a", "crew = ['Ada', 'Bo']"):
        pass
    run = ask([block("for crew in crew:\n    print(crew)"), "Both."], request=Request("List the crew."))
    assert run.of(ExecutionStarted)[0].source == "for crew_ in crew:\n    print(crew_)"


HAMS = "import pandas as pd\nhams = pd.DataFrame({'shop': ['Pier'] * 5, 'n': [1] * 5})\n"


def test_text_that_was_added_up_is_left_out(ask):
    run = ask([block(f"{HAMS}hams.sum()"), "Five."])
    assert [event.source for event in run.of(ExecutionStarted)] == [f"{HAMS}hams.sum()", f"{HAMS}hams.sum(numeric_only=True)"]
    assert "the columns of text are left out" in "".join(event.text for event in run.of(TextDelta))
    assert "PierPier" not in run.of(FeedbackGiven)[0].text


@pytest.mark.parametrize(
    "code",
    [
        HAMS.replace("hams", "jams") + "jams.shop.sum()",  # a column of text has nothing else to add up
        "print('PierPierPierPier')",
        "print('Pier' * 5)",
        HAMS.replace("hams", "yams") + "yams[['n']].sum()",
        HAMS.replace("hams", "rams") + "print(rams.assign(a=True, b=True, c=True, d=True))\nrams.max()",
    ],
)
def test_other_text_that_repeats_is_shown_as_it_is(ask, code):
    assert [event.source for event in ask([block(code), "So."]).of(ExecutionStarted)] == [code]


MENU = (
    "import pandas as pd\n{name} = pd.DataFrame({{'units': [3, 1], 'price': ['$1.50', '$1,000'], 'code': ['07', '8'], "
    "'year': ['2024', '4039'], 'tweet': ['123456789012345678', '123456789012345679']}})"
)


@pytest.mark.parametrize("made", ["dish.units * dish['price']", "dish['price'] * dish['units']"])
def test_text_that_was_multiplied_becomes_numbers_first(ask, shared_kernel, made):
    for _ in shared_kernel.execute("a", MENU.format(name="dish")):
        pass
    run = ask([block(f"dish['total'] = {made}\ndish.total"), "4.5 and 1000."], request=Request("Add the total of dish."))
    first, second = (event.source for event in run.of(ExecutionStarted))
    assert made in first
    assert ".astype(float)" in second
    assert "Text was multiplied like a number" in "".join(event.text for event in run.of(TextDelta))
    assert "4.5" in run.of(FeedbackGiven)[0].text
    assert "$1.50$1.50" not in run.of(FeedbackGiven)[0].text


@pytest.mark.parametrize(
    "made",
    [
        "meal['code'] * meal['units']",  # a code is no number
        "meal['units'] * 2",
        "meal.price + meal.code",
        "meal['units'] * meal.price.str.len()",
        "meal['units'] = meal['units'] + 1\nmeal.price * meal['units']",
        "meal['price'] = meal.price + '0'\nmeal.price * meal['units']",
        "meal = meal.copy()\nmeal.price * meal['units']",
        "def total(meal):\n    return meal.price * meal['units']\n\ntotal(meal)",
        "total = meal.price * meal['units']\nlen(total)",  # shows no text
        "meal['bits'] = ['1', '0']\nmeal.bits * meal['units']",
    ],
)
def test_what_is_no_product_of_a_number_in_words_is_left_alone(ask, shared_kernel, made):
    for _ in shared_kernel.execute("a", MENU.format(name="meal")):
        pass
    assert [event.source for event in ask([block(made), "So."]).of(ExecutionStarted)] == [made]


def test_changes_that_need_no_model_are_not_counted_against_it(ask):
    made = (
        "import pandas as pd\nskiff = pd.DataFrame({'n': [1, 2]})\npart = skiff.ix[0:1]\nlist(part.iteritems())\npart.n.nothing()"
    )
    run = ask([block(made), block("skiff.n.sum()"), "It is 3."], max_rounds=2)
    assert run.ending == ("done", "answered")
    sources = [event.source for event in run.of(ExecutionStarted)]
    assert sources[1:] == [
        made.replace(".ix", ".loc"),
        made.replace(".ix", ".loc").replace("iteritems", "items"),
        "skiff.n.sum()",
    ]
    assert "nothing" in run.of(FeedbackGiven)[0].text


@pytest.mark.parametrize(
    ("code", "cured", "told"),
    [
        ("list_.price.max()", "list_.price.replace", "1000.0"),
        ("list_.loc[list_['price'].idxmin()]", "list_['price'].replace", "$1.50"),
        (
            "list_.sort_values('price').price.iloc[-1]",
            "list_.sort_values('price', key=lambda column: column.replace",
            "$1,000",
        ),
        ("list_.sort_values(by=['price']).price.iloc[-1]", "(by=['price'], key=lambda column: column.replace", "$1,000"),
        (
            "list_.groupby('code').price.sum().sort_values().tolist()",
            "list_.assign(price=list_['price'].replace",
            "[1.5, 1000.0]",
        ),
        ("list_['year'].sum()", "list_['year'].astype(float).sum()", "6063.0"),
        ("list_['price'].sum()", "list_['price'].replace", "1001.5"),
        ("list_.price.sort_values().iloc[-1]", "list_.price.sort_values(key=lambda column: column.replace", "$1,000"),
    ],
)
def test_text_that_was_put_in_the_order_of_its_letters_becomes_numbers_first(ask, shared_kernel, code, cured, told):
    for _ in shared_kernel.execute("a", MENU.format(name="list_")):
        pass
    run = ask([block(code), "Done."], request=Request("Show the dearest."))
    first, second = (event.source for event in run.of(ExecutionStarted))
    assert first == code
    assert cured in second
    assert "letter by letter" in "".join(event.text for event in run.of(TextDelta))
    assert told in run.of(FeedbackGiven)[0].text


@pytest.mark.parametrize(
    "code",
    [
        "card.code.max()",  # a code is no number
        "card.year.max()",  # in order already
        "card.sort_values('year').year.iloc[0]",
        "card.groupby('code').year.min()",
        "card.tweet.max()",  # not all of its digits are a float's
        "card.tweet.sum()",
        "card.units.max()",
        "card.groupby('price').units.sum()",
        "card.groupby('units').price.count()",
        "card['price'] = [1.5, 1000.0]\ncard.sort_values('price').price.max()",
        "card.sort_values('price', key=lambda column: column.str.len())",
        "card.sort_values(['price', 'units'])",
        "max(card.price.str.len())",
    ],
)
def test_another_order_is_left_alone(ask, shared_kernel, code):
    for _ in shared_kernel.execute("a", MENU.format(name="card")):
        pass
    assert [event.source for event in ask([block(code), "So."]).of(ExecutionStarted)] == [code]
