"""Causes that need no model: a cell that did not run, an import, a package, a slip, what the libraries' errors are known for."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import replace

from .cures import cure_of
from .elsewhere import Proposal, how_unrun, undefined_name, unrun_cell
from .in_place_result import in_place_result
from .packages import distribution_of, missing_import
from .problem import Problem
from .slips import slip_in
from .trial_program import LINE_AFTER, RAISES
from .usual_imports import begun_with, usual_import

MOST_CURED = 3
"""How many errors of one cell have a change of their own before a model is asked."""
_NOT_INSTALLED = (
    "`{}` is not installed; the package `{}` provides it. Whether it can be installed here shows when it is tried: that needs "
    "the network."
)
_WORD = re.compile(r"\w+")
_TYPES = {"DataFrame", "Series", "float", "int", "str"}  # an error names the type of what it is about


def known_cause(problem: Problem, avoid: Collection[int] = ()) -> Proposal | None:
    """Give the fix that needs no model: run the cell that defines the name, import or install what is missing, mend a slip, cure.

    Cells at the places in `avoid` have been tried.
    """
    elsewhere = _unrun_cell(problem, avoid) or in_place_result(problem)
    return elsewhere or _missing_import(problem) or missing_package(problem) or known_change(problem)


def missing_package(problem: Problem) -> Proposal | None:
    """Give the cell that begins by installing what it lacks; None where it does so already, or no package is known."""
    module = missing_import(problem.failure.error) if problem.failure else None
    package = distribution_of(module) if module else None
    if package is None or f"%pip install {package}" in problem.cell.source:
        return None
    source = begun_with(f"%pip install {package}", problem.cell.source)
    return Proposal(problem.place, source, _NOT_INSTALLED.format(module, package), package)


def known_change(problem: Problem) -> Proposal | None:
    """Give the change of the cell itself that its error is known for: a slip mended, or a cure."""
    return _slip(problem) or _cure(problem)


def with_package(proposal: Proposal, told: str) -> Proposal:
    """Have a proposal install what it was seen to lack when it was tried, where the package is known."""
    error, _, _ = told.removeprefix(RAISES).partition(LINE_AFTER)
    module = missing_import(error)
    package = distribution_of(module) if module and not proposal.package else None
    if package is None:
        return proposal
    source = begun_with(f"%pip install {package}", proposal.source)
    return replace(
        proposal, source=source, summary=f"{proposal.summary} {_NOT_INSTALLED.format(module, package)}", package=package
    )


def is_in_vain(problem: Problem, proposal: Proposal, told: str) -> bool:
    """Whether a known cause was seen to fail with what it brings, or as before: else a second slip is the next round's."""
    error, _, _ = told.partition(LINE_AFTER)
    if problem.failure is not None and problem.failure.error in error:
        return True
    brought = set(_WORD.findall(proposal.source)) - set(_WORD.findall(problem.cells[proposal.place].source))
    return not (brought - _TYPES).isdisjoint(_WORD.findall(error))


def unknown_package(problem: Problem) -> str:
    """Give the module that is not found and that no known package provides; empty if there is none.

    What a package that is installed lacks has another name there, and is not meant.
    """
    module = missing_import(problem.failure.error) if problem.failure else None
    return module if module and distribution_of(module) is None else ""


def _unrun_cell(problem: Problem, avoid: Collection[int]) -> Proposal | None:
    found = unrun_cell(problem.failure.error, problem.cells, problem.place) if problem.failure else None
    if found is None or found[1] in avoid:
        return None
    name, place = found
    cell = problem.cells[place]
    return Proposal(place, cell.source, f"{how_unrun(name, cell)}: run that cell, then this one again.")


def _missing_import(problem: Problem) -> Proposal | None:
    name = undefined_name(problem.failure.error) if problem.failure else ""
    needed = usual_import(name, problem.cell.source) if name else None
    if needed is None or needed in problem.cell.source:
        return None
    return Proposal(problem.place, begun_with(needed, problem.cell.source), f"`{name}` is used and not imported.")


def _slip(problem: Problem) -> Proposal | None:
    slip = slip_in(problem.cell.source, problem.failure, problem.variables, problem.held) if problem.failure else None
    return Proposal(problem.place, slip.source, f"There is no `{slip.wrong}`, but `{slip.right}`.") if slip else None


def _cure(problem: Problem) -> Proposal | None:
    cure = cure_of(problem.cell.source, problem.failure, problem.variables, problem.files) if problem.failure else None
    return Proposal(problem.place, cure.source, cure.summary) if cure else None
