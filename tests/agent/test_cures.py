"""Cures against the libraries' own errors: what fails is run, cured, and run again."""

from __future__ import annotations

import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest

from jupyter_oci.agent.cures import cure_of
from jupyter_oci.agent.traceback_text import Failure, Frame
from jupyter_oci.kernel import probe
from jupyter_oci.kernel.base import Variable

from .failing import failure_of

EUR_OFF = r".replace(r'EUR|\s|,(?=\d{3}(?!\d))', '', regex=True)"
YEAR_FIRST = r".replace(r'^\s*(\d{1,2})[./-](\d{1,2})[./-](\d{4})', r'\3-\2-\1', regex=True)"


def values():
    shop = pd.DataFrame(
        {
            "kind": ["a", "b", "a"],
            "price": ["$1.50 ", "$2,000.10", "3"],
            "units": ["1", "22", "3"],
            "n": [1, 2, 3],
            "f": [0.1, 0.2, 0.3],
            "day": ["2024-01-01", "2024-02-01", "2024-03-05"],
        }
    )
    dated = shop.assign(day=pd.to_datetime(shop["day"]))
    return {
        "np": np,
        "pd": pd,
        "plt": __import__("matplotlib.pyplot").pyplot,
        "shop": shop,
        "dated": dated,
        "by_day": shop.set_index("day"),
        "grouped": shop.groupby(["kind", "units"]).sum(),
        "dated_index": dated.set_index("day"),
        "when": dated["day"],
        "monthly": dated.assign(day=dated["day"].dt.to_period("M")),
        "swiss": pd.DataFrame({"fee": ["CHF 1,200", "80"], "day": ["05/01/2024", "13/01/2024"]}),
        "late": pd.DataFrame({"day": ["2024-01-05", "31/01/2024"]}),
        "early": pd.DataFrame({"day": ["31/01/2024", "2024-01-05"]}),
        "named": pd.DataFrame({"day": ["2024-01-05", "Feb 3, 2024"]}),
        "units": np.array([1, 2]),
        "paid": pd.DataFrame({"who": ["a", "b", "a"], "eur": ["EUR 1,200", "-", "80 EUR"], "n": ["1", "n/a", "3"]}),
        "both": pd.DataFrame({"paid": ["$1,200", 300, 450.5]}),
        "odd": pd.DataFrame(
            {
                "fee": ["$100", "€200"],
                "pack": ["n/a", "12 pcs"],
                "fees": ["CHF 1", "EUR 2"],
                "comma": ["1,50", "2,75"],
                "percent": ["10%", "5%"],
                "zip": ["02134", "1"],
                "american": ["03/04/2024", "1/2/2024"],
            }
        ),
        "config": {
            "name": "shop",
            "server": {"host": "h", "tls": {"port": 1}},
            "hosts": [{"ip": 1}, {"ip": 2}],
            "old": {"host": 2},
        },
        "deep": {"a": {"port": 1}, "b": {"c": {"d": {"port": 2}}}},
        "records": {"customer": {"id": 1}},
        "long": {**dict.fromkeys("abcdefghijk"), "b": {"port": 1}},
        "other": pd.DataFrame({"units": [1, 2], "name": ["x", "y"]}),
    }


def known(names):
    return [Variable(name, type(value).__name__, probe.summary(name, value)) for name, value in names.items() if name != "plt"]


def cured(source):
    names = values()
    variables = known(names)
    failure = failure_of(source, names)
    assert failure is not None, "nothing to cure: it runs"
    cure = cure_of(source, failure, variables)
    assert cure is not None, failure.error
    assert cure.summary.endswith(".")
    return cure.source


@pytest.mark.parametrize(
    ("wrong", "right"),
    [
        # text that stands for numbers or dates
        ("shop[shop['units'] > 2]", "shop[shop['units'].astype(float) > 2]"),
        ("shop.units / shop['n']", "shop.units.astype(float) / shop['n']"),
        ("shop['price'] - 1", r"shop['price'].replace(r'\$|\s|,(?=\d{3}(?!\d))', '', regex=True).astype(float) - 1"),
        ("shop['price'].mean()", r"shop['price'].replace(r'\$|\s|,(?=\d{3}(?!\d))', '', regex=True).astype(float).mean()"),
        ("shop['price'].astype(float)", r"shop['price'].replace(r'\$|\s|,(?=\d{3}(?!\d))', '', regex=True).astype(float)"),
        (
            "pd.to_numeric(shop['price'])",
            r"pd.to_numeric(shop['price'].replace(r'\$|\s|,(?=\d{3}(?!\d))', '', regex=True))",
        ),
        (
            "swiss['fee'].mean()",
            r"swiss['fee'].replace(r'CHF|\s|,(?=\d{3}(?!\d))', '', regex=True).astype(float).mean()",
        ),
        ("pd.to_datetime(swiss['day'])", "pd.to_datetime(swiss['day'], dayfirst=True)"),
        ("pd.to_datetime(late['day'], format='%Y-%m-%d')", f"pd.to_datetime(late['day']{YEAR_FIRST}, format='mixed')"),
        ("pd.to_datetime(early['day'])", f"pd.to_datetime(early['day']{YEAR_FIRST}, format='mixed')"),
        ("pd.to_datetime(named['day'])", "pd.to_datetime(named['day'], format='mixed')"),
        (
            "dated.groupby([when.dt.year, when.dt.month])['n'].sum().reset_index()",
            "dated.groupby([when.dt.year.rename('year'), when.dt.month.rename('month')])['n'].sum().reset_index()",
        ),
        ("shop['kind'].str.replace('a', np.nan)", "shop['kind'].replace('a', np.nan)"),
        ("shop['day'].dt.year", "pd.to_datetime(shop['day']).dt.year"),
        ("shop['day'] >= pd.Timestamp('2024-02-01')", "pd.to_datetime(shop['day']) >= pd.Timestamp('2024-02-01')"),
        ("dated['day'] - shop['day']", "dated['day'] - pd.to_datetime(shop['day'])"),
        ("when > pd.Timestamp('2024-02-01').date()", "when > pd.Timestamp(pd.Timestamp('2024-02-01').date())"),
        ("shop.merge(other, on='units')", "shop.astype({'units': 'int64'}).merge(other, on='units')"),
        ("pd.merge(other, shop, on='units')", "pd.merge(other, shop.astype({'units': 'int64'}), on='units')"),
        (
            "paid.assign(who=paid['who'].astype(str), n=paid['n'].astype(int))",
            "paid.assign(who=paid['who'].astype(str), n=pd.to_numeric(paid['n'], errors='coerce'))",
        ),
        (
            "shop['kind'].map(str) + shop['price'].map(float).map(str)",
            r"shop['kind'].map(str) + shop['price'].replace(r'\$|\s|,(?=\d{3}(?!\d))', '', regex=True).map(float).map(str)",
        ),
        ("both['paid'].astype(float)", r"both['paid'].replace(r'\$|\s|,(?=\d{3}(?!\d))', '', regex=True).astype(float)"),
        # what is done to columns
        ("shop.groupby('kind').mean()", "shop.groupby('kind').mean(numeric_only=True)"),
        ("shop.corr()", "shop.corr(numeric_only=True)"),
        ("when.month", "when.dt.month"),
        ("(when - when.min()).days", "(when - when.min()).dt.days"),
        ("shop['kind'].upper()", "shop['kind'].str.upper()"),
        ("shop.columns.upper()", "shop.columns.str.upper()"),
        ("shop['n'].str.zfill(3)", "shop['n'].astype(str).str.zfill(3)"),
        ("shop[['kind']].unique()", "shop['kind'].unique()"),
        ("shop[shop.n > 1 and shop.f < .3]", "shop[(shop.n > 1) & (shop.f < .3)]"),
        ("shop[(shop.n > 1) or (shop.f < .3)]", "shop[(shop.n > 1) | (shop.f < .3)]"),
        ("shop[not shop.n > 1]", "shop[~( shop.n > 1)]"),
        ("shop[not (shop.n > 1)]", "shop[~ (shop.n > 1)]"),
        ("shop[1 < shop.n < 3]", "shop[(1 < shop.n) & (shop.n < 3)]"),
        ("shop[shop.kind in ['a']]", "shop[shop.kind.isin(['a'])]"),
        ("shop[shop.kind not in ['a']]", "shop[~shop.kind.isin(['a'])]"),
        ("shop[shop.n > 1 & shop.f < .3]", "shop[(shop.n > 1) & (shop.f < .3)]"),
        ("shop[shop.kind == 'a' | shop.kind == 'b']", "shop[(shop.kind == 'a') | (shop.kind == 'b')]"),
        ("by_day.loc[0:1]", "by_day.iloc[0:2]"),
        ("by_day.loc[1:, 0:2]", "by_day.iloc[1:, 0:3]"),
        ("shop.sort_values('n').iloc[0:2, 'n']", "shop.sort_values('n')['n'].iloc[0:2]"),
        ("shop['n', 'f']", "shop[['n', 'f']]"),
        ("shop.groupby('kind')['n', 'f'].sum()", "shop.groupby('kind')[['n', 'f']].sum()"),
        ("config['port'] + 1", "config['server']['tls']['port'] + 1"),
        # other names, arguments and brackets
        ("by_day[by_day['day'] == '2024-01-01']", "by_day[by_day.index == '2024-01-01']"),
        ("by_day['day'].str[:4].nunique()", "by_day.index.str[:4].nunique()"),
        ("dated_index[dated_index['day'].dt.month == 1].n.mean()", "dated_index[dated_index.index.month == 1].n.mean()"),
        ("shop.append(shop, ignore_index=True)", "pd.concat([shop, shop], ignore_index=True)"),
        ("shop.append({'n': 4}, ignore_index=True)", "pd.concat([shop, pd.DataFrame([{'n': 4}])], ignore_index=True)"),
        ("pd.concat(shop, shop)", "pd.concat([shop, shop])"),
        ("list(shop.n.iteritems())", "list(shop.n.items())"),
        ("shop.ix[0]", "shop.loc[0]"),
        ("when.dt.weekday_name", "when.dt.day_name()"),
        ("when.dt.week", "when.dt.isocalendar().week"),
        ("when.weekday_name", "when.dt.day_name()"),
        ("shop.applymap(str)", "shop.map(str)"),
        ("shop['n'].reshape(-1, 1)", "shop['n'].to_numpy().reshape(-1, 1)"),
        ("shop.n.values.value_counts()", "pd.Series(shop.n.values).value_counts()"),
        ("shop.n.astype(np.float)", "shop.n.astype(float)"),
        ("shop.n.replace(1, np.NaN)", "shop.n.replace(1, np.nan)"),
        ("dated.set_index('day').resample('M').n.sum()", "dated.set_index('day').resample('ME').n.sum()"),
        ("pd.date_range('2024', periods=3, freq='2H')", "pd.date_range('2024', periods=3, freq='2h')"),
        ("plt.style.use('seaborn-whitegrid')", "plt.style.use('seaborn-v0_8-whitegrid')"),
        ("plt.hist([1, 2], normed=True)", "plt.hist([1, 2], density=True)"),
        ("pd.to_datetime(shop.day, infer_datetime_format=True)", "pd.to_datetime(shop.day)"),
        ("shop['n'].groupby('kind').sum().head(1)", "shop.groupby('kind')['n'].sum().head(1)"),
        ("monthly['day'].dt.to_period('M')", "monthly['day'].dt.asfreq('M')"),
        (
            "monthly.groupby(monthly.day.dt.month_name()).n.sum()",
            "monthly.groupby(monthly.day.dt.to_timestamp().dt.month_name()).n.sum()",
        ),
        (
            "dated.groupby(dated.index.month).n.sum()",
            "dated.groupby(dated['day'].dt.month).n.sum()",
        ),
        (
            "dated.set_index('day').groupby(dated.index.year)['n'].sum()",
            "dated.set_index('day').groupby(dated['day'].dt.year.values)['n'].sum()",
        ),
        ("shop.n.str.replace(',', '').astype(float)", "shop.n.astype(float)"),
        ("paid['eur'].mean()", f"pd.to_numeric(paid['eur']{EUR_OFF}, errors='coerce').mean()"),
        ("paid.n.astype(float).sum()", "pd.to_numeric(paid.n, errors='coerce').sum()"),
        ("pd.to_numeric(paid.n).sum()", "pd.to_numeric(paid.n, errors='coerce').sum()"),
        (
            "paid.groupby('who')['eur'].sum().plot(kind='line')",
            f"paid.assign(eur=pd.to_numeric(paid['eur']{EUR_OFF}, errors='coerce'))"
            ".groupby('who')['eur'].sum().plot(kind='line')",
        ),
        (
            "paid.groupby('who').n.mean()",
            "paid.assign(n=pd.to_numeric(paid['n'], errors='coerce')).groupby('who').n.mean()",
        ),
        (
            "paid.nlargest(1, 'n').who.item()",
            "paid.assign(n=pd.to_numeric(paid['n'], errors='coerce')).nlargest(1, 'n').who.item()",
        ),
        ("paid.n.nlargest(1).sum()", "pd.to_numeric(paid.n, errors='coerce').nlargest(1).sum()"),
        (
            "bars = paid.plot.bar(x='who', y='n')",
            "bars = paid.assign(n=pd.to_numeric(paid['n'], errors='coerce')).plot.bar(x='who', y='n')",
        ),
        (r"shop.n.str.replace(r'[^\d.]', '', regex=True).astype(int)", "shop.n.astype(int)"),
        (
            "shop['n'] = pd.to_numeric(shop['n'].str.strip('$').str.replace(',', ''))",
            "shop['n'] = pd.to_numeric(shop['n'])",
        ),
        (
            "when_ = pd.to_datetime(dated['day'].str.strip().str.replace(r'(.*)', r'\\1', regex=True), format='mixed')",
            "when_ = dated['day']",
        ),
        ("pd.to_datetime(monthly['day'])", "monthly['day'].dt.to_timestamp()"),
        ("plt.bar([1, 2], [3, 4], marker='o')", "plt.bar([1, 2], [3, 4])"),
        ("shop.to_csv(None, line_terminator='!')", "shop.to_csv(None, lineterminator='!')"),
        ("shop.fillna(method='ffill')", "shop.ffill()"),
        ("by_day.n.sum(level=0)", "by_day.n.groupby(level=0).sum()"),
        ("shop.drop('n', 1)", "shop.drop('n', axis=1)"),
        ("shop.dropna(1)", "shop.dropna(axis=1)"),
        ("shop.drop(['n', 'f'])", "shop.drop(columns=['n', 'f'])"),
        ("shop.pivot('day', 'kind', 'n')", "shop.pivot(index='day', columns='kind', values='n')"),
        ("pd.DataFrame({'a': 1})", "pd.DataFrame([{'a': 1}])"),
        ("shop.kind.isin('a')", "shop.kind.isin(['a'])"),
        ("shop('n')", "shop['n']"),
        ("shop.groupby['kind'].n.sum()", "shop.groupby('kind').n.sum()"),
        ("shop.shape()", "shop.shape"),
        ("shop.n.values()", "shop.n.values"),
    ],
)
def test_what_fails_runs_once_it_is_cured(wrong, right):
    assert cured(wrong) == right
    assert failure_of(right, values()) is None


@pytest.mark.parametrize(
    ("wrong", "error", "right"),
    [
        ("sns.countplot('kind', data=shop)", "TypeError: countplot() got multiple values for argument 'data'",
         "sns.countplot(x='kind', data=shop)"),
        ("sns.boxplot('kind', 'n', shop)", "TypeError: boxplot() takes from 0 to 1 positional arguments but 3 were given",
         "sns.boxplot(x='kind', y='n', data=shop)"),
        ("model.fit(shop['n'], shop.f)", "ValueError: Expected a 2-dimensional container but got <class 'Series'> instead.",
         "model.fit(shop[['n']], shop.f)"),
        ("model.predict(when)", "ValueError: Expected a 2-dimensional container but got <class 'Series'> instead.",
         "model.predict(when.to_frame())"),
        ("model.fit(units, y)", "ValueError: Expected 2D array, got 1D array instead", "model.fit(units.reshape(-1, 1), y)"),
        ("OneHotEncoder(sparse=False)", "TypeError: OneHotEncoder.__init__() got an unexpected keyword argument 'sparse'",
         "OneHotEncoder(sparse_output=False)"),
        ("one.get_feature_names()", "AttributeError: 'OneHotEncoder' object has no attribute 'get_feature_names'",
         "one.get_feature_names_out()"),
        ("pd.read_csv('a.csv')", "UnicodeDecodeError: 'utf-8' codec can't decode byte 0xe9 in position 0: unexpected end of data",
         "pd.read_csv('a.csv', encoding='latin-1')"),
        ("regiment.groupby('r').median()", "TypeError: agg function failed [how->median,dtype->object]",
         "regiment.groupby('r').median(numeric_only=True)"),
    ],
)  # fmt: skip
def test_errors_of_libraries_that_may_not_be_here(wrong, error, right):
    failure = Failure((Frame("Cell In[1], line 1", 1, wrong, ()),), error, 0)
    cure = cure_of(wrong, failure, known(values()))
    assert cure is not None
    assert cure.source == right


def test_what_becomes_missing_is_said():
    names = values()
    cure = cure_of("paid.n.astype(float)", failure_of("paid.n.astype(float)", names), known(names))
    assert cure.summary == "`'n/a'` says that there is no value: it becomes a missing one (NaN)."


def test_only_the_failing_statement_is_touched():
    source = "a = 'shop.ix[0]'\nshop.n.ix[0] if False else 0\nb = [\n    shop.ix[0],\n]"
    assert cured(source) == source.replace("    shop.ix[0]", "    shop.loc[0]")


def test_of_a_compound_statement_its_head_alone_is_touched():
    source = "for row in shop.ix[0:1].n:\n    print(shop.ix[row])"
    assert cured(source) == source.replace("shop.ix[0:1]", "shop.loc[0:1]")


@pytest.mark.parametrize(
    "source",
    [
        "shop['kind'].astype(float)",  # no number in any sense
        "shop['kind'] - 1",
        "shop.n.nothing()",
        "shop['missing']",
        "1 / 0",
        "np.nothing",
        "pd.read_csv('nowhere.csv')",
        "if shop.n > 1:\n    pass",
        "[1, 2].append(3).sort()",
        # where a wrong number would come of it, or another meaning
        "odd['comma'].astype(float)",
        "odd['percent'] - 2",
        "odd['pack'].astype(float)",  # one of them is lost besides what says that there is none
        "odd['fee'].mean()",
        "odd['fees'].astype(float)",
        r"odd['fees'].replace(r'CHF|\s|,(?=\d{3}(?!\d))', '', regex=True).astype(float)",
        "odd['zip'] - 1",
        "shop['units'] + shop['n']",
        "odd['american'].dt.month",
        "shop['n'].dt.year",
        "shop[['n', 'units']].mean()",
        "shop.groupby('kind')[['units', 'n']].mean()",
        "shop.sort_values('n').iloc[:, :].loc[0:1, 'missing']",
        "shop.set_index('n').nothing[0]",
        "shop.n and 2",
        "[v and shop.n for v in [shop.n]]",
        "shop.n.map(lambda v: shop.n and v)",
        "shop.append(shop.n)",
        "by_day.n.sum(level=0, axis=0)",
        "pd.read_csv('a.csv', error_bad_lines=True)",
        "shop.f.str.len()",
        "shop.f.str.replace('.', '').astype(float)",  # a point may part thousands
        "shop.f.str.replace('1', '').astype(float)",
        "shop.f.str.replace(',', '.').astype(float)",
        "grouped[grouped['kind'] == 'a']",  # one level of two
        "dated_index['day'] - dated_index['day'].shift(1)",
        "config['host']",  # there are two
        "config['port'] += 1",
        "config['port'] = config['port']",
        "deep['port']",  # something is not listed
        "config['name_of'] if False else records['id']",
        "config['ip']",
        "config['server']['port']",
        "long['port']",  # not all of its keys are listed
        "shop['n'].groupby('nothing').sum()",
    ],
)
def test_what_has_no_known_cause_is_left_alone(source):
    names = values()
    variables = known(names)
    assert cure_of(source, failure_of(source, names), variables) is None


def test_a_cell_with_a_magic_is_left_alone():
    failure = Failure(
        (Frame("Cell In[1], line 2", 2, "shop.ix[0]", ()),), "AttributeError: 'DataFrame' object has no attribute 'ix'", 0
    )
    assert cure_of("%time 1\nshop.ix[0]", failure, ()) is None


@pytest.fixture(autouse=True)
def quiet_plots():
    with mpl.rc_context():
        mpl.use("agg")
        yield
