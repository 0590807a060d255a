"""Keep a part of what it goes by from the agent, to see what that part earns."""

from __future__ import annotations

from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any

from ..agent.stage import is_trial
from ..events import RunEvent
from ..kernel.base import DataFile, ExecutionResult, Executor, Variable
from ..request import Cell, Request

PARTS: Mapping[str, str] = MappingProxyType(
    {
        "cells": "the notebook's cells in the prompt",
        "variables": "what the kernel holds, in the prompt and after an error",
        "traceback": "the lines of a traceback; the error's own line is told",
        "error": "all of an error but that there was one",
        "trials": "trying apart: small changes, other replies, a fix before it is proposed",
    }
)
_HIDES_ERRORS = frozenset({"error", "traceback"})
_UNTRIED = "raise RuntimeError('no trial')"


@dataclass(frozen=True, slots=True)
class Ablation:
    """What the agent is without, names of `PARTS`."""

    without: frozenset[str] = frozenset()

    def __str__(self) -> str:
        return "-".join(("without", *sorted(self.without))) if self.without else ""

    @property
    def told(self) -> str:
        """Give it as it stands behind a title; empty: nothing is kept from the agent."""
        return f", without {' and '.join(sorted(self.without))}" if self.without else ""

    def executor(self, executor: Executor) -> Executor:
        """Give an executor that tells less."""
        return _Lesser(executor, self.without) if self.without else executor

    def request(self, request: Request) -> Request:
        """Give the request with less around it."""
        return replace(request, cells=()) if "cells" in self.without else request

    def cells(self, cells: Sequence[Cell]) -> list[Cell]:
        """Give cells whose outputs tell less."""
        return [replace(cell, outputs=tuple(_lessened(output, self.without) for output in cell.outputs)) for cell in cells]


WHOLE = Ablation()


class _Lesser:
    def __init__(self, executor: Executor, without: frozenset[str]) -> None:
        self._executor = executor
        self._without = without

    def execute(
        self, cell_id: str, source: str, *, store_history: bool = True
    ) -> Generator[RunEvent | None, None, ExecutionResult]:
        """Run `source`; see `Executor.execute`. What the agent asks of the kernel for itself is told as ever."""
        if "trials" in self._without and is_trial(source):
            source = _UNTRIED
        result = yield from self._executor.execute(cell_id, source, store_history=store_history)
        return self._lessened(result) if store_history and result.status == "error" else result

    def until_free(self) -> Generator[RunEvent | None, None, None]:
        """Wait for what others run."""
        yield from self._executor.until_free()

    def check_alive(self) -> None:
        """Look after the kernel."""
        self._executor.check_alive()

    def variables(self, about: str = "") -> Sequence[Variable] | None:
        """List what the kernel holds, if that is told."""
        return None if "variables" in self._without else self._executor.variables(about)

    def files(self, about: str = "") -> Sequence[DataFile]:
        """List the files beside the notebook, if what there is is told."""
        return () if "variables" in self._without else self._executor.files(about)

    def _lessened(self, result: ExecutionResult) -> ExecutionResult:
        if not _HIDES_ERRORS & self._without:
            return result
        outputs = tuple(_lessened(output, self._without) for output in result.outputs)
        ename, evalue = ("Error", "") if "error" in self._without else (result.ename, result.evalue)
        return replace(result, ename=ename, evalue=evalue, traceback=(), outputs=outputs)


def _lessened(output: dict[str, Any], without: frozenset[str]) -> dict[str, Any]:
    if output.get("output_type") != "error" or not _HIDES_ERRORS & without:
        return output
    return {**output, "traceback": [], **({"ename": "Error", "evalue": ""} if "error" in without else {})}
