"""What the models are given to do, in the agent's own words: a first answer, and two revisions of a cell that failed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from ....agent.feedback import feedback_within
from ....agent.plain_text import fenced
from ....agent.prompt import build_prompt
from ....agent.traceback_text import read_traceback
from ....agent.wording import after_failure
from ....kernel.base import ExecutionResult, Variable
from ....request import Cell, Request

Messages = list[dict[str, str]]

ANSWER_TOKENS: Final = 200
DECODE_TOKENS: Final = 128
CANDIDATES: Final = 4
REVISION_TOKENS: Final = 450  # at most: a revision is as long as our plain greedy reply is

_CELLS = (
    """\
import math
import numpy as np
import pandas as pd
import matplotlib.pyplot as plt
from pathlib import Path

DATA = Path("data")
RATES = {"EUR": 1.0, "USD": 0.92, "GBP": 1.17, "CHF": 1.05, "SEK": 0.088}""",
    """\
orders = pd.read_csv(DATA / "orders.csv", parse_dates=["ordered_at", "shipped_at"])
orders["amount_eur"] = orders["amount"] * orders["currency"].map(RATES)
orders["weekday"] = orders["ordered_at"].dt.day_name()
customers = pd.read_json(DATA / "customers.json", orient="records")
customers = customers.drop_duplicates("customer_id").set_index("customer_id")
customers["age_group"] = pd.cut(customers["age"], [0, 18, 30, 45, 60, 120], labels=["<18", "18-30", "31-45", "46-60", ">60"])
joined = orders.join(customers, on="customer_id", how="left", rsuffix="_customer")
joined["segment"] = joined["segment"].fillna("unknown")""",
    """\
by_month = joined.groupby([joined["ordered_at"].dt.to_period("M"), "segment"])["amount_eur"].agg(["sum", "mean", "count"])
by_month.columns = ["revenue", "mean_order", "num_orders"]
late = joined[joined["shipped_at"] - joined["ordered_at"] > pd.Timedelta(days=3)]
print(f"{len(late)} of {len(joined)} orders were late ({len(late) / len(joined):.1%})")""",
    """\
def seasonal_index(series, period=12):
    # The ratio of each month to the centred moving average.
    trend = series.rolling(period, center=True).mean()
    ratio = series / trend
    return ratio.groupby(ratio.index.month).median()

revenue = joined.set_index("ordered_at").resample("MS")["amount_eur"].sum()
index = seasonal_index(revenue)
print("strongest month:", index.idxmax(), "weakest month:", index.idxmin())""",
)
_VARIABLES = (
    Variable("orders", "DataFrame", "20512 rows, order_id int64, customer_id int64, ordered_at datetime64, amount_eur float64"),
    Variable("customers", "DataFrame", "3120 rows, customer_id int64 (index), age int64, segment object, age_group category"),
    Variable("by_month", "DataFrame", "96 rows, revenue float64, mean_order float64, num_orders int64"),
)
_REQUEST = "Write a class Cohorts that groups customers by the month of their first order and gives retention, revenue and size."
_CODE = """\
class Cohorts:
    def __init__(self, orders, customer="customer_id", when="ordered_at", amount="amount_eur"):
        self.orders = orders.copy()
        self.customer = customer
        self.when = when
        self.amount = amount
        self.orders["month"] = self.orders[when].dt.to_period("M")
        first = self.orders.groupby(customer)["month"].min().rename("cohort")
        self.orders = self.orders.join(first, on=customer)
        self.orders["age"] = (self.orders["month"] - self.orders["cohort"]).apply(lambda offset: offset.n)

    def size(self):
        return self.orders.groupby("cohort")[self.customer].nunique()

    def retention(self):
        active = self.orders.groupby(["cohort", "age"])[self.customer].nunique().unstack(fill_value=0)
        return active.div(self.sizes(), axis=0).round(3)

    def revenue(self):
        table = self.orders.pivot_table(index="cohort", columns="age", values=self.amount, aggfunc="sum")
        return table.fillna(0.0).cumsum(axis=1)

    def plot(self):
        fig, ax = plt.subplots(figsize=(8, 5))
        image = ax.imshow(self.retention().values, cmap="viridis", aspect="auto")
        ax.set_xlabel("months since the first order")
        ax.set_ylabel("cohort")
        fig.colorbar(image, ax=ax)
        return ax

cohorts = Cohorts(orders)
cohorts.retention().head()
"""
_ERROR = ("AttributeError", "'Cohorts' object has no attribute 'sizes'")
_TRACEBACK = """\
AttributeError                            Traceback (most recent call last)
Cell In[7], line 32
     31 cohorts = Cohorts(orders)
---> 32 cohorts.retention().head()

Cell In[7], line 17, in Cohorts.retention(self)
     15 def retention(self):
     16     active = self.orders.groupby(["cohort", "age"])[self.customer].nunique().unstack(fill_value=0)
---> 17     return active.div(self.sizes(), axis=0).round(3)

AttributeError: 'Cohorts' object has no attribute 'sizes'
"""
# Without this sentence the 0.5B writes only the lines that it would change, and nothing is repeated.
_WHOLE = "Write the whole cell again, from its first line to its last."
_WISH = (
    "Check in __init__ that all three columns exist and raise a KeyError that names the missing one, "
    "give every method a docstring of one line, and add a method churn() that returns one minus the retention."
)


@dataclass(frozen=True, slots=True)
class Work:
    """A reply of `num_tokens` to measure.

    What `before` holds has been read already. `drafts` are what an agent knows the reply may repeat; None: no drafts at all.
    """

    key: str
    messages: Messages
    num_tokens: int
    before: Messages | None = None
    drafts: tuple[str, ...] | None = ()


def first_answers(salt: int) -> list[Work]:
    """Give a question with a short prompt, without and with drafts, and the first request in a notebook, about 1,000 tokens."""
    return [
        Work("decode", _question(f"{salt}."), DECODE_TOKENS, drafts=None),
        Work("decode, drafted", _question(f"{salt}:"), DECODE_TOKENS),
        Work("answer", _first_turn(salt), ANSWER_TOKENS),
    ]


def new_code(salt: int) -> Work:
    """Give a request in a notebook, whose answer repeats little of it."""
    return Work("new code", _first_turn(salt), ANSWER_TOKENS)


def beside_others(salt: int) -> Work:
    """Give the question once more, to be answered while other processes compute."""
    return Work("decode, cores busy", _question(f"{salt};"), DECODE_TOKENS, drafts=None)


def revisions(salt: int, lengths: Mapping[str, int]) -> list[Work]:
    """Give a repair, which repeats most of the code, and a rewrite, which changes much; `lengths` tells their known tokens."""
    before = [*_first_turn(salt), _turn("assistant", fenced(_CODE.strip(), "python"))]
    result = ExecutionResult("error", "", 7, (), 0.1, *_ERROR, tuple(_TRACEBACK.splitlines()))
    failure = read_traceback(*_ERROR, result.traceback)
    told = f"{feedback_within(result, 4000)}\n{after_failure(failure, '')}"
    return [
        Work(key, [*before, _turn("user", text)], lengths.get(key, REVISION_TOKENS), before, (_CODE,))
        for key, text in (("repair", f"{told}\n{_WHOLE}"), ("rewrite", f"{told}\n{_WISH}"))
    ]


def long_text(salt: str, num_characters: int) -> str:
    """Give that much of a notebook."""
    notebook = "\n\n".join(_CELLS)
    return (salt + notebook * (num_characters // len(notebook) + 1))[:num_characters]


def _question(mark: str) -> Messages:
    return [_turn("user", f"{mark} Explain how a hash table works, in ten paragraphs.")]


def _first_turn(salt: int) -> Messages:
    """Give what the agent sends for the first request in a notebook."""
    cells = tuple(Cell(str(place), "code", source, place + 1) for place, source in enumerate(_CELLS))
    built = build_prompt(Request(_REQUEST, cells), _VARIABLES, (), _no_count, limit=4096)
    first, *others = built.messages
    return [_turn("system", f"{salt}. {first.content}"), *(_turn(message.role, message.content) for message in others)]


def _no_count(texts: Sequence[str]) -> list[int]:
    """Everything fits."""
    return [0] * len(texts)


def _turn(role: str, content: str) -> dict[str, str]:
    return {"role": role, "content": content}
