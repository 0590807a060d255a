"""What a run did to the variables of the kernel, for the user to see: the notebook shows the code, and not what it changed."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from ..events import VariablesChanged
from ..kernel.base import Executor, Variable
from .cell_names import names_changed, names_set
from .plain_text import cut_end, escaped
from .variable_text import labels_of

_COUNTED = re.compile(r"\) \d+ distinct")
_SHAPE = re.compile(r"(?:\w+, )?\d+ rows x (?P<columns>\d+) columns|length \d+|shape \([\d, ]*\)")
_AT_A_GLANCE = re.compile(r"(?:u?int|float|complex|bool)\d*_?|str|function|Timestamp|Timedelta|date(?:time)?")
_CHARACTERS = 60
_MOST_LABELS = 5


def kernel_changes(
    before: Sequence[Variable] | None, after: Sequence[Variable] | None, sources: Sequence[str]
) -> VariablesChanged | None:
    """Compare what the kernel held before and after the `sources` ran; None where nothing differs, or it is not known.

    Both are to be asked for about the same, since summaries depend on it.
    Names that begin with an underscore and modules are left out. A value that was changed in place is seen by the code that
    does so, or by its summary.
    """
    if before is None or after is None:
        return None
    held, now = _data(before), _data(after)
    touched = frozenset[str]().union(*(names_set(source) | names_changed(source) for source in sources))
    new = tuple(_told(variable) for name, variable in now.items() if name not in held)
    changed = tuple(_difference(held[name], now[name], touched) for name in now if name in held)
    gone = tuple(name for name in held if name not in now)
    found = VariablesChanged(new, tuple(line for line in changed if line), gone)
    return found if found != VariablesChanged((), (), ()) else None


class HeldBefore:
    """What the kernel held before a run, which is about a text: variables are described by what it names."""

    def __init__(self, executor: Executor, about: str) -> None:
        self._executor = executor
        self._about = about
        self._held: Sequence[Variable] | None = None

    def note(self, variables: Sequence[Variable] | None) -> None:
        """Take what it holds at first, described for the text; a run that notes it again has changed it by then."""
        self._held = variables if self._held is None else self._held

    def changes(self, sources: Sequence[str]) -> VariablesChanged | None:
        """Compare it with what the kernel holds now that the `sources` have run; None as in `kernel_changes`."""
        return kernel_changes(self._held, self._executor.variables(self._about), sources) if sources else None


def _data(variables: Iterable[Variable]) -> dict[str, Variable]:
    """Give the variables by name, in the order in which they were set."""
    kept = [each for each in variables if each.type != "module" and not each.name.startswith("_")]
    return {variable.name: variable for variable in reversed(kept)}


def _told(variable: Variable) -> str:
    shape = _shape(variable)
    return f"{variable.name}: {variable.type} {shape}" if shape else f"{variable.name}: {variable.type}"


def _shape(variable: Variable) -> str:
    """Give what is small enough to be read at a glance: a number or a short text, a signature, else the size."""
    if _AT_A_GLANCE.fullmatch(variable.type):
        return cut_end(escaped(variable.summary), _CHARACTERS)
    size = _SHAPE.match(variable.summary)
    return size[0] if size else ""


def _difference(before: Variable, after: Variable, touched: frozenset[str]) -> str:
    """Say how a variable differs; empty where it does not, as far as is known."""
    name, was, now = after.name, _shape(before), _shape(after)
    if before.type != after.type:
        return f"{name}: {before.type} {was}".rstrip() + f" → {after.type} {now}".rstrip()
    parts = [f"{was} → {now}"] if was and now and was != now else []
    if (old := _columns(before)) and (new := _columns(after)):
        parts += _labels("new", [label for label in new if label not in old])
        parts += _labels("without", [label for label in old if label not in new])
    if parts:
        return f"{name}: {'; '.join(parts)}"
    differs = _are_comparable(before.summary, after.summary) and before.summary != after.summary
    return f"{name}: other values" if differs else f"{name}: set again or changed" if name in touched else ""


def _are_comparable(before: str, after: str) -> bool:
    """Whether both are known, and values were counted in both or in none: there may have been no time for it."""
    return bool(before and after) and (_COUNTED.search(before) is None) == (_COUNTED.search(after) is None)


def _columns(variable: Variable) -> list[str]:
    """Give the columns of a table, if its summary has them all."""
    size, labels = _SHAPE.match(variable.summary), labels_of(variable)
    return labels if size and size["columns"] == str(len(labels)) else []


def _labels(word: str, labels: Sequence[str]) -> list[str]:
    more = ", ..." if len(labels) > _MOST_LABELS else ""
    return [f"{word} {', '.join(escaped(label) for label in labels[:_MOST_LABELS])}{more}"] if labels else []
