"""Code that the user wants otherwise before it runs: what the model is told of it, and what must not come again."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from ..config import SamplingParams
from ..events import Decision
from .plain_text import cut_middle, plain
from .redraw import tempered
from .wording import EDITED

NO_OTHER = "The model wrote no other code: this is as it was."
_CHANGE = "The code was not run: the user wants it changed first. Write the whole changed cell as one ```python block."
_ANOTHER = (
    "The code was not run: the user wants it written in another way. Write other code for the same request, "
    "as one ```python block."
)
_CORRECTED = "The user had said before it ran: {said} Speak of what ran, not of what was asked first."
_EDITED = "The user has edited your code, and it is as above now. "
_TEMPERATURE = 0.8
_REQUEST_CHARACTERS = 1500
_SAID_CHARACTERS = 300


@dataclass(frozen=True, slots=True)
class Declined:
    """What `stands` in the cell, as the user has it, and the `sources` that are not to come again.

    `draws` counts how often another way was asked for without a word: the same prompt would bring the same reply.
    """

    stands: str
    sources: frozenset[str]
    draws: int = 0

    def sampling(self, sampling: SamplingParams) -> SamplingParams:
        """Give the settings for the next reply: as ever after other words, which give another reply."""
        return tempered(sampling, _TEMPERATURE, self.draws) if self.draws else sampling


def decline(decision: Decision, written: Collection[str], before: Declined | None) -> Declined:
    """Take what the user wants otherwise, and how it was `written` before it was mended or edited.

    What was declined `before` may come again where the user says what is to be changed: that may be what they mean.
    """
    sources = frozenset((decision.source, *written))
    if decision.comment or before is None:
        return Declined(decision.source, sources, 0 if decision.comment else 1)
    return Declined(decision.source, sources | before.sources, before.draws + 1)


def told_otherwise(comment: str, request: str, *, edited: bool) -> str:
    """Tell the model that its code did not run, and what the user wants instead: their own words come last.

    Where they say nothing the request is said again: a small model that is only told to do it otherwise does something else.
    """
    told = _CHANGE if comment else _ANOTHER
    return f"{_EDITED if edited else ''}{told}{as_request(comment or cut_middle(request, _REQUEST_CHARACTERS))}"


def spoken_of(corrected: str, *, edited: bool) -> str:
    """Tell the model, once the code ran, that it is what the user `corrected` or `edited`, which the answer is to be about."""
    said = _CORRECTED.format(said=" ".join(cut_middle(plain(corrected), _SAID_CHARACTERS).split())) if corrected else ""
    return "".join(f"\n{line}" for line in (said, EDITED if edited else "") if line)


def as_request(comment: str) -> str:
    """Give what the user says as the prompt gives what they ask for; nothing where they say nothing."""
    return f"\n\n# Request\n{plain(comment).strip()}" if comment else ""
