"""HumanEvalFix: a cell with a wrong function, fixed by the product's own fix; hidden tests judge.

The notebook of a problem has two cells, both of which were run: the function without its docstring, and the examples that a user
would have (`example_test`). The fix is asked for at the first, without a word. Six of the 164 problems have no examples.
"""

from __future__ import annotations

import difflib
import time
from collections.abc import Mapping, Sequence
from typing import Any

from ..agent.fix import fix
from ..config import AgentConfig
from ..model.base import ChatModel
from ..request import Cell
from .data import HUMANEVAL_FIX, Files
from .fix_summary import fix_table
from .judge import Verdict, judge_script
from .live_kernel import live_kernel, raise_if_ours, run_cells, skip_unasked
from .record import Record, Table
from .recorder import Recorder
from .rows import SOME_TEXT, TEXT, Fields, rows
from .suites.humaneval import before_function

_FILLED = ("task_id", "declaration", "buggy_solution", "canonical_solution", "test", "entry_point")
FIELDS: Fields = {**dict.fromkeys(_FILLED, SOME_TEXT), "example_test": TEXT}
_FUNCTION = "function"
_EXAMPLES = "examples"


class HumanEvalFix:
    """The 164 wrong functions of HumanEvalPack."""

    name = "humanevalfix"

    def __init__(self, files: Files) -> None:
        self._rows = {str(row["task_id"]): row for row in rows(files.path(HUMANEVAL_FIX), FIELDS)}

    def problems(self) -> Sequence[str]:
        """List the problems' ids."""
        return list(self._rows)

    def solve(self, problem: str, model: ChatModel, config: AgentConfig) -> Record:
        """Have the function fixed in a fresh kernel, then judge what stood in its cell after each round."""
        began = time.monotonic()
        row = self._rows[problem]
        recorder = Recorder(model, _FUNCTION)
        with live_kernel() as kernel:
            cells = run_cells(kernel, _cells(row))
            outcome = fix(recorder.model, kernel, config, cells, _FUNCTION, decide=skip_unasked, seen=recorder.see)
        raise_if_ours(outcome.end)
        judged: dict[str, Verdict] = {}

        def judge(code: str) -> Mapping[str, bool]:
            judged[code] = judge_script(code, hidden_check(row), entry_point=row["entry_point"])
            return {"hidden": judged[code].passed}

        buggy = cells[0].source
        rounds = tuple(recorder.rounds(buggy, judge))
        last = next((each.code for each in reversed(rounds) if each.code), buggy)
        return Record(
            problem=problem,
            rounds=rounds,
            ended=outcome.end.reason,
            said_done=outcome.worked,
            failure=_failure(judged.get(last), changed=last != buggy),
            seconds=time.monotonic() - began,
            measures={
                "examples_failed": any(output["output_type"] == "error" for cell in cells[1:] for output in cell.outputs),
                "needless_lines": needless_lines(buggy, last, row["declaration"] + row["canonical_solution"]),
            },
        )

    def summary(self, records: Sequence[Record]) -> Table:
        """Sum up how many are fixed after each round."""
        return fix_table(records, len(self._rows))


def hidden_check(row: Mapping[str, Any]) -> str:
    """Give the hidden tests as a program; the helpers that three of them call are the suite's, not those of the cell."""
    return f"{before_function(row['declaration'], row['entry_point'])}\n{row['test']}"


def needless_lines(base: str, fixed: str, canonical: str) -> int:
    """Count the user's lines that the fix changed or dropped, and that the canonical solution has unchanged.

    A right fix by other means has some too: this is an upper bound of what need not have been touched.
    """
    return len(_touched(base, fixed) - _touched(base, canonical))


def _touched(base: str, source: str) -> set[int]:
    old, new = ([line.rstrip() for line in text.rstrip().splitlines()] for text in (base, source))
    hunks = difflib.SequenceMatcher(None, old, new, autojunk=False).get_opcodes()
    return {line for tag, begin, end, _, _ in hunks if tag != "equal" for line in range(begin, end)}


def _cells(row: Mapping[str, Any]) -> list[Cell]:
    function = Cell(_FUNCTION, "code", f"{row['declaration']}{row['buggy_solution']}".strip("\n"))
    examples = str(row["example_test"]).strip()
    return [function, Cell(_EXAMPLES, "code", examples)] if examples else [function]


def _failure(verdict: Verdict | None, *, changed: bool) -> str:
    """Name the kind of failure: as the judge does, save for a cell that was left as it is."""
    if verdict is not None and verdict.passed:
        return ""
    return verdict.status if verdict is not None and changed else "unchanged"
