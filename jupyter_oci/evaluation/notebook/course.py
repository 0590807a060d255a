"""One problem as a user has it: ask, run the examples, and where they fail have the cell fixed, all in one live kernel."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from nbformat import NotebookNode, v4

from ...agent.fix import fix
from ...config import AgentConfig
from ...errors import KernelDied, KernelRestarted, KernelUnresponsive
from ...events import RoundStarted, RunEvent, RunFinished, SourceFinished
from ...kernel.session import KernelSession
from ...request import Cell, cell_from_json
from ..ablation import WHOLE, Ablation
from ..live_kernel import execute, raise_if_ours, said_done, skip_unasked
from ..record import Round
from ..recorder import Recorder
from ..sessions.asking import Asking
from .asked import Asked
from .program import binds, program_of

_EXAMPLES = "examples"
_ENDED = (KernelDied, KernelRestarted, KernelUnresponsive)
"""What the agent's code may have made of the kernel."""


@dataclass(slots=True)
class Course:
    """How one problem goes. `ended` is how the last run of the agent ended, `said_done` whether all looks right to the user.

    `programs` are those of the notebook after each round.
    """

    asked: Asked
    entry_point: str
    config: AgentConfig
    recorder: Recorder
    ablation: Ablation = WHOLE
    ended: str = ""
    said_done: bool = False
    programs: list[str] = field(default_factory=list)
    _sources: dict[str, str] = field(default_factory=dict)
    _asked: int = 0

    def take(self, kernel: KernelSession) -> None:
        """Go through it.

        Raises:
            ModelError, KernelError: ours failed.
        """
        notebook = v4.new_notebook()
        try:
            self._ask(kernel, notebook)
            self._try_examples(kernel, [cell_from_json(cell) for cell in notebook.cells])
        except _ENDED as error:
            self.ended, self.said_done = type(error).__name__, False

    def rounds(self) -> list[tuple[Round, str]]:
        """Give each round with the program after it; the sentence that closes the request belongs to the round that it closes.

        A try of *Fix* that proposes nothing is a round.
        """
        given = list(zip(self.recorder.rounds("", lambda _: {}), self.programs, strict=True))
        closing = self._asked - 1
        if closing > 0 and not given[closing][0].code and given[closing][1] == given[closing - 1][1]:
            given[closing - 1 : closing + 1] = [(_joined(given[closing - 1][0], given[closing][0]), given[closing][1])]
        return given

    def _note(self, event: RunEvent) -> None:
        """Take note of what stands in the notebook, once the recorder has seen the event."""
        if isinstance(event, (RoundStarted, RunFinished)):
            program = program_of(list(self._sources.values()), self.entry_point)
            self.programs += [program] * (self.recorder.count - len(self.programs))
        elif isinstance(event, SourceFinished):
            self._sources[event.cell_id] = event.source

    def _see(self, event: RunEvent) -> None:
        self.recorder.see(event)
        self._note(event)

    def _ask(self, kernel: KernelSession, notebook: NotebookNode) -> None:
        asking = Asking(self.asked.prompt, self.config, self.recorder, seen=self._note, ablation=self.ablation)
        asking.ask(kernel, notebook)
        self._asked = self.recorder.count
        self.ended, self.said_done = asking.end.reason, said_done(asking.end)

    def _try_examples(self, kernel: KernelSession, cells: Sequence[Cell]) -> None:
        """Run the user's cell of examples below; where it fails and a try is left, have the cell with the function fixed."""
        target = next((cell.cell_id for cell in reversed(cells) if binds(cell.source, self.entry_point)), None)
        if target is None:
            self.said_done = False
        if target is None or not self.asked.examples:
            return
        result = execute(kernel, _EXAMPLES, self.asked.examples)
        examples = Cell(_EXAMPLES, "code", self.asked.examples, result.execution_count, result.outputs)
        self.said_done = result.status == "ok" and not any(output["output_type"] == "error" for output in result.outputs)
        tries = self.config.max_rounds - len(self.rounds())
        if not self.said_done and tries > 0:
            self._fix(kernel, self.ablation.cells([*cells, examples]), target, tries)

    def _fix(self, kernel: KernelSession, cells: Sequence[Cell], target: str, tries: int) -> None:
        config = replace(self.config, max_rounds=tries)
        executor = self.ablation.executor(kernel)
        outcome = fix(self.recorder.model, executor, config, cells, target, decide=skip_unasked, seen=self._see)
        raise_if_ours(outcome.end)
        self.ended, self.said_done = outcome.end.reason, outcome.worked


def _joined(first: Round, closing: Round) -> Round:
    return replace(
        first,
        reply=f"{first.reply}\n\n{closing.reply}",
        told=closing.told or first.told,
        prompt_tokens=first.prompt_tokens + closing.prompt_tokens,
        completion_tokens=first.completion_tokens + closing.completion_tokens,
        seconds=first.seconds + closing.seconds,
    )
