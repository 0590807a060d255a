"""A None that comes from another cell, which returns, or gives a name to, what a method gives with `inplace=True`."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from .cure_scene import Scene, applied, keyword
from .elsewhere import Proposal
from .problem import Problem
from .source_map import SourceMap

_SUMMARY = "With `inplace=True`, `{method}` gives None: without it, it gives the changed value, which is what is used here."


def in_place_result(problem: Problem) -> Proposal | None:
    """Give the change of the only related cell in which that stands, where the problem's cell fails for a None."""
    if problem.failure is None or "NoneType" not in problem.failure.error:
        return None
    found = [(place, call) for place in problem.related for call in _calls(problem.cells[place].source)]
    if len(found) != 1:
        return None
    [(place, (scene, call))] = found
    others = ", ".join(scene.text(each) for each in (*call.args, *call.keywords) if each is not keyword(call, "inplace"))
    source = applied(problem.cells[place].source, [scene.put(call, f"{scene.text(call.func)}({others})")])
    method = call.func.attr if isinstance(call.func, ast.Attribute) else ""
    return Proposal(place, source, _SUMMARY.format(method=method))


def _calls(source: str) -> Iterator[tuple[Scene, ast.Call]]:
    mapped = SourceMap.of(source)
    for node in ast.walk(mapped.tree) if mapped else ():
        call = node.value if isinstance(node, (ast.Return, ast.Assign)) else None
        if mapped and isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute):
            given = keyword(call, "inplace")
            if given and isinstance(given.value, ast.Constant) and given.value.value is True:
                yield Scene(mapped, [call], ()), call
