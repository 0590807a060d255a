"""Errors of code on data whose cause is known from what they say, and the edit that each needs.

Many come of pandas, NumPy, matplotlib, seaborn and scikit-learn having changed since a model or a textbook learned them; the
others of text that stands for numbers or dates, and of Python's own operators on columns.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from ..kernel.base import DataFile, Variable
from . import cure_amounts as amounts
from . import cure_calls as calls
from . import cure_columns as columns
from . import cure_files as files
from . import cure_python as python
from . import cure_reading as reading
from .cure_scene import Edit, Scene, applied, scene_of
from .python_text import parses
from .source_map import SourceMap
from .traceback_text import Failure

_NEEDS_NUMBERS = (
    r"TypeError: (?:'(?:<|>|<=|>=)' not supported between instances of (?:'str' and|'\w+' and 'str')"
    r"|unsupported operand type\(s\) for (?:-|\*|/|//|%|\*\*): (?:'str' and|'\w+' and 'str')"
    r"|Invalid comparison between dtype=(?:str|object))"
)
_ARE_NO_NUMBERS = (
    r"TypeError: (?:Could not convert string .* to numeric|Cannot perform reduction '\w+' with string dtype"
    r"|no numeric data to plot|Cannot use method '\w+' with dtype|Column '.*' has dtype \w+, cannot use method"
    r"|agg function failed|dtype '\w+' does not support operation)"
)
_NOT_ALL_NUMBERS = (
    r"(?:TypeError|ValueError): (?:agg function failed|dtype '\w+' does not support operation|Could not convert|Cannot convert"
    r"|Cannot perform reduction '\w+' with string dtype|could not convert string to float)"
)
_NO_NUMBER = (
    r"ValueError: (?:could not convert string to float: |invalid literal for int\(\) with base 10: (?=[^.]*$)|"
    r"Unable to parse string )['\"](.*)['\"]"
)
_AMBIGUOUS = r"ValueError: The truth value of a (?:DataFrame|Series|Index) is ambiguous"
_UNBRACKETED = r"TypeError: (?:[cC]annot perform '\w+' with a dtyped|unsupported operand type\(s\) for [&|]:)"
_BY_POSITION = r"TypeError: cannot do \w+ indexing on (?!Datetime|Period)\w+ with these indexers \[.*\] of type int"
_BY_LABEL = r"TypeError: Cannot index by location index with a non-integer key|ValueError: Location based indexing can only have"
_GONE_FROM_NUMPY = r"AttributeError: `np\.(\w+)` was removed in the NumPy 2\.0 release\. Use `([\w.]+)` instead"
_OLD_FREQUENCY = r"ValueError: Invalid frequency: .*'(\w+)' is no longer supported for offsets\. Please use '(\w+)' instead"
_UNNAMED = r"TypeError: (\w+)\(\) (?:takes from 0 to 1 positional arguments|got multiple values for argument 'data')"
_NO_TABLE = r"ValueError: (?:Expected 2D array, got 1D array|Expected a 2-dimensional container)"
_MIXED = r"ValueError: time data \"(.+?)\" doesn't match format \"((?!%m[./-]%d[./-]%Y).+?)\""
_DAY_FIRST = r"ValueError: time data \"?[\d./ :-]+\"? doesn't match format \"%m[./-]%d[./-]%Y"
_NO_ATTRIBUTE = r"AttributeError: '{}' object has no attribute '{}'"
_OF_A_LIBRARY = r"(?!NoneType|dict|list|set|str|tuple)(\w+)"
_NO_ARGUMENT = r"\w+Error: (?:.*\.)?{}\(\) got an unexpected keyword argument '{}'"
_NOT_ADDED = (
    r"TypeError: (?:can only concatenate str \(not \"(?!NoneType|bytes|function|method|type)[\w.]+\"\) to str"
    r"|unsupported operand type\(s\) for \+: '(?:int|float|bool|complex)' and 'str')"
)
_NOT_CALCULATED = (
    r"TypeError: (?:can only concatenate str \(not \"(?:int|float)\"\) to str"
    r"|unsupported operand type\(s\) for \S+: '(?:str|int|float)' and '(?:str|int|float)'"
    r"|'(?:<|>|<=|>=)' not supported between instances of '(?:str|int|float)' and '(?:str|int|float)')"
)
_NOT_WHOLE = (
    r"TypeError: (?:'float' object cannot be interpreted as an integer|slice indices must be integers"
    r"|(?:list|tuple|string) indices must be integers or slices, not .?float)|IndexError: only integers, slices"
)
_NO_PLACES = (
    r"TypeError: (?:'(?:dict_\w+|map|filter|zip|enumerate|reversed)' object is not subscriptable"
    r"|object of type '(?:map|filter|zip|enumerate|reversed)' has no len\(\))"
)
_WITH_NONE = (
    r"TypeError: (?:unsupported operand type\(s\) for \+: '(?:int|float)' and 'NoneType'"
    r"|'(?:<|>)' not supported between instances of '(?:\w+' and 'NoneType|NoneType' and '\w+)')"
)
_NOT_IN_MODULE = (
    r"AttributeError: module 'datetime' has no attribute '(now|today|utcnow|strptime|fromtimestamp|fromisoformat|combine)'"
)
_NOT_IN_CLASS = r"AttributeError: type object 'datetime\.datetime' has no attribute '(datetime|timedelta|timezone)'"
_OF_PERIODS = (
    r"(?:AttributeError: 'PeriodProperties' object has no attribute '(\w+)'|TypeError: Passing PeriodDtype data is invalid)"
)
_NOT_UTF8 = r"UnicodeDecodeError: 'utf-?8' codec can't decode byte (?!0xf[ef] in position 0)"
_COUNTS_MISSING = re.compile(r"\b(?:isna|isnull|notna|notnull)\b")  # how many cannot be read may be what is asked
_NOT_IN_NUMPY = "NumPy has no `{0}` any more."
_NAMED = "The arguments of `{0}` must be named."


@dataclass(frozen=True, slots=True)
class Cure:
    """A source with the cause of its error removed, and in a sentence what that was."""

    source: str
    summary: str


Rule = Callable[[Scene, "re.Match[str]"], Iterator[Edit]]
# The pattern of an error, the edits, the sentence. Of those that change something the first is taken.
_CURES: tuple[tuple[str, Rule, str], ...] = (
    (_NEEDS_NUMBERS, columns.converted, "A column holds text where numbers or dates are meant."),
    (_ARE_NO_NUMBERS, amounts.needed, "A column holds text where numbers are meant."),
    (_NO_NUMBER, reading.missing, "`{0!r}` says that there is no value: it becomes a missing one (NaN)."),
    (_NO_NUMBER, reading.stripped, "The numbers are text: currency signs, spaces and commas between thousands are taken off."),
    (_MIXED, reading.mixed, "The dates are written in several forms."),
    (_DAY_FIRST, calls.day_first, "The day comes before the month."),
    (r"TypeError: repl must be a string or callable", calls.whole_value, "Whole values are replaced, not parts of text."),
    (_NOT_ALL_NUMBERS, columns.numbers_only, "Not all columns are numbers: the others are left out."),
    (r"ValueError: cannot insert .+, already exists", columns.parts_named, "The parts of a date are named by what they are."),
    (_OF_PERIODS, reading.periods, "These are periods already, as months are."),
    (r"AttributeError: Can only use \.dt accessor", columns.dates, "The dates are text."),
    (r"AttributeError: Can only use \.str accessor", reading.numbers, "The values are numbers already."),
    (r"AttributeError: Can only use \.str accessor", reading.dates, "The values are dates already."),
    (r"AttributeError: Can only use \.str accessor", columns.as_text, "The values are whole numbers, no text."),
    (r"TypeError: Invalid comparison between dtype=datetime64\S* and date", columns.timestamp, "A date is compared with times."),
    (
        _NO_ATTRIBUTE.format("(?:Range)?Index", f"({columns.PARTS})"),
        columns.of_dates,
        "The dates are in a column, not the index.",
    ),
    (_NO_ATTRIBUTE.format("(?:DataFrame|Series)", "append"), calls.concatenated, "pandas has no `append` any more."),
    (
        _NO_ATTRIBUTE.format(_OF_A_LIBRARY, f"({calls.RENAMED})"),
        calls.renamed,
        "`{1}` has another name.",
    ),
    (_NO_ATTRIBUTE.format("(?:Series|Index)", r"(\w+)"), columns.accessor, "`{0}` is reached by an accessor."),
    (_NO_ATTRIBUTE.format("DataFrame", "(?:unique|tolist|str|dt|to_frame)"), columns.one_column, "That is for one column."),
    (_NO_ATTRIBUTE.format(r"numpy\.ndarray", r"(\w+)"), calls.series_of_array, "`{0}` is a method of a Series."),
    (
        r"AttributeError: module 'numpy' has no attribute '(bool|complex|float|int|object|str)'",
        calls.builtin,
        _NOT_IN_NUMPY,
    ),
    (_GONE_FROM_NUMPY, calls.instead, _NOT_IN_NUMPY),
    (_AMBIGUOUS, columns.elementwise, "Columns are compared item by item: with `&`, `|`, `~` and `isin`."),
    (_UNBRACKETED, columns.bracketed, "Comparisons need parentheses beside `&` and `|`."),
    (_BY_POSITION, calls.positions, "Positions are given, not labels."),
    (_BY_LABEL, calls.labels, "The column is given by its name."),
    (
        r"KeyError: \('.*'\)|ValueError: Cannot subset columns with a tuple",
        columns.several,
        "Columns are chosen by a list.",
    ),
    (_OLD_FREQUENCY, calls.frequency, "The frequency `{0}` is `{1}` now."),
    (r"ValueError: Invalid frequency: (\w+)\..*Did you mean (\w+)\?", calls.frequency, "The frequency `{0}` is `{1}` now."),
    (r"\w+Error: '(seaborn[\w-]*)' is not a valid package style", calls.style, "The style `{0}` has another name now."),
    (_NO_ARGUMENT.format("fillna", "method"), calls.filled, "`fillna` has no `method` any more."),
    (_NO_ARGUMENT.format(r"(\w+)", "level"), calls.by_level, "`{0}` has no `level` any more."),
    (_NO_ARGUMENT.format(r"\w+", r"(\w+)"), calls.renamed_argument, "There is no argument `{0}` here."),
    (r"TypeError: (?:\w+\.)?(drop|dropna)\(\) takes .* positional argument", calls.along_axis, "The axis must be named."),
    (r"TypeError: (?:\w+\.)?concat\(\) takes 1 positional argument", calls.listed, "Tables are concatenated as a list."),
    (r"TypeError: (?:\w+\.)?(pivot)\(\) takes 1 positional argument", calls.named, _NAMED),
    (_UNNAMED, calls.named, _NAMED),
    (r"KeyError: '(.+)'$", columns.grouped, "The table is grouped by `{0}`, which its column does not have."),
    (r"KeyError: '(.+)'$", columns.of_index, "`{0}` is the index of the table, and no column."),
    (r"KeyError: '(.+)'$", columns.deeper, "`{0}` is a key of a dict inside it."),
    (r"KeyError: \"\[.*\] not found in axis\"", calls.columns_dropped, "Columns are dropped by `columns=`."),
    (r"ValueError: If using all scalar values, you must pass an index", calls.one_row, "A table of one row is made of a list."),
    (files.MISSING, files.found, "The file `{0}` has another name, or is in another folder."),
    (_NOT_UTF8, calls.encoding, "The file is not UTF-8. It is read as Latin-1, which reads anything: look at its letters."),
    (r"TypeError: only list-like objects are allowed to be passed to isin", calls.in_list, "`isin` takes a list."),
    (r"TypeError: '(?:DataFrame|Series)' object is not callable", calls.subscripted, "A column is chosen by brackets."),
    (r"TypeError: 'method' object is not subscriptable", calls.called, "A method is called by parentheses."),
    (r"TypeError: '([\w.]+)' object is not callable", calls.not_called, "That is a value, not a method."),
    (_NO_TABLE, columns.as_table, "The features must be a table."),
    (
        r"ValueError: You are trying to merge on \w+ and \w+ columns for key '(.+)'",
        columns.same_key,
        "One has `{0}` as text.",
    ),
    (_NOT_ADDED, python.as_text, "A number is added to text: it is made text too."),
    (_NOT_CALCULATED, python.as_number, "A number is held as text."),
    (
        r"TypeError: sequence item \d+: expected str instance, (?:int|float|[\w.]+64) found",
        python.joined,
        "Text is joined, not numbers.",
    ),
    (_NOT_WHOLE, python.whole, "A division to whole numbers is written `//`."),
    (r"TypeError: 'int' object is not iterable", python.counted, "A loop counts up to a number by `range`."),
    (_NO_PLACES, python.as_list, "What is read only in order is made a list first."),
    (
        r"RuntimeError: (?:dictionary|Set) (?:keys )?changed",
        python.copied,
        "The loop changes what it goes through: it goes through a copy.",
    ),
    (_WITH_NONE, python.without_none, "Missing values (`None`) are left out."),
    (rf"NameError: name '({python.BUILTIN})' is not defined", python.builtin, "`{0}` has another name since Python 3."),
    (rf"AttributeError: module '({python.ATTRIBUTE})'", python.attribute, "That has another name now."),
    (rf"AttributeError: '({python.METHOD})'", python.method, "That method has another name."),
    (_NO_ATTRIBUTE.format("dict", "has_key"), python.contained, "Whether a dict has a key is asked by `in`."),
    (_NO_ATTRIBUTE.format("str", "decode"), python.decoded, "That is text already."),
    (_NO_ATTRIBUTE.format("(?:list|str|dict|tuple|set)", "(?:length|size)"), python.length, "A length is asked for by `len`."),
    (_NOT_IN_MODULE, python.in_class, "`{0}` is in the class `datetime` of the module."),
    (_NOT_IN_CLASS, python.bare_class, "`datetime` is the class here, not the module."),
    (
        rf"(?:AttributeError: module 'collections' has no attribute|ImportError: cannot import name) '({python.OF_ABC})'",
        python.abstract,
        "`{0}` is in `collections.abc`.",
    ),
    (r"SystemExit: 2$", python.no_arguments, "A notebook has no command line: `parse_args` reads an empty one."),
    (rf"ModuleNotFoundError: No module named '({python.MODULE})'", python.module, "The module `{0}` has another name now."),
)


def with_all_read(source: str, variables: Sequence[Variable]) -> str:
    """Have what a source would make missing by `errors="coerce"` read first, where the columns' values tell how."""
    mapped = SourceMap.of(source) if "coerce" in source and not _COUNTS_MISSING.search(source) else None
    edits = reading.coerced(Scene(mapped, list(ast.walk(mapped.tree)), variables)) if mapped else ()
    changed = applied(source, list(edits))
    return changed if parses(changed) else source


def cure_of(source: str, failure: Failure, variables: Sequence[Variable], in_folder: Sequence[DataFile] = ()) -> Cure | None:
    """Give the first cure that an error has; None where none is known. Nobody has tried it yet."""
    known = [(match, rule, sentence) for error, rule, sentence in _CURES if (match := re.match(error, failure.error, re.DOTALL))]
    scene = scene_of(source, failure, variables, in_folder) if known else None
    if scene is None:
        return None
    for match, rule, sentence in known:
        cured = applied(source, list(rule(scene, match)))
        if cured != source and parses(cured):
            return Cure(cured, sentence.format(*match.groups()))
    return None
