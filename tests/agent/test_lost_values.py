"""Values that a conversion would make missing: they are read where it can be seen how, and else the user is asked first."""

from __future__ import annotations

import pandas as pd
import pytest

from jupyter_oci.agent.cures import with_all_read
from jupyter_oci.agent.lost_values import counting, lost
from jupyter_oci.events import ApprovalRequested, Decision, ExecutionStarted
from jupyter_oci.kernel.base import Variable
from jupyter_oci.request import Cell, Request

from .driving import block

STRIPPED = ".replace(r'\\$|\\s|,(?=\\d{3}(?!\\d))', '', regex=True)"
PRICES = "prices = pd.DataFrame({'price': ['$1,234.50', '$7.00', 'n/a'], 'day': ['2024-01-31', '31/01/2024', '1 Feb 2024']})"
COERCED = "prices['price'] = pd.to_numeric(prices['price'], errors='coerce')"
READ = COERCED.replace("prices['price'],", f"prices['price']{STRIPPED},")


def table(values: str) -> list[Variable]:
    return [Variable("prices", "DataFrame", f"3 rows x 1 columns: price object ({values})")]


@pytest.fixture
def asked(ask, kernel):
    """Ask with a table in a kernel of its own, which cells above made."""

    def run(made: str, replies: list[str], decide=None):
        source = f"import pandas as pd\n{made}"
        for _ in kernel.execute("a", source):
            pass
        cells = (Cell("a", "code", source, execution_count=1),)
        request = Request("Make numbers of the prices", cells=cells)
        return ask(replies, request=request, executor=kernel, decide=decide)

    return run


@pytest.mark.parametrize(
    ("values", "changed"),
    [
        ("'$1,234.50', '$7.00', 'n/a'", READ),
        ("'12', '7.5', 'n/a'", COERCED),
        ("'A12', 'B7', 'C9'", COERCED),
        ("'$12', '€7.5'", COERCED),
        ("", COERCED),
    ],
)
def test_what_is_no_part_of_a_number_is_taken_off_where_values_show_it(values, changed):
    assert with_all_read(COERCED, table(values)) == changed


def test_what_the_code_takes_off_itself_is_not_all_there_is():
    code = "prices['price'] = pd.to_numeric(prices['price'].str.replace(',', ''), errors='coerce')"
    changed = with_all_read(code, table("'1,234.50', '217.05 USD', 'n/a'"))
    assert changed == code.replace("(',', '')", "(',', '')" + STRIPPED.replace(r"\$", "USD"))


@pytest.mark.parametrize(
    "code",
    [
        f"prices['price'] = prices['price'].str.strip('$')\n{COERCED}",
        "prices['price'] = prices['price'].map(to_amount)\ntotal = pd.to_numeric(prices['price'], errors='coerce').sum()",
        "pd.to_numeric(prices['price'], errors='coerce').isna().sum()",
        f"{COERCED}\nprint(prices.price.notnull().sum())",
    ],
)
def test_what_the_code_cleans_or_counts_itself_stays_as_it_is(code):
    assert with_all_read(code, table("'$1,234.50', '$7'")) == code


def test_true_numbers_beside_text_are_no_text():
    names = {"prices": pd.DataFrame({"price": ["$1,200", 300, 450.5]}), "pd": pd}
    exec(with_all_read(COERCED, table("'$1,200', 300, 450.5")), names)
    assert list(names["prices"].price) == [1200, 300, 450.5]


def test_a_form_that_is_written_is_meant():
    code = "days = pd.to_datetime(prices['price'], format='%Y-%m-%d', errors='coerce')"
    assert with_all_read(code, table("'2024-01-31', '31/01/2024'")) == code


@pytest.mark.parametrize(
    ("values", "arguments"),
    [
        ("'2024-01-31', '01/31/2024'", "errors='coerce', format='mixed'"),
        ("'2024-01-31', '03/04/2024'", "errors='coerce'"),
        ("'2024-01-31', '2024-02-01'", "errors='coerce'"),
    ],
)
def test_dates_of_several_forms_are_read_where_it_can_be_told_which_number_is_the_day(values, arguments):
    code = "prices['price'] = pd.to_datetime(prices['price'], errors='coerce')"
    assert with_all_read(code, table(values)) == code.replace("errors='coerce'", arguments)


def test_where_the_day_comes_first_it_is_put_last_since_dayfirst_would_turn_the_others_round():
    names = {"prices": pd.DataFrame({"price": ["2024-01-05", "31/01/2024", "May 2, 2024"]}), "pd": pd}
    code = "prices['price'] = pd.to_datetime(prices['price'], errors='coerce')"
    exec(with_all_read(code, table("'2024-01-05', '31/01/2024', 'May 2, 2024'")), names)
    assert list(names["prices"]["price"].dt.strftime("%d.%m.")) == ["05.01.", "31.01.", "02.05."]


def test_only_what_may_lose_values_of_a_held_table_is_counted():
    held = {"prices": "DataFrame"}
    assert counting(COERCED, held)
    assert counting(COERCED, {"prices": "list"}) is None
    assert counting("prices['price'] = 1", held) is None
    assert lost("the cell raises ValueError: LOST 2 3 unit price, in `raise`") == (
        "2 of 3 values of `unit price` become missing (NaN): they could not be read."
    )
    assert lost("the cell raises ValueError: no") is lost(None) is None


def test_tables_are_told_apart_whatever_they_are_called():
    source = "before['c'] = before['c'] + 1\ntable['c'] = pd.to_numeric(table['c'], errors='coerce')"
    names = {"pd": pd, "table": pd.DataFrame({"c": ["one", "2"]}), "before": pd.DataFrame({"c": [1, 2]})}
    with pytest.raises(ValueError, match="LOST 1 2 c"):
        exec(counting(source, {"table": "DataFrame", "before": "DataFrame"}), names)


def test_it_is_read_in_the_run_too(asked):
    run = asked(PRICES, [block(COERCED), "They are numbers."])
    assert not run.of(ApprovalRequested)
    assert [event.source for event in run.of(ExecutionStarted)] == [READ]


def test_the_user_is_asked_before_values_are_lost_in_auto_mode_too(asked, kernel):
    made = "prices = pd.DataFrame({'price': ['twelve', 'seven', '3']})"
    run = asked(made, [block(COERCED), "They are numbers."], lambda _: Decision("skip", ""))
    [request] = run.of(ApprovalRequested)
    assert request.reasons == ("2 of 3 values of `price` become missing (NaN): they could not be read.",)
    assert run.ending == ("done", "declined")
    assert "'twelve'" in next(variable.summary for variable in kernel.variables() if variable.name == "prices")
