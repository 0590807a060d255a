"""Explain a cell, or give a hint at what is wrong with it: words only, no cell is touched."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import closing
from dataclasses import replace

from ..config import AgentConfig
from ..events import ContextBuilt, Decision, ReplyFinished, RoundStarted, RunEvent, RunFinished, StatusChanged, TextDelta
from ..kernel.base import Executor
from ..model.base import ChatModel, Usage
from ..request import Request
from .approval import Approval
from .endings import ending
from .fix_prompt import build_fix_prompt
from .hint_text import HintText
from .problem import Problem, problem_of
from .repetition import is_endless

_MOST_TOKENS = 400
_CHECK_EVERY = 64  # characters between two looks for endless repetition


class Explanation:
    """One answer in words. `count` is the number of rounds begun: one at most."""

    def __init__(
        self,
        model: ChatModel,
        executor: Executor,
        config: AgentConfig,
        request: Request,
        approval: Approval,  # noqa: ARG002 - every kind of rounds is made alike
    ) -> None:
        self.count = 0
        self._model = model
        self._executor = executor
        self._config = config
        self._request = request

    def until_end(self) -> Generator[RunEvent | None, Decision | None, RunFinished]:
        """Answer; return how it ended."""
        cells = self._request.cells
        place = next((i for i, cell in enumerate(cells) if cell.cell_id == self._request.target_cell_id), None)
        if place is None or cells[place].cell_type != "code":
            return ending("no_cell", self.count)
        held = self._executor.variables(cells[place].source)
        problem = problem_of(cells, place, self._request.said, held, self._executor.files)
        self.count += 1
        yield RoundStarted(self.count, 1)
        usage, reason = yield from self._answer(problem)
        yield ReplyFinished(usage.prompt_tokens, usage.cached_tokens, usage.completion_tokens, usage.seconds, usage.stop_reason)
        return ending(reason, self.count)

    def _answer(self, problem: Problem) -> Generator[RunEvent | None, None, tuple[Usage, str]]:
        """Stream the answer as prose; return what it cost, and the reason for which the run ends."""
        model, config, intent = self._model, self._config, self._request.intent
        yield StatusChanged("loading", model.name)
        window = yield from model.load()
        built = build_fix_prompt(problem, intent, model.count_tokens, window, config)
        yield ContextBuilt(built.total_tokens, window, built.dropped_cells, built.shortened)
        sampling = replace(config.sampling, max_tokens=min(_MOST_TOKENS, config.sampling.max_tokens))
        hint = HintText(problem.cell.source, problem.failure.error if problem.failure else "") if intent == "hint" else None
        text, checked, enough = "", 0, None
        with closing(model.generate(built.messages, sampling)) as generation:
            while True:
                try:
                    piece = generation.send(enough)
                except StopIteration as end:
                    rest = hint.finish() if hint else ""
                    if rest:
                        yield TextDelta(rest)
                    usage: Usage = end.value
                    unsaid = not text and usage.stop_reason == "length"
                    return usage, "endless" if enough else "thought" if unsaid else "explained"
                if not isinstance(piece, str):
                    yield piece
                    continue
                text += piece
                if len(text) - checked >= _CHECK_EVERY:
                    checked, enough = len(text), is_endless(text) or None
                shown = hint.feed(piece) if hint else piece
                yield TextDelta(shown) if shown else None
