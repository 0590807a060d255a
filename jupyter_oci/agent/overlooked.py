"""What a request names and the code leaves out: a small model groups by one of two columns, and counts rows for orders."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence

from ..kernel.base import Variable
from ..request import Request
from .cell_names import names_used
from .contrary import contrary
from .derived import TABLES, made_of
from .variable_text import labels_of, repeats_in

_AND = (
    r"\s*(?:,|&|(?:,\s*)?\b(?:and|und|et|y|e)\b|(?=\b(?:by|per|nach|pro|par|por)\b))\s*"
    r"(?:(?:by|per|the|each|nach|pro|par|por)\s+)*"
)
LEFT_OUT = re.compile(
    r"\b(?:not?|never|\w+n['\u2019]t|without|except|ignor\w+|exclud\w+|avoid\w*|drop\w*|delet\w+|remov\w+|other|instead|rather|but|"
    r"then|after|ohne|außer|nicht|kein\w*|statt|aber|dann|sans|sauf|pas|sin)\b",
    re.IGNORECASE,
)
_SENTENCE = re.compile(r"(?<=[.?!;])\s+|\n")
_HOW_MANY = re.compile(
    r"\b(?:how many|number of)\s+(?:different |distinct |unique )?(\w+?)s?\b"
    r"(?=\s*[?.]|\s+(?:are|did|do|does|has|have|is|made|placed|there|was|were|in|per|by)\b)",
    re.IGNORECASE,
)
_COUNTS_ROWS = re.compile(r"len\((\w+)\)|(\w+)\.shape(?:\[0\])?|(\w+)\.index\.size|(\w+)\.count\(\)")
# Words of any request, which say nothing of a column that has one of them in its label.
_ORDINARY = re.compile(
    "average|axes|axis|bars?|chart|colou?r|count|date|display|draw|each|figure|find|give|group|height|label|legend|line|list|make|mean|"
    "median|month|name|number|order|plot|print|rate|result|scale|show|size|sort|style|table|time|title|total|type|value|week|width|year"
)
_FUNCTION = re.compile(
    r"\b(?:use|using|with|via|mit|avec)\s+(?:an?\s+|the\s+)?[`'\"]?((?:np|numpy|pd|pandas|plt|sns|stats|scipy|sklearn)"
    r"(?:\.[^\W\d]\w*)*\.([^\W\d]\w*))(?!\w)",
    re.IGNORECASE,
)
_IS_NONE = re.compile(
    r"nan|NaN|NA|NaT|inf|pi|newaxis|Series|DataFrame|Index|array|ndarray|[A-Z][a-z]+|\w*\d+|csv|xlsx?|json|txt|py|data"
)


def missed(code: str, request: Request, variables: Sequence[Variable]) -> str | None:
    """Say in a sentence what code leaves out of a request, or has the wrong way round; None: nothing is seen.

    That is the contrary of what is asked; a function that shall be used; one of several columns that stand side by side in the
    request, of which the code uses another; ids, where they repeat and the code counts rows; and a column of the table that
    another was made of, where the code uses that one, which lacks it.
    """
    return (
        contrary(code, request.prompt)
        or _function(code, request.prompt)
        or next((told for table in _used(code, variables) if (told := _column(code, request.prompt, table))), None)
        or next((told for table in _used(code, variables) if (told := _base(code, request, table, variables))), None)
    )


def _used(code: str, variables: Sequence[Variable]) -> list[Variable]:
    names = names_used(code)
    return [variable for variable in variables if variable.name in names and variable.type in TABLES]


def _function(code: str, request: str) -> str | None:
    """Say which function shall be used and is not."""
    for sentence in _SENTENCE.split(request):
        for match in _FUNCTION.finditer(sentence):
            if match[2] not in code and not _IS_NONE.fullmatch(match[2]) and not LEFT_OUT.search(sentence):
                return f"Use `{match[1]}`, which the request names."
    return None


def _column(code: str, request: str, table: Variable) -> str | None:
    """Say what is left out of the columns of a table that the code uses."""
    for labels, _ in side_by_side(request, labels_of(table)):
        if 0 < sum(_has(code, label) for label in labels) < len(labels):
            *others, last = (f"`{label}`" for label in labels)
            return f"The request names {', '.join(others)} and {last}, columns of `{table.name}`: use all of them."
    rows = {name for found in _COUNTS_ROWS.findall(code) for name in found if name}
    counted = {match[1].lower() for match in _HOW_MANY.finditer(request)} if table.name in rows else set()
    for label in repeats_in(table):
        thing, ending = re.sub(r"[ _]?id$", "", label.lower()), label.lower()[-2:]
        if ending == "id" and thing in counted and not _has(code, label):
            return f"A row of `{table.name}` is not one {thing}: count the distinct values of `{label}`."
    return None


def side_by_side(request: str, labels: Sequence[str]) -> Iterator[tuple[list[str], str]]:
    """Give the labels that the request names in a row (`by region, shop and day`), and what stands before them.

    None after a word that leaves them out.
    """
    known = {label.lower(): label for label in labels if len(label) > 1}
    any_of = "|".join(map(re.escape, sorted(known, key=len, reverse=True)))
    one = rf"[`'\"]?(?:{any_of})s?(?!\w)[`'\"]?"
    for match in re.finditer(rf"(?<!\w)(?:{one}{_AND})+{one}", request, re.IGNORECASE) if known else ():
        named = re.findall(rf"(?<!\w)({any_of})(?=s?(?!\w))", match[0].lower())
        until = _SENTENCE.search(request, match.end())
        if len({*named}) > 1 and not LEFT_OUT.search(request[: until.start() if until else None]):
            yield [known[name] for name in dict.fromkeys(named)], request[: match.start()]


def _base(code: str, request: Request, table: Variable, variables: Sequence[Variable]) -> str | None:
    """Say which column the request speaks of, by a word of its label, that the table lacks and the one it was made of has."""
    made = made_of(request.cells, [variable.name for variable in variables if variable.type in TABLES])
    base = next((each for each in variables if each.name == made.get(table.name)), None)
    if base is None or _has(request.prompt, table.name) or base.name in names_used(code) or LEFT_OUT.search(request.prompt):
        return None
    labels, own = labels_of(base), _words([f"{table.name} {table.summary}"])
    for label in labels:
        telling = _words([label]) - _words(other for other in labels if other != label) - own
        if any(len(word) > 3 and not _ORDINARY.fullmatch(word) for word in telling & _words([request.prompt])):
            return f"`{table.name}` has no `{label}`, but `{base.name}` has: use `{base.name}`."
    return None


def _has(text: str, name: str) -> bool:
    return re.search(rf"(?<!\w){re.escape(name)}(?!\w)", text) is not None


def _words(texts: Collection[str] | Iterator[str]) -> frozenset[str]:
    return frozenset(word for text in texts for word in re.findall(r"[^\W\d_]+", text.lower()))
