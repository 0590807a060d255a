"""Ask the agent a problem's question, as a user of the sidebar does below the last cell, and write down what it did."""

from __future__ import annotations

from collections.abc import Callable, Generator
from dataclasses import dataclass, field

from nbformat import NotebookNode

from ...agent.loop import Agent
from ...config import AgentConfig
from ...errors import KernelDied, KernelRestarted, KernelUnresponsive
from ...events import ApprovalRequested, ContextBuilt, Decision, ExecutionFinished, RunEvent, RunFinished
from ...kernel.outputs import OutputFold
from ...kernel.session import KernelSession
from ...notebook import NotebookProjection, request_from
from ..ablation import WHOLE, Ablation
from ..live_kernel import raise_if_ours, skip_unasked
from ..recorder import Recorder
from .live import Answered, printed

_ENDED = {"kernel_died": KernelDied, "kernel_restarted": KernelRestarted, "kernel_unresponsive": KernelUnresponsive}
"""What the agent's code may have made of the kernel."""


@dataclass(slots=True)
class Asking:
    """One question; `seen` is told of each event.

    Once it was asked, `cells` are those that the agent wrote and `end` says how the run ended.
    """

    question: str
    config: AgentConfig
    recorder: Recorder
    seen: Callable[[RunEvent], object] = lambda _: None
    ablation: Ablation = WHOLE
    cells: list[NotebookNode] = field(default_factory=list)
    end: RunFinished = field(default_factory=lambda: RunFinished("failed", 0, "not_run"))
    skipped: int = 0
    context: ContextBuilt | None = None
    _statuses: dict[str, str] = field(default_factory=dict)

    def ask(self, executor: KernelSession, notebook: NotebookNode) -> Answered:
        """Run the agent on the notebook.

        Raises:
            ModelError, KernelError: ours failed, or the agent's code ended the kernel.
        """
        known = {cell.id for cell in notebook.cells}
        projection = NotebookProjection(notebook, OutputFold)
        request = self.ablation.request(request_from(notebook, self.question))
        steps = Agent(self.recorder.model, self.ablation.executor(executor), self.config).run(request)
        for event in _events(steps):
            projection.apply(event)
            self.recorder.see(event)
            self._see(event)
            self.seen(event)
        raise_if_ours(self.end)
        self.cells = [cell for cell in notebook.cells if cell.id not in known]
        if self.end.reason in _ENDED:
            raise _ENDED[self.end.reason](self.end.message)
        return self._answered()

    def _see(self, event: RunEvent) -> None:
        if isinstance(event, ApprovalRequested):
            self.skipped += 1
        elif isinstance(event, ContextBuilt):
            self.context = event
        elif isinstance(event, ExecutionFinished):
            self._statuses[event.cell_id] = event.status
        elif isinstance(event, RunFinished):
            self.end = event

    def _answered(self) -> Answered:
        ran = [cell for cell in self.cells if cell.execution_count is not None]
        timed_out = any(self._statuses.get(cell.id) == "timeout" for cell in ran)
        return Answered(tuple(cell.execution_count for cell in ran), "".join(map(printed, ran)), timed_out)


def _events(run: Generator[RunEvent | None, Decision | None, None]) -> Generator[RunEvent, None, None]:
    """Give the run's events; what it asks about is skipped, as nobody is there."""
    answer: Decision | None = None
    while True:
        try:
            event = run.send(answer)
        except StopIteration:
            return
        answer = skip_unasked(event) if isinstance(event, ApprovalRequested) else None
        if event is not None:
            yield event
