"""Drives the agent as a server would."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeVar

from jupyter_oci.agent.loop import Agent
from jupyter_oci.errors import Stopped
from jupyter_oci.events import ApprovalRequested, Decision, RunEvent, RunFinished, StatusChanged
from jupyter_oci.request import Request

E = TypeVar("E")


@dataclass
class Run:
    """The events of one run."""

    events: list[RunEvent] = field(default_factory=list)

    def of(self, kind: type[E]) -> list[E]:
        return [event for event in self.events if isinstance(event, kind)]

    @property
    def end(self) -> RunFinished:
        assert isinstance(self.events[-1], RunFinished)
        assert len(self.of(RunFinished)) == 1
        return self.events[-1]

    @property
    def ending(self) -> tuple[str, str]:
        return self.end.status, self.end.reason


def block(code: str, before: str = "", after: str = "") -> str:
    """A reply with this code."""
    return f"{before}\n```python\n{code}\n```\n{after}"


def drive(
    agent: Agent,
    request: Request,
    decide: Callable[[ApprovalRequested], Decision | None] | None = None,
    stop_at: Callable[[RunEvent], bool] = lambda event: False,
) -> Run:
    """Run to the end; answer approvals after some waiting, throw Stopped at the event that `stop_at` names.

    Where `decide` gives None, the run must go on by itself.
    """
    run, steps, answer = Run(), agent.run(request), None
    stopped = undecided = False
    while True:
        try:
            event = steps.throw(Stopped()) if stopped else steps.send(answer)
        except StopIteration:
            return run
        answer, stopped = None, False
        if event is None:
            assert not undecided
            continue
        undecided = False
        run.events.append(event)
        if isinstance(event, ApprovalRequested) and decide:
            assert [steps.send(None) for _ in range(3)] == [None] * 3
            answer = decide(event)
            undecided = answer is None
        stopped = stop_at(event)


class Busy:
    """Makes the run wait for a cell of the user's, and says when."""

    def __init__(self, executor, waits) -> None:
        self._executor, self._waits = executor, waits

    def __getattr__(self, name):
        return getattr(self._executor, name)

    def until_free(self):
        yield StatusChanged("kernel_busy")
        self._waits()
        yield from self._executor.until_free()
