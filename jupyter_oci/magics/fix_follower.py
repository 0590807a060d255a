"""FixFollower: shows the fix that is proposed for a cell, and what must hold when it is run."""

from __future__ import annotations

from ..events import ApprovalRequested, Decision, FixProposed, RunEvent, TextDelta
from .follow import Follower, framed

_USERS_CHECK = "What must hold when you run it:"
_OWN_CHECK = "Nothing says what should come out. A check of the agent's own; see whether it is the right one:"


class FixFollower(Follower):
    """Keeps the proposal as `source`. What the model says of changes that are not proposed is not shown."""

    def _show(self, event: RunEvent) -> None:
        match event:
            case TextDelta():
                pass
            case FixProposed():
                self._screen.write(event.summary)
                self._take_source(event.source)
                if event.check:
                    self._screen.end(f"{_OWN_CHECK if event.check_origin == 'agent' else _USERS_CHECK}\n{framed(event.check)}")
            case _:
                super()._show(event)


def only_propose(request: ApprovalRequested) -> Decision:
    """Leave it at the proposal."""
    return Decision("skip", request.source)
