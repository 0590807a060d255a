"""Ask the model to write a cell anew as the request says, and, once that was accepted, to repair it."""

from __future__ import annotations

import re
from dataclasses import replace

from ..config import AgentConfig
from ..events import Decision
from ..kernel.base import Executor
from ..model.base import ChatModel
from ..request import Request
from .checks import Check
from .file_text import files_asked_about
from .problem import Problem
from .prompt import BuiltPrompt, build_prompt, echoes, prompt_limit, subject_of
from .python_text import is_same
from .repair import SAMPLES, TEMPERATURES, Repair, Talk
from .reply import without_prose
from .smallest_edit import with_comments
from .trial import Trial
from .wording import EDIT_ANOTHER, EDIT_FIX_ASKED

_COMMENT = re.compile(r"com+ent|kommentar", re.IGNORECASE)


class Rewriting(Repair):
    """The talk about one edit. What was accepted of it `is_adopted`: it is the user's from then on, and repaired as such.

    `unchanged` says that the code which the model wrote last was the cell as it is.
    """

    _asked = EDIT_FIX_ASKED

    def __init__(self, model: ChatModel, executor: Executor, config: AgentConfig, request: Request, trial: Trial) -> None:
        super().__init__(model, config, request.cells, trial)
        self._executor = executor
        self._request = request
        self._before = ""
        self.is_adopted = False
        self.unchanged = False

    def propose(self, problem: Problem, *, another: bool = False) -> Talk:
        """Return the cell as the request says; None where nothing new is written. There is no error to search for."""
        if self.is_adopted:
            return (yield from super().propose(problem, another=another))
        held = self._executor.variables(subject_of(self._request)) or problem.variables
        problem = replace(problem, check=Check(), variables=tuple(held))
        chat = yield from self._chat_about(problem)
        for temperature in TEMPERATURES[another : another + SAMPLES]:
            sampling = self._sampling(temperature, self._config.sampling.max_tokens)
            reply = yield from without_prose(self._sample(chat, sampling, f"\n{EDIT_ANOTHER}" if temperature else ""))
            if proposal := self._proposal(problem, reply):
                return proposal
        return None

    def hear(self, decision: Decision, *, edited: bool) -> str:
        """Take what the user wants otherwise as a part of the request."""
        self._request = replace(self._request, prompt=f"{self._request.prompt}\n\n{decision.comment}")
        return super().hear(decision, edited=edited)

    def adopt(self, place: int, source: str) -> None:
        """Take what was accepted as what the user wrote."""
        self.is_adopted = True
        self._before = self._before or self._users[place].source
        super().adopt(place, source)

    def _prompt(self, problem: Problem) -> BuiltPrompt:
        if self.is_adopted:
            return super()._prompt(problem)
        limit = prompt_limit(self._window, self._config)
        files = self._executor.files(files_asked_about(self._request))
        return build_prompt(self._request, problem.variables, files, self._model.count_tokens, limit)

    def _placed(self, problem: Problem, code: str) -> tuple[int, str]:
        """Take the cell as it was written: the user may have asked for any of it to be changed. Comments that it lacks stay."""
        if self.is_adopted:
            return super()._placed(problem, code)
        source = self._with_comments(problem.cell.source, code.strip("\n"))
        self.unchanged = source.strip() == problem.cell.source.strip()
        return problem.place, source

    def _with_comments(self, base: str, code: str) -> str:
        """Put the user's comments back that a model has dropped, which nobody asked for, where the code stays the same."""
        drops = code.count("#") < base.count("#") and not _COMMENT.search(self._request.prompt)
        return with_comments(base, code) if drops else code

    def _harms(self, problem: Problem, base: str, source: str) -> bool:
        """Whether it copies the prompt, makes the user's data anew or, as a repair, does what the cell did before the change."""
        if self.is_adopted:
            return is_same(source, self._before) or super()._harms(problem, base, source)
        return echoes(source) or self._makes_anew(problem, base, source)
