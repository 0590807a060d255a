"""DSEval: problems that follow each other in a notebook, each asked of the agent in the state that the reference left."""

from __future__ import annotations

import json
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from nbformat import NotebookNode, from_dict, v4

from ...config import AgentConfig
from ...errors import ConfigError
from ...kernel.session import KernelSession
from ...model.base import ChatModel
from ..ablation import WHOLE, Ablation
from ..live_kernel import said_done, versions
from ..record import Record, Table
from ..recorder import Recorder
from .asking import Asking
from .live import Answered, ReferenceFailedError, judged, live_session
from .suite import Session, inputs_of, missing_inputs, read_sessions
from .summary import session_table
from .verdict import NOT_JUDGED, Verdict

DEFAULT_KERNEL = "python3"
_OWN = "The problems are not the published ones: not to be compared with the published row."
VERDICT = "session"
"""The name of the verdict on the last round; what stood before is gone from the kernel and is not judged."""


@dataclass(frozen=True, slots=True)
class Setting:
    """How the sessions are run. With `propagate` the notebook shows the agent's own earlier answers, not the reference's.

    The kernel holds what the reference left in both, as the benchmark defines its two settings.
    """

    propagate: bool = False
    kernel_name: str = DEFAULT_KERNEL
    ablation: Ablation = WHOLE


class DSEval:
    """The sessions of one file. Input files lie next to it, in `inputs/` and the file's name.

    `own` tells that it is another file than the published one.
    """

    def __init__(self, suite: str, path: Path, setting: Setting = Setting(), *, own: bool = False) -> None:
        kernel = "" if setting.kernel_name == DEFAULT_KERNEL else setting.kernel_name
        self.name = "-".join(filter(None, (suite, "propagated" if setting.propagate else "", kernel, str(setting.ablation))))
        self._suite = suite
        self._setting = setting
        self._path = path
        self._own = own
        self._inputs = inputs_of(path)
        sessions = read_sessions(path)
        self.missing = {session.name: gone for session in sessions if (gone := missing_inputs(session, self._inputs))}
        self._sessions = {name: session for session in sessions if session.name not in self.missing for name in session.problems}
        self._records: dict[str, Record] = {}
        self._keep: Callable[[Record], object] = lambda _: None
        self._locks: defaultdict[str, threading.RLock] = defaultdict(threading.RLock)

    def problems(self) -> Sequence[str]:
        """List the problems of the sessions whose input files are there."""
        if not self._sessions:
            wanted = "; ".join(dict.fromkeys(self.missing.values()))
            raise ConfigError(f"The sessions of {self._path} read files that are not there: {wanted}.")
        return list(self._sessions)

    def kernel(self) -> str:
        """Give the versions of what the kernel of the sessions has; it is started for that."""
        return versions(self._setting.kernel_name)

    def left_out(self) -> list[str]:
        """Say for each session that is left out what to do about it, and where on this machine."""
        return [f"{session} of {self._path} is left out. To have it done, {wanted}." for session, wanted in self.missing.items()]

    def recall(self, records: Sequence[Record], keep: Callable[[Record], object]) -> None:
        """Take what an earlier run wrote: where errors propagate, its answers are shown to the problems that come after them.

        `keep` is given each record as soon as its answer may be shown, also of a problem that was not asked for.
        """
        self._records = {record.problem: record for record in records}
        self._keep = keep

    def solve(self, problem: str, model: ChatModel, config: AgentConfig) -> Record:
        """Bring a fresh kernel to where the problem begins, ask the agent, and judge.

        Where errors propagate the problems before it are solved first; each is solved once, so that its record is of the answer
        that the later ones were shown.
        """
        if not self._setting.propagate:
            return self._solve(problem, model, config)
        with self._locks[self._sessions[problem].name]:
            for each in self._up_to(problem):
                if each not in self._records:
                    self._records[each] = self._solve(each, model, config)
                    self._keep(self._records[each])
            return self._records[problem]

    def summary(self, records: Sequence[Record]) -> Table:
        """Count what passes and how the rest fails, beside the published comparator."""
        table = session_table(self._suite, records, self.missing, propagated=self._setting.propagate)
        table = replace(table, title=f"{table.title}{self._setting.ablation.told}")
        partly = f"{len(records)} of {len(self._sessions)} problems were run: not to be compared with the published row."
        told = [note for note, holds in ((partly, len(records) != len(self._sessions)), (_OWN, self._own)) if holds]
        return replace(table, notes=(*told, *table.notes))

    def _solve(self, problem: str, model: ChatModel, config: AgentConfig) -> Record:
        began = time.monotonic()
        session = self._sessions[problem]
        place = session.problems[problem]
        question, auto = session.cells[place].question, replace(config, mode="auto")
        asking = Asking(question, auto, Recorder(model), ablation=self._setting.ablation)

        def answer(executor: KernelSession, notebook: NotebookNode) -> Answered:
            return asking.ask(executor, self._seen(session, notebook))

        try:
            verdict = judged(partial(live_session, session, self._inputs, self._setting.kernel_name), place, answer)
        except ReferenceFailedError as error:
            verdict = Verdict(NOT_JUDGED, str(error))
        record = _record(problem, asking, verdict, time.monotonic() - began)
        return replace(record, written=json.loads(json.dumps(asking.cells))) if self._setting.propagate else record

    def _seen(self, session: Session, notebook: NotebookNode) -> NotebookNode:
        """Give the notebook as the user has it: where errors propagate, with the answers that the agent gave."""
        if not self._setting.propagate:
            return notebook
        written = {
            place: from_dict(list(self._records[problem].written))
            for problem, place in session.problems.items()
            if problem in self._records
        }
        cells = [cell for place, given in enumerate(notebook.cells) for cell in written.get(place, [given])]
        seen: NotebookNode = v4.new_notebook(cells=cells)
        return seen

    def _up_to(self, problem: str) -> list[str]:
        problems = list(self._sessions[problem].problems)
        return problems[: problems.index(problem) + 1]


def _record(problem: str, asking: Asking, verdict: Verdict, seconds: float) -> Record:
    rounds = list(asking.recorder.rounds("", lambda code: {}))  # noqa: ARG005 - only the end is judged
    if rounds:
        rounds[-1] = replace(rounds[-1], verdicts={VERDICT: verdict.passed})
    overflow = asking.end.reason == "context_overflow"
    ran = [cell for cell in asking.cells if cell.execution_count is not None]
    context = asking.context
    return Record(
        problem=problem,
        rounds=tuple(rounds),
        ended=asking.end.reason,
        said_done=said_done(asking.end),
        failure="prompt_overflow" if overflow else verdict.failure,
        seconds=seconds,
        measures={
            "reason": verdict.reason,
            "cells": [cell.source for cell in ran],
            "skipped": asking.skipped,
            "prompt_tokens": context.prompt_tokens if context else 0,
            "dropped_cells": context.dropped_cells if context else 0,
            "shortened": list(context.shortened) if context else [],
        },
    )
