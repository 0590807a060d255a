"""Fix a cell from a program: what an evaluation, a test or a script calls. The page and the server step `Agent.run` instead."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from ..config import AgentConfig
from ..events import ApprovalRequested, Decision, FixProposed, RunEvent, RunFinished
from ..kernel.base import Executor
from ..model.base import ChatModel
from ..request import Cell, Request
from .loop import Agent


@dataclass(frozen=True, slots=True)
class FixOutcome:
    """What came of a fix: all proposals in order, the last of which stands in its cell; `worked` says that its checks hold."""

    proposals: tuple[FixProposed, ...]
    end: RunFinished

    @property
    def worked(self) -> bool:
        """Whether the cell ran, and the user's (or else the agent's own) check held, which it did not before."""
        return self.end.reason in ("fixed", "fixed_own_check")


def accept(request: ApprovalRequested) -> Decision:
    """Accept whatever is proposed."""
    return Decision("run", request.source)


def fix(
    model: ChatModel,
    executor: Executor,
    config: AgentConfig,
    cells: Sequence[Cell],
    target_cell_id: str,
    *,
    sentence: str = "",
    decide: Callable[[ApprovalRequested], Decision] = accept,
    seen: Callable[[RunEvent], object] = lambda _: None,
) -> FixOutcome:
    """Fix one of the cells in the executor's kernel, deciding on proposals with `decide`; `seen` is told of each event."""
    request = Request(sentence, tuple(cells), target_cell_id, intent="fix", target_cell_id=target_cell_id)
    steps = Agent(model, executor, config).run(request)
    proposals: list[FixProposed] = []
    answer: Decision | None = None
    while True:
        event = steps.send(answer)
        answer = decide(event) if isinstance(event, ApprovalRequested) else None
        if event is not None:
            seen(event)
        if isinstance(event, FixProposed):
            proposals.append(event)
        elif isinstance(event, RunFinished):
            return FixOutcome(tuple(proposals), event)
