"""Text that was calculated with like numbers: a sum glues it together and a product repeats it, and neither raises anything."""

from __future__ import annotations

import ast
import re
from collections.abc import Sequence

from ..kernel.base import Variable
from .cure_columns import multiplied, numbers_only
from .cure_scene import Scene, applied
from .cures import Cure
from .source_map import SourceMap

_GLUED = re.compile(r"([A-Za-z][\w .-]{1,30}?)\1{3}")
_ADDED = "Text was added up like numbers: the columns of text are left out."
_MULTIPLIED = "Text was multiplied like a number: numbers are made of it first."


def unglued(source: str, shown: str, variables: Sequence[Variable]) -> Cure | None:
    """Give the source that makes numbers of the text that it multiplies, or whose sums leave text out; None: it has none.

    Of sums, what was `shown` has to have text glued together.
    """
    mapped = SourceMap.of(source)
    if mapped is None:
        return None
    scene = Scene(mapped, list(ast.walk(mapped.tree)), variables)
    cured = applied(source, list(multiplied(scene)))
    if cured != source:
        return Cure(cured, _MULTIPLIED)
    glued = _GLUED.search(shown)
    if glued is None or glued[0] in source:
        return None
    cured = applied(source, list(numbers_only(scene, glued)))
    return Cure(cured, _ADDED) if cured != source else None
