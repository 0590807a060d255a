"""Round, Record, Table, Evaluation: what an evaluation writes of each problem, and what it has to offer to be run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from ..config import AgentConfig
from ..model.base import ChatModel


@dataclass(frozen=True, slots=True)
class Round:
    """One reply and what became of it. `code` stands in its cell; `program` is what was judged, where it is another.

    `told` is what the model read afterwards, empty after the last round.

    `verdicts` maps the name of a test set ("base", "plus", "hidden" ...) to whether the code passes it. Rounds with a `name` are
    alternatives to each other, each a second try after the first round; `told` is then what the model read before.
    """

    reply: str
    code: str
    told: str
    verdicts: Mapping[str, bool]
    prompt_tokens: int
    completion_tokens: int
    seconds: float
    name: str = ""
    program: str = ""

    @property
    def judged(self) -> str:
        """Give the code that the verdicts are of."""
        return self.program or self.code


@dataclass(frozen=True, slots=True)
class Record:
    """One problem's JSON line. `seconds` is wall time with kernel and judge; `tokens` of the rounds are the model's own.

    `said_done` tells whether the agent claimed success; `failure` is the kind of the last round's failure ("" when it passed), of
    alternatives the first round's where none passed; `measures` are numbers of the protocol's own, such as needless lines;
    `written` are the agent's cells as notebook JSON, where other problems of the suite show them.
    """

    problem: str
    rounds: tuple[Round, ...]
    ended: str
    said_done: bool
    failure: str
    seconds: float
    measures: Mapping[str, Any] = field(default_factory=dict)
    written: Sequence[Mapping[str, Any]] = ()


@dataclass(frozen=True, slots=True)
class Table:
    """A summary: a line per row, cells as they are printed; `notes` say what the columns mean and what is not comparable."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    notes: tuple[str, ...] = ()


class Evaluation(Protocol):
    """One suite under one protocol."""

    @property
    def name(self) -> str:
        """Give the name of its result files, such as `humanevalfix` or `humaneval-paper`."""
        ...

    def problems(self) -> Sequence[str]:
        """List the problems' ids in the suite's order."""
        ...

    def solve(self, problem: str, model: ChatModel, config: AgentConfig) -> Record:
        """Put one problem through the agent and judge every round. The model has been loaded; safe to call from several threads.

        Raises:
            ModelError, KernelError: the machinery failed, not the model's code: the problem is not counted and is tried again.
        """
        ...

    def summary(self, records: Sequence[Record]) -> Table:
        """Sum the records up; of a part of the problems, its row says how many they are."""
        ...
