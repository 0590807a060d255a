"""Drafts for one reply: where from, how long, and when better not."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from .draft_model import DraftModel
from .prompt_lookup import DraftLength, PromptLookup

_PRIOR_OF_MODEL = 0.8  # acceptance expected of a model that nothing is known of
_TOKENS_AHEAD = 128  # that a reply is expected to have still, where a draft model must first read what was said


class Speculation:
    """Drafts from what was said before, and where that has nothing, by a smaller model if there is one.

    `step_seconds` maps the rows of a step to its time.
    """

    def __init__(
        self,
        prompt: Sequence[int],
        texts: Sequence[Sequence[int]],
        step_seconds: Mapping[int, float],
        model: DraftModel | None = None,
    ) -> None:
        self._tokens = list(prompt)
        self._lookup = PromptLookup(prompt, texts)
        self._length = self._used = DraftLength(step_seconds)
        self._model = model
        drafting = model.token_seconds if model else 0.0
        costs = {rows: seconds + (rows - 1) * drafting for rows, seconds in step_seconds.items()}
        self._length_by_model = DraftLength(costs, _PRIOR_OF_MODEL)
        self._draft: list[int] = []

    def draft(self, accepted: Sequence[int]) -> list[int]:
        """Give the tokens that may follow `accepted`; none where plain steps are expected to be faster."""
        self._tokens += accepted
        self._lookup.extend(accepted)
        self._used, self._draft = self._length, self._lookup.draft(self._length.choose())
        if self._model and not self._draft:
            self._used, self._draft = self._length_by_model, self._by(self._model)
        return self._draft

    def learn(self, accepted: Sequence[int]) -> None:
        """Take note of what became of the latest draft."""
        self._used.learn(len(self._draft), len(accepted) - 1)

    def _by(self, model: DraftModel) -> list[int]:
        """Have the model draft, if what it saves is more than it takes to read what was said."""
        length = self._length_by_model.choose()
        saved = _TOKENS_AHEAD * self._length_by_model.seconds_saved()
        pays = length and model.num_unread(self._tokens) * model.reading_seconds < saved
        return model.draft(self._tokens, length) if pays else []
