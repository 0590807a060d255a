"""What the models are given to do: a first answer, and two revisions of a cell that failed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

Messages = list[dict[str, str]]

ANSWER_TOKENS: Final = 200
DECODE_TOKENS: Final = 128
CANDIDATES: Final = 4
REVISION_TOKENS: Final = 450  # at most: a revision is as long as our plain greedy reply is

_SYSTEM = "You write Python for a notebook. Answer with one code block."
_NOTEBOOK = '''\
# Cell 1
import math
import numpy as np
import pandas as pd
import matplotlib.pyplot as plt
from pathlib import Path

DATA = Path("data")
RATES = {"EUR": 1.0, "USD": 0.92, "GBP": 1.17, "CHF": 1.05, "SEK": 0.088}

# Cell 2
orders = pd.read_csv(DATA / "orders.csv", parse_dates=["ordered_at", "shipped_at"])
orders["amount_eur"] = orders["amount"] * orders["currency"].map(RATES)
orders["weekday"] = orders["ordered_at"].dt.day_name()
print(orders.dtypes)
# Output:
# order_id               int64
# customer_id            int64
# ordered_at    datetime64[ns]
# shipped_at    datetime64[ns]
# amount               float64
# currency              object
# country               object
# amount_eur           float64
# weekday               object

# Cell 3
customers = pd.read_json(DATA / "customers.json", orient="records")
customers = customers.drop_duplicates("customer_id").set_index("customer_id")
customers["age_group"] = pd.cut(customers["age"], [0, 18, 30, 45, 60, 120], labels=["<18", "18-30", "31-45", "46-60", ">60"])
joined = orders.join(customers, on="customer_id", how="left", rsuffix="_customer")
joined["segment"] = joined["segment"].fillna("unknown")

# Cell 4
by_month = joined.groupby([joined["ordered_at"].dt.to_period("M"), "segment"])["amount_eur"].agg(["sum", "mean", "count"])
by_month.columns = ["revenue", "mean_order", "num_orders"]
late = joined[joined["shipped_at"] - joined["ordered_at"] > pd.Timedelta(days=3)]
print(f"{len(late)} of {len(joined)} orders were late ({len(late) / len(joined):.1%})")
# Output: 1184 of 20512 orders were late (5.8%)

# Cell 5
fig, axes = plt.subplots(1, 2, figsize=(11, 4), sharey=False)
by_month["revenue"].unstack().plot(ax=axes[0], title="Revenue by segment")
late["country"].value_counts().head(10).plot.barh(ax=axes[1], title="Late orders by country")
for ax in axes:
    ax.spines[["top", "right"]].set_visible(False)
fig.tight_layout()

# Cell 6
def seasonal_index(series, period=12):
    """Ratio of each month to the centred moving average."""
    trend = series.rolling(period, center=True).mean()
    ratio = series / trend
    return ratio.groupby(ratio.index.month).median()

revenue = joined.set_index("ordered_at").resample("MS")["amount_eur"].sum()
index = seasonal_index(revenue)
peak = index.idxmax()
print("strongest month:", peak, "weakest month:", index.idxmin(), "amplitude:", round(index.max() - index.min(), 3))
# Output: strongest month: 11 weakest month: 2 amplitude: 0.417
'''
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
_TRACEBACK = """\
The code failed:
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
_REPAIR = "Correct the error and give the whole cell again."
_REWRITE = (
    "Correct the error. Check in __init__ that all three columns exist and raise a KeyError that names the missing one, "
    "give every method a docstring of one line, and add a method churn() that returns one minus the retention. "
    "Give the whole cell again."
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
    plain, drafted = ([_turn("user", f"{salt}{mark} Explain how a hash table works, in ten paragraphs.")] for mark in ".:")
    return [
        Work("decode", plain, DECODE_TOKENS, drafts=None),
        Work("decode, drafted", drafted, DECODE_TOKENS),
        Work("answer", _first_turn(salt), ANSWER_TOKENS),
    ]


def revisions(salt: int, lengths: Mapping[str, int]) -> list[Work]:
    """Give a repair, which repeats most of the code, and a rewrite, which changes much; `lengths` tells their known tokens."""
    before = [*_first_turn(salt), _turn("assistant", f"```python\n{_CODE}```")]
    return [
        Work(key, [*before, _turn("user", f"{_TRACEBACK}\n{wish}")], lengths.get(key, REVISION_TOKENS), before, (_CODE,))
        for key, wish in (("repair", _REPAIR), ("rewrite", _REWRITE))
    ]


def long_text(salt: str, num_characters: int) -> str:
    """Give that much of a notebook."""
    return (salt + _NOTEBOOK * (num_characters // len(_NOTEBOOK) + 1))[:num_characters]


def _first_turn(salt: int) -> Messages:
    return [_turn("system", f"{salt}. {_SYSTEM}"), _turn("user", f"{_NOTEBOOK}\n{_REQUEST}")]


def _turn(role: str, content: str) -> dict[str, str]:
    return {"role": role, "content": content}
