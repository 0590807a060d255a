"""The loop: write a cell, run it, read what happened, revise it."""

from __future__ import annotations

import re
from collections.abc import Callable, Generator, MutableMapping

from ..config import AgentConfig
from ..errors import OCIError, Stopped
from ..events import Decision, Intent, Mode, RunEvent, RunFinished, RunStarted
from ..kernel.base import Executor
from ..model.base import ChatModel
from ..request import Request
from .approval import Approval
from .edit_rounds import EditRounds
from .endings import ending
from .explain import Explanation
from .fix_rounds import FixRounds
from .question import as_meant
from .rounds import Rounds

_KINDS: dict[Intent, type[Rounds] | type[FixRounds] | type[Explanation]] = {
    "ask": Rounds,
    "edit": EditRounds,
    "fix": FixRounds,
    "explain": Explanation,
    "hint": Explanation,
}


class Agent:
    """Answers requests by writing cells and running them, or by editing, fixing, explaining or hinting at a cell of the user's.

    `user_edits` is live: the source that the user typed into a cell of the agent's, by cell id. Such a cell runs only after a
    new approval. What was taken back is dropped from it. `mode` is live too; None: it is the one of `config`, to the end.
    """

    def __init__(
        self,
        model: ChatModel,
        executor: Executor,
        config: AgentConfig,
        user_edits: MutableMapping[str, str] | None = None,
        mode: Callable[[], Mode] | None = None,
    ) -> None:
        self._model = model
        self._executor = executor
        self._config = config
        self._user_edits = {} if user_edits is None else user_edits
        self._mode: Callable[[], Mode] = (lambda: config.mode) if mode is None else mode

    def run(self, request: Request, *, path: str = "", kernel_id: str = "") -> Generator[RunEvent | None, Decision | None, None]:
        """Yield everything that happens, up to `RunFinished`.

        At `ApprovalRequested` the driver sends a `Decision`, or None as often as it likes until there is one. `Stopped` thrown
        in stops model and kernel. Every ending, also one by an error of ours, is a `RunFinished`.
        """
        config, request = self._config, as_meant(request)
        approval = Approval(self._mode, self._user_edits, self._executor)
        rounds = _KINDS[request.intent](self._model, self._executor, config, request, approval)
        try:
            yield self._started(request, path, kernel_id)
            end = yield from rounds.until_end()
        except Stopped:
            end = ending("stopped", rounds.count)
        except OCIError as error:
            end = RunFinished("failed", rounds.count, _code(error), str(error))
        yield end

    def _started(self, request: Request, path: str, kernel_id: str) -> RunStarted:
        return RunStarted(
            request.prompt,
            self._mode(),
            self._model.name,
            self._config.max_rounds,
            path,
            kernel_id,
            request.active_cell_id,
            request.intent,
            request.target_cell_id,
        )


def _code(error: OCIError) -> str:
    """Give `kernel_died` for KernelDied."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", type(error).__name__).lower()
