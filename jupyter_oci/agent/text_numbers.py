"""Columns of text whose texts stand for numbers or dates, as far as their first ones tell, and what makes numbers of them."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Sequence

from .cure_scene import Edit, Scene

SAY_MISSING = ("", "-", "--", "?", "missing", "n/a", "na", "nan", "none", "null", "tbd", "unknown")
PLAIN = re.compile(r"\s*[-+]?(?:0|[1-9]\d*)(?:\.\d+)?\s*")  # what begins with a zero is a code
_SIGN = r"(?:[$€£¥]|AUD|CAD|CHF|CNY|DKK|EUR|GBP|INR|JPY|NOK|PLN|SEK|USD)"
NUMBER = re.compile(rf"\s*{_SIGN}?\s*[-+]?(?:0|[1-9]\d*|[1-9]\d{{0,2}}(?:,\d{{3}})+)(?:\.\d+)?\s*{_SIGN}?\s*")
_TOO_LONG = re.compile(r"(?:\d[.,]?){16}")  # to be a float: two ids would become one
_DATE = re.compile(r"\d{4}-\d\d-\d\d(?:[ T]\d.*)?")  # in other forms day and month cannot be told apart
# A comma that is not followed by three digits stays, and fails again, as another currency does. `.str` would lose true numbers.
_THOUSANDS = r",(?=\d{3}(?!\d))"


def says_missing(text: str) -> bool:
    """Whether a text says itself that there is no value."""
    return text.strip().lower() in SAY_MISSING


def kind_of(texts: Sequence[str]) -> str:
    """Say what some texts stand for, where all of them are of one form: plain, number or date; empty: nothing that is known.

    Among numbers, plain or with signs of one currency, may be texts that say that there is no value.
    """
    values = [text for text in texts if not says_missing(text)]
    if texts and all(map(_DATE.fullmatch, texts)):
        return "date"
    is_number = values and len(_signs(values)) <= 1 and not any(map(_TOO_LONG.search, values))
    forms = (("plain", PLAIN), ("number", NUMBER)) if is_number else ()
    return next((kind for kind, form in forms if all(map(form.fullmatch, values))), "")


def read_as(scene: Scene, column: ast.expr, kind: str) -> Iterator[Edit]:
    """Read a column of text as what its texts stand for."""
    texts = scene.texts(column)
    if kind == "date":
        yield from scene.wrap(column, "pd.to_datetime(")
    elif any(map(says_missing, texts)):
        yield scene.put(column, as_numbers(scene.text(column), texts))
    else:
        yield scene.after(column, as_numbers("", texts))


def as_numbers(column: str, texts: Sequence[str]) -> str:
    """Write what makes numbers of a column whose first texts are these; what says that there is no value becomes missing."""
    read = f"{column}{taking_off(texts) if kind_of(texts) == 'number' else ''}"
    return f"pd.to_numeric({read}, errors='coerce')" if any(map(says_missing, texts)) else f"{read}.astype(float)"


def taking_off(texts: Sequence[str]) -> str:
    """Give what takes off of such texts what is no part of a number: the sign of their currency, spaces, commas."""
    signs = "".join(f"{re.escape(sign)}|" for sign in _signs(texts))
    return rf".replace(r'{signs}\s|{_THOUSANDS}', '', regex=True)"


def is_taken_off(source: str) -> bool:
    """Whether that is done in a source already: what is left then is something else."""
    return _THOUSANDS in source


def _signs(texts: Sequence[str]) -> set[str]:
    return {sign for text in texts for sign in re.findall(_SIGN, text)}
