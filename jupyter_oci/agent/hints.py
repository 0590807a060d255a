"""What is known about a failure beyond its traceback: what the names in the failing line hold, what may be meant."""

from __future__ import annotations

import difflib
import posixpath
import re
from collections.abc import Sequence

from ..kernel.base import DataFile, Variable
from .cure_files import missing_file
from .plain_text import cut_end, plain
from .traceback_text import Failure
from .usual_imports import import_of_module, usual_import
from .variable_text import described, labels_of

_NAME = re.compile(r"[A-Za-z_]\w*")
_SET = re.compile(r"^([A-Za-z_]\w*) *=(?!=)", re.MULTILINE)
_UNDEFINED = re.compile(r"NameError: name '(\w+)' is not defined")
_NO_ATTRIBUTE = re.compile(r"AttributeError: '(?:DataFrame|Series|Datetime\w+)' object has no attribute '(\w+)'")
_NO_KEY = re.compile(r"KeyError: '(\w+)'")
_NOT_INSTALLED = re.compile(r"ModuleNotFoundError: No module named '([\w.]+)'")
# What pandas says when text is taken for something else, and what to do then.
_CURES = (
    (
        re.compile(r"(?:ValueError|TypeError): .*(?:could not convert string|unable to parse string)", re.IGNORECASE),
        "Some text is not a number: remove what is not part of it (`.str.replace(',', '')`, `.str.extract(r'([\\d.]+)')[0]`), "
        "then `pd.to_numeric(..., errors='coerce')`.",
    ),
    (
        re.compile(r"TypeError: .*(?:reduction '\w+' with|agg function failed)"),
        "Not all columns are numbers: choose the column first, as in `df['column'].mean()`.",
    ),
    (
        re.compile(r"AttributeError: Can only use \.dt accessor"),
        "The dates are text: convert them first with `pd.to_datetime(...)`.",
    ),
)
_RENAMED = {
    "weekday_name": "day_name()",
    "iteritems": "items()",
    "append": "pd.concat([...])",
    "ix": "loc[...]",
    "as_matrix": "to_numpy()",
    "get_value": "at[...]",
    "sort": "sort_values(...)",
}
_MAX_NAMES = 3
_MAX_FILES = 8
_SUMMARY_CHARACTERS = 300


def failure_hint(failure: Failure, variables: Sequence[Variable], files: Sequence[DataFile] = ()) -> str:
    """Give sentences, each with a space after it; empty if nothing is known."""
    sentences = (_missing(failure, variables), _no_file(failure, files), _failing_line(failure, variables), _cure(failure))
    return "".join(f"{sentence} " for sentence in sentences if sentence)


def _missing(failure: Failure, variables: Sequence[Variable]) -> str:
    if match := _NOT_INSTALLED.match(failure.error):
        return f"{match[1]} is not installed: do without it."
    if match := _NO_KEY.match(failure.error):
        return _close_key(match[1], failure, variables) or _other_frame(match[1], failure, variables)
    match = _UNDEFINED.match(failure.error)
    if match is None:
        return ""
    name = match[1]
    code = failure.failing.code if failure.failing else ""
    if needed := usual_import(name, code) or import_of_module(name):
        return f"It needs `{needed}`."
    close = difflib.get_close_matches(name, [variable.name for variable in variables], n=1)
    return f"There is `{close[0]}`, but no `{name}`." if close else f"There is no `{name}`: define it first."


def _no_file(failure: Failure, files: Sequence[DataFile]) -> str:
    """Name the files that there are where one was not found: those of its kind, else any."""
    missing = missing_file(failure.error)
    if missing is None:
        return ""
    alike = [file.path for file in files if posixpath.splitext(file.path)[1] == posixpath.splitext(missing)[1]]
    there = ", ".join(f"'{plain(path)}'" for path in (alike or [file.path for file in files])[:_MAX_FILES])
    return f"There is no file '{plain(missing)}'" + (f", but {there}." if there else " in the folder.")


def _close_key(key: str, failure: Failure, variables: Sequence[Variable]) -> str:
    """Name the key or column that differs from the missing one in case or by a letter or two."""
    used = _NAME.findall(failure.failing.code) if failure.failing else []
    words = {word.lower(): word for v in variables if v.name in used for word in _NAME.findall(v.summary)}
    close = difflib.get_close_matches(key.lower(), words, n=1, cutoff=0.8)
    return f"There is no '{key}', but '{words[close[0]]}'." if close and words[close[0]] != key else ""


def _other_frame(key: str, failure: Failure, variables: Sequence[Variable]) -> str:
    """Say of a merge which of the two lacks the key, and what that one has."""
    code = failure.failing.code if failure.failing else ""
    used = _NAME.findall(code)
    frames = sorted((v for v in variables if v.name in used and v.type == "DataFrame"), key=lambda v: used.index(v.name))
    lacking = [v for v in frames if key not in labels_of(v)]
    if "merge(" not in code or len(frames) != 2 or len(lacking) != 1:
        return ""
    there, other = ("right_on", "left_on") if lacking[0] is frames[1] else ("left_on", "right_on")
    columns = ", ".join(f"'{label}'" for label in labels_of(lacking[0])[:8])
    return f"`{lacking[0].name}` has no '{key}', only {columns}: give {other}='{key}' and, for `{lacking[0].name}`, {there}."


def _cure(failure: Failure) -> str:
    match = _NO_ATTRIBUTE.match(failure.error)
    if match and match[1] in _RENAMED:
        return f"pandas has no `{match[1]}` any more: use `{_RENAMED[match[1]]}`."
    return next((cure for error, cure in _CURES if error.match(failure.error)), "")


def silence_hint(source: str, variables: Sequence[Variable]) -> str:
    """Give a sentence on what the names hold that the code set, with a space after it; empty if nothing is known."""
    held = _held(_SET.findall(source), variables)
    return f"{held} " if held else ""


def unshown_hint(expressions: Sequence[str]) -> str:
    """Give a sentence on values that were dropped, with a space after it; empty if there are none."""
    told = ", ".join(f"`{cut_end(plain(text), 80)}`" for text in expressions[:_MAX_NAMES])
    return f"Not shown, since it is not the last line: {told}; print it if it was asked for. " if told else ""


def _failing_line(failure: Failure, variables: Sequence[Variable]) -> str:
    """Tell of the names of the failing line, such as the columns of a DataFrame after a KeyError."""
    return _held(_NAME.findall(failure.failing.code), variables) if failure.failing else ""


def _held(names: Sequence[str], variables: Sequence[Variable]) -> str:
    known = [v for v in variables if v.name in names and v.summary and v.type not in ("module", "function")]
    told = [cut_end(plain(f"`{v.name}` is {v.type} {described(v)}"), _SUMMARY_CHARACTERS) for v in known[:_MAX_NAMES]]
    return "; ".join(told) + "." if told else ""
