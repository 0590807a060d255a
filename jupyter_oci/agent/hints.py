"""What is known about a failure beyond its traceback: what the names in the failing line hold, what may be meant."""

from __future__ import annotations

import difflib
import posixpath
import re
from collections.abc import Sequence

from ..kernel.base import DataFile, Variable
from .cure_files import missing_file
from .packages import missing_module
from .plain_text import cut_end, plain
from .traceback_text import Failure
from .usual_imports import import_of_module, usual_import
from .variable_text import described, fitted, labels_of, texts_in

_NAME = re.compile(r"[A-Za-z_]\w*")
_SET = re.compile(r"^([A-Za-z_]\w*) *=(?!=)", re.MULTILINE)
_UNDEFINED = re.compile(r"NameError: name '(\w+)' is not defined")
_NO_ATTRIBUTE = re.compile(r"AttributeError: '(?:DataFrame|Series|Datetime\w+)' object has no attribute '(\w+)'")
_NO_KEY = re.compile(r"KeyError: '(?:Column not found: )?(\w+)'")
_THOUSANDS = re.compile(r"\D*\d{1,3}(?:,\d{3})+(?:\.\d+)?\D*")
_DECIMAL_COMMA = re.compile(r"[^\d,]*(?:\d{1,3}(?:\.\d{3})+|\d+),\d+[^\d,]*")
_NO_NUMBER = re.compile(
    r"(?:ValueError|TypeError): .*(?:could not convert string|unable to parse string|dtype 'str' does not support)", re.IGNORECASE
)
# What pandas says when text is taken for something else, and what to do then.
_CURES = (
    (
        _NO_NUMBER,
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
    sentences = (
        _missing(failure, variables),
        _no_file(failure, files),
        _failing_line(failure, variables),
        _cure(failure, variables),
    )
    return "".join(f"{sentence} " for sentence in sentences if sentence)


def _missing(failure: Failure, variables: Sequence[Variable]) -> str:
    if module := missing_module(failure.error):
        package = module.rpartition(".")[0]
        there = f"`{package}` is installed, but has no `{module}`: it has another name there."
        return there if package else f"{module} is not installed: do without it."
    if match := _NO_KEY.match(failure.error):
        ways = (_close_key, _other_frame, _elsewhere)
        return next((told for way in ways if (told := way(match[1], failure, variables))), "")
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
    """Name the key or column that differs from the missing one in case, by a letter or two, or as `id` from `person_id`."""
    used = _NAME.findall(failure.failing.code) if failure.failing else []
    words = {word.lower(): word for v in variables if v.name in used for word in labels_of(v) or _NAME.findall(v.summary)}
    close = difflib.get_close_matches(key.lower(), words, n=1, cutoff=0.8)
    if not close:
        labels = {label.lower() for v in variables if v.name in used for label in labels_of(v)}
        close = [last for last in (key.lower().rpartition("_")[2],) if last in labels and last in words]
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


def _elsewhere(key: str, failure: Failure, variables: Sequence[Variable]) -> str:
    """Name the one other table that has the column, and by which columns the two are merged where it takes both."""
    code = failure.failing.code if failure.failing else ""
    used = _NAME.findall(code)
    tables = [v for v in variables if v.type == "DataFrame"]
    lacking = [v for v in tables if v.name in used and key not in labels_of(v)]
    having = [v for v in tables if v.name not in used and key in labels_of(v)]
    if len(lacking) != 1 or len(having) != 1:
        return ""
    [table], [other] = lacking, having
    told = f"`{table.name}` has no '{key}', but `{other.name}` has"
    if not any(_quotes(code, label) for label in labels_of(table)):
        return f"{told}: use `{other.name}` instead."
    keys = _keys_between(table, other)
    return f"{told}: use `{table.name}.merge({other.name}, {keys})` in place of `{table.name}`." if keys else f"{told}."


def _quotes(code: str, label: str) -> bool:
    return re.search(rf"(['\"]){re.escape(label)}\1", code) is not None


def _keys_between(table: Variable, other: Variable) -> str:
    """Give the arguments by which two tables are merged, where their columns tell it: by one name, or by `x_id` and `id`."""
    left, right = labels_of(table), labels_of(other)
    same = [label for label in left if label in right]
    if len(same) == 1:
        return f"on='{same[0]}'"
    pairs = [(a, b) for a in left for b in right if a != b and {a, b}.isdisjoint(same) and _is_reference(a, b)]
    return f"left_on='{pairs[0][0]}', right_on='{pairs[0][1]}'" if len(pairs) == 1 and not same else ""


def _is_reference(left: str, right: str) -> bool:
    return any(
        long.lower().endswith(f"_{short.lower()}") and short.lower() in ("id", "key", "code")
        for long, short in ((left, right), (right, left))
    )


def _made_numbers(failure: Failure, variables: Sequence[Variable]) -> str:
    """Give the expression that makes numbers of the one column of text with digits that the failing line names."""
    code = failure.failing.code if failure.failing else ""
    used = _NAME.findall(code)
    found = [
        (v.name, label, numbers)
        for v in variables
        if v.name in used
        for label, texts in texts_in(v).items()
        if _quotes(code, label) and (numbers := [text for text in texts if re.search(r"\d", text)])
    ]
    if len(found) != 1 or not (stripped := _stripped(found[0][2])):
        return ""
    [(name, label, numbers)] = found
    made = f"pd.to_numeric({name}['{label}']{stripped}, errors='coerce')"
    return plain(f"'{label}' is text like '{cut_end(numbers[0], 40)}'; as numbers it is `{made}`.")


def _stripped(numbers: Sequence[str]) -> str:
    """Give what leaves of texts the number; empty where a comma may be that of a decimal or of a thousand."""
    with_comma = [text for text in numbers if "," in text]
    if all(_THOUSANDS.fullmatch(text) for text in with_comma):
        return r".str.replace(r'[^\d.-]', '', regex=True)"
    if all(_DECIMAL_COMMA.fullmatch(text) for text in with_comma):
        return r".str.replace(r'[^\d,-]', '', regex=True).str.replace(',', '.')"
    return ""


def _cure(failure: Failure, variables: Sequence[Variable]) -> str:
    if _NO_NUMBER.match(failure.error) and (told := _made_numbers(failure, variables)):
        return told
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
    told = [_described(v, " ".join(names)) for v in known[:_MAX_NAMES]]
    return "; ".join(told) + "." if told else ""


def _described(variable: Variable, about: str) -> str:
    head = f"`{variable.name}` is {variable.type} "
    summary = fitted(variable.summary, about, _SUMMARY_CHARACTERS - len(head), described)
    return cut_end(plain(head + summary), _SUMMARY_CHARACTERS)
