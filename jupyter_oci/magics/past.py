"""Past: what was run in the shell, with the errors that it had."""

from __future__ import annotations

import re
import sys
from dataclasses import dataclass
from typing import Any

from ..kernel import probe
from ..kernel.scalars import type_name
from ..request import Cell
from .failures import MagicError, MagicInterrupted

_MAX_CELLS = 40
_MAX_CHARACTERS = 20_000
_MAX_ERRORS = 200
_MAGIC = re.compile(r"\s*(?:%%?oci\b|%(?:re)?load_ext\s+jupyter_oci\b)")
_CELL_NUMBER = re.compile(r"Cell In ?\[(\d+)\]")
_ANSI = re.compile(r"\x1b\[[\d;]*m")


@dataclass(frozen=True, slots=True)
class CellError:
    """An error as IPython showed it."""

    ename: str
    evalue: str
    traceback: tuple[str, ...]

    @property
    def text(self) -> str:
        """Give it without colours."""
        return _ANSI.sub("", "\n".join(self.traceback))


class Past:
    """Keeps the errors from now on: the shell itself keeps only the last one. They are kept as text, without their frames."""

    def __init__(self, shell: Any) -> None:
        self._shell = shell
        self._errors: dict[int, CellError] = {}
        self._take_up_last_error()
        shell.events.register("post_run_cell", self._note)

    def close(self) -> None:
        """Note no more."""
        self._shell.events.unregister("post_run_cell", self._note)

    @property
    def last_error(self) -> int | None:
        """Give the number of the cell that failed last."""
        return next(reversed(self._errors), None)

    @property
    def last_cell(self) -> int | None:
        """Give the number of the last cell that is none of ours."""
        return next((number for number in range(self._now - 1, 0, -1) if self.is_users(number)), None)

    def source(self, number: int) -> str | None:
        """Give what was run as In[number], as it was typed; None: nothing was."""
        sources = self._shell.history_manager.input_hist_raw
        return str(sources[number]) if 0 < number < min(len(sources), self._now) else None

    def error(self, number: int) -> CellError | None:
        """Give the error of In[number]."""
        return self._errors.get(number)

    def output(self, number: int) -> Any:
        """Give Out[number].

        Raises:
            KeyError: there is none.
        """
        return self._shell.user_ns["Out"][number]

    def is_users(self, number: int) -> bool:
        """Tell the user's cells from those that only ask us."""
        source = self.source(number)
        return bool(source and source.strip()) and not _MAGIC.match(source or "")

    def cells(self, about: int | None = None) -> tuple[Cell, ...]:
        """Give the user's newest cells in order, as context; where In[about] is older than these, those up to it."""
        numbers = [number for number in range(1, self._now) if self.is_users(number)]
        newest = numbers[-_MAX_CELLS:]
        if about is not None and about not in newest:
            newest = [number for number in numbers if number <= about][-_MAX_CELLS:]
        return tuple(self.cell(number) for number in newest)

    def cell(self, number: int) -> Cell:
        """Give one cell as context."""
        source = self.source(number) or ""
        shown = source[:_MAX_CHARACTERS]
        return Cell(cell_id_of(number), "code", shown, number, tuple(self._outputs(number)), is_cut=shown != source)

    @property
    def _now(self) -> int:
        """Give the number of the cell that runs: IPython counts on before or after it, and keeps its source before."""
        return len(self._shell.history_manager.input_hist_raw) - 1

    def _outputs(self, number: int) -> list[dict[str, Any]]:
        """Describe what came of it, without calling the `repr` of anything."""
        outputs: list[dict[str, Any]] = []
        results = self._shell.user_ns.get("Out", {})
        if number in results:
            value = results[number]
            text = f"{type_name(value)} {probe.summary('', value)}".strip()
            outputs.append({"output_type": "execute_result", "data": {"text/plain": text}, "metadata": {}})
        if error := self._errors.get(number):
            shown = {"ename": error.ename, "evalue": error.evalue, "traceback": list(error.traceback)}
            outputs.append({"output_type": "error", **shown})
        return outputs

    def _note(self, result: Any) -> None:
        number = result.execution_count
        if number is None or not result.info.store_history:  # run by a cell, not by the user
            return
        error = result.error_before_exec or result.error_in_exec
        self._errors.pop(number, None)
        if error is not None and not isinstance(error, (MagicError, MagicInterrupted)):
            self._keep(number, error)

    def _keep(self, number: int, error: BaseException) -> None:
        self._errors[number] = self._rendered(error)
        while len(self._errors) > _MAX_ERRORS:
            del self._errors[next(iter(self._errors))]

    def _take_up_last_error(self) -> None:
        """Know the error for which the user loads us."""
        error = getattr(sys, "last_value", None)
        if isinstance(error, BaseException):
            rendered = self._rendered(error)
            if match := _CELL_NUMBER.search(rendered.text):
                self._errors[int(match[1])] = rendered

    def _rendered(self, error: BaseException) -> CellError:
        """Render it as the shell does; an exception whose own code fails at that is shown by its name."""
        kind = type(error)
        try:
            if isinstance(error, SyntaxError):
                lines = self._shell.SyntaxTB.structured_traceback(kind, error, [])
            else:
                lines = self._shell.InteractiveTB.structured_traceback(kind, error, error.__traceback__)
            return CellError(kind.__name__, str(error), tuple(lines))
        except Exception:
            return CellError(kind.__name__, "", (kind.__name__,))


def cell_id_of(number: int) -> str:
    """Name a cell of the shell's history."""
    return f"in-{number}"
