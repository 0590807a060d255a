"""Errors of code on data whose cause is known from what they say, and the edit that each needs.

Many come of pandas, NumPy, matplotlib, seaborn and scikit-learn having changed since a model or a textbook learned them; the
others of text that stands for numbers or dates, and of Python's own operators on columns.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from ..kernel.base import Variable
from . import cure_calls as calls
from . import cure_columns as columns
from .cure_scene import Edit, Scene, applied, scene_of
from .python_text import parses
from .traceback_text import Failure

_TABLE = r"'(?:DataFrame|Series)' object"
_NOT_ONE = r"ValueError: The truth value of a (?:DataFrame|Series|Index) is ambiguous"
_TEXT_AS_NUMBER = (
    r"TypeError: (?:'(?:<|>|<=|>=)' not supported between instances of (?:'str' and|'\w+' and 'str')"
    r"|unsupported operand type\(s\) for (?:-|\+|\*|/|//|%|\*\*): (?:'str' and|'\w+' and 'str')|can only concatenate str"
    r"|Invalid comparison between dtype=(?:str|object)|Could not convert string .* to numeric"
    r"|Cannot perform reduction '\w+' with string dtype|.*[cC]annot use method '\w+' with|no numeric data to plot)"
)
_NOT_ALL_NUMBERS = (
    r"(?:TypeError|ValueError): (?:agg function failed|dtype '\w+' does not support operation|Could not convert|Cannot convert"
    r"|Cannot perform reduction '\w+' with string dtype|could not convert string to float|unsupported operand type\(s\) for)"
)


@dataclass(frozen=True, slots=True)
class Cure:
    """A source with the cause of its error removed, and in a sentence what that was."""

    source: str
    summary: str


Rule = Callable[[Scene, "re.Match[str]"], Iterator[Edit]]
# The pattern of an error, the edits, the sentence. Of those that change something the first is taken.
_CURES: tuple[tuple[str, Rule, str], ...] = (
    (_TEXT_AS_NUMBER, columns.converted, "A column holds text where numbers or dates are meant."),
    (r"ValueError: could not convert string to float: '(.*)'", columns.stripped, "The numbers are text with more than digits."),
    (
        r"ValueError: invalid literal for int\(\) with base 10: '(.*)'",
        columns.stripped,
        "The numbers are text with more than digits.",
    ),
    (r"ValueError: Unable to parse string ['\"](.*)['\"]", columns.stripped, "The numbers are text with more than digits."),
    (_NOT_ALL_NUMBERS, columns.numbers_only, "Not all columns are numbers: the others are left out."),
    (r"AttributeError: Can only use \.dt accessor", columns.dates, "The dates are text."),
    (r"AttributeError: Can only use \.str accessor", columns.as_text, "The values are no text."),
    (
        r"AttributeError: 'Index' object has no attribute '(year|month|day|hour|quarter|weekday|day_name|to_period)'",
        columns.dates_of_index,
        "The dates of the index are text.",
    ),
    (
        r"TypeError: Only valid with DatetimeIndex.* instance of 'Index'",
        columns.index_of_dates,
        "The dates of the index are text.",
    ),
    (
        r"TypeError: Invalid comparison between dtype=datetime64\S* and date",
        columns.timestamp,
        "Dates are compared with a `date`.",
    ),
    (rf"AttributeError: {_TABLE} has no attribute 'append'", calls.concatenated, "pandas has no `append` any more."),
    (
        rf"AttributeError: '(?!NoneType|dict|list|set|str|tuple)\w+' object has no attribute '({calls.RENAMED})'",
        calls.renamed,
        "`{0}` has another name now.",
    ),
    (r"AttributeError: '(?:Series|Index)' object has no attribute '(\w+)'", columns.accessor, "`{0}` is reached by an accessor."),
    (
        r"AttributeError: 'DataFrame' object has no attribute '(?:unique|tolist|str|dt|to_frame)'",
        columns.one_column,
        "That is for one column, not for a table of one.",
    ),
    (
        r"AttributeError: 'numpy\.ndarray' object has no attribute '(\w+)'",
        calls.series_of_array,
        "`{0}` is a method of a Series.",
    ),
    (
        r"AttributeError: module 'numpy' has no attribute '(bool|complex|float|int|object|str)'",
        calls.builtin,
        "NumPy has no `{0}` any more.",
    ),
    (
        r"AttributeError: `np\.(\w+)` was removed in the NumPy 2\.0 release\. Use `([\w.]+)` instead",
        calls.instead,
        "NumPy has no `{0}` any more.",
    ),
    (_NOT_ONE, columns.elementwise, "Columns are compared item by item: with `&`, `|`, `~` and `isin`."),
    (
        r"TypeError: (?:[cC]annot perform '\w+' with a dtyped|unsupported operand type\(s\) for [&|]:)",
        columns.bracketed,
        "Comparisons need parentheses beside `&` and `|`.",
    ),
    (
        r"TypeError: cannot do \w+ indexing on \w+ with these indexers \[.*\] of type int",
        calls.positions,
        "Positions are given, not labels.",
    ),
    (
        r"TypeError: Cannot index by location index with a non-integer key|ValueError: Location based indexing can only have",
        calls.labels,
        "Labels are given, not positions.",
    ),
    (
        r"KeyError: \('.*'\)|ValueError: Cannot subset columns with a tuple",
        columns.several,
        "Several columns are chosen by a list.",
    ),
    (
        r"ValueError: Invalid frequency: .*'(\w+)' is no longer supported for offsets\. Please use '(\w+)' instead",
        calls.frequency,
        "The frequency `{0}` is `{1}` now.",
    ),
    (r"ValueError: Invalid frequency: (\w+)\..*Did you mean (\w+)\?", calls.frequency, "The frequency `{0}` is `{1}` now."),
    (r"\w+Error: '(seaborn[\w-]*)' is not a valid package style", calls.style, "The style `{0}` has another name now."),
    (r"TypeError: .*fillna\(\) got an unexpected keyword argument 'method'", calls.filled, "`fillna` has no `method` any more."),
    (
        r"TypeError: (?:.*\.)?(\w+)\(\) got an unexpected keyword argument 'level'",
        calls.by_level,
        "`{0}` has no `level` any more.",
    ),
    (r"\w+Error: .* got an unexpected keyword argument '(\w+)'", calls.renamed_argument, "The argument `{0}` is no more."),
    (r"TypeError: (?:\w+\.)?(drop|dropna)\(\) takes .* positional argument", calls.along_axis, "The axis must be named."),
    (r"TypeError: (?:\w+\.)?concat\(\) takes 1 positional argument", calls.listed, "Tables are concatenated as a list."),
    (r"TypeError: (?:\w+\.)?(pivot)\(\) takes 1 positional argument", calls.named, "The arguments of `{0}` must be named."),
    (
        r"TypeError: (\w+)\(\) (?:takes from 0 to 1 positional arguments|got multiple values for argument 'data')",
        calls.named,
        "The arguments of `{0}` must be named.",
    ),
    (r"KeyError: \"\[.*\] not found in axis\"", calls.columns_dropped, "Columns are dropped by `columns=`."),
    (r"ValueError: If using all scalar values, you must pass an index", calls.one_row, "A table of one row is made of a list."),
    (r"UnicodeDecodeError: 'utf-?8' codec can't decode", calls.encoding, "The file is not UTF-8; Latin-1 reads any."),
    (r"TypeError: only list-like objects are allowed to be passed to isin", calls.in_list, "`isin` takes a list."),
    (r"TypeError: '(?:DataFrame|Series)' object is not callable", calls.subscripted, "A column is chosen by brackets."),
    (r"TypeError: 'method' object is not subscriptable", calls.called, "A method is called by parentheses."),
    (r"TypeError: '[\w.]+' object is not callable", calls.not_called, "That is a value, not a method."),
    (
        r"ValueError: (?:Expected 2D array, got 1D array|Expected a 2-dimensional container)",
        columns.as_table,
        "The features must be a table.",
    ),
    (
        r"ValueError: You are trying to merge on \w+ and \w+ columns for key '(.+)'",
        columns.same_key,
        "One table has the key `{0}` as text.",
    ),
)


def cure_of(source: str, failure: Failure, variables: Sequence[Variable]) -> Cure | None:
    """Give the first cure that an error has; None where none is known. Nobody has tried it yet."""
    known = [(match, rule, sentence) for error, rule, sentence in _CURES if (match := re.match(error, failure.error, re.DOTALL))]
    scene = scene_of(source, failure, variables) if known else None
    if scene is None:
        return None
    for match, rule, sentence in known:
        cured = applied(source, list(rule(scene, match)))
        if cured != source and parses(cured):
            return Cure(cured, sentence.format(*match.groups()))
    return None
