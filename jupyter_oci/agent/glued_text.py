"""Text that was added up like numbers: `sum` of a table glues its columns of text together, raises nothing and means nothing."""

from __future__ import annotations

import ast
import re
from collections.abc import Sequence

from ..kernel.base import Variable
from .cure_columns import numbers_only
from .cure_scene import Scene, applied
from .cures import Cure
from .source_map import SourceMap

_GLUED = re.compile(r"([A-Za-z][\w .-]{1,30}?)\1{3}")
_SUMMARY = "Text was added up like numbers: the columns of text are left out."


def unglued(source: str, shown: str, variables: Sequence[Variable]) -> Cure | None:
    """Give the source whose sums leave text out, where what was `shown` has text glued together; None where there is none."""
    glued = _GLUED.search(shown)
    if glued is None or glued[0] in source:
        return None
    mapped = SourceMap.of(source)
    if mapped is None:
        return None
    cured = applied(source, list(numbers_only(Scene(mapped, list(ast.walk(mapped.tree)), variables), glued)))
    return Cure(cured, _SUMMARY) if cured != source else None
