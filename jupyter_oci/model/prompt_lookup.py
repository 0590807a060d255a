"""Draft the next tokens from what was already said: code under revision mostly repeats itself."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

_NGRAM = 3
_PLACES = 8  # places remembered for each n-gram
_CONTEXT = 24  # tokens compared backwards to choose among them
_PRIOR = 0.6  # acceptance expected of a draft nothing is known of
_FORGET = 0.03


class _Corpus:
    """A growing token sequence that knows where each n-gram was last seen."""

    def __init__(self, tokens: Sequence[int]) -> None:
        self.tokens: list[int] = []
        self._places: dict[tuple[int, ...], list[int]] = {}
        self.extend(tokens)

    def extend(self, tokens: Sequence[int]) -> None:
        """Append tokens; an n-gram becomes known once the token after it is."""
        for token in tokens:
            end = len(self.tokens)
            if end >= _NGRAM:
                places = self._places.setdefault(tuple(self.tokens[-_NGRAM:]), [])
                places.append(end)
                del places[:-_PLACES]
            self.tokens.append(token)

    def find(self, context: Sequence[int]) -> tuple[int, int]:
        """Give how many tokens before the best place match the context's end, and the place; (0, 0): none."""
        places = self._places.get(tuple(context[-_NGRAM:]), ())
        return max(((_matching_before(self.tokens, place, context), place) for place in places), default=(0, 0))


class PromptLookup:
    """Finds the longest match of the conversation's end in `texts` and in the conversation itself, and drafts what followed."""

    def __init__(self, conversation: Sequence[int], texts: Sequence[Sequence[int]] = ()) -> None:
        self._conversation = _Corpus(conversation)
        self._corpora = [*(_Corpus(text) for text in texts), self._conversation]

    def extend(self, tokens: Sequence[int]) -> None:
        """Add what the model said."""
        self._conversation.extend(tokens)

    def draft(self, length: int) -> list[int]:
        """Give up to `length` tokens that may come next."""
        if length <= 0:
            return []
        found = [(*corpus.find(self._conversation.tokens), -index) for index, corpus in enumerate(self._corpora)]
        matched, place, index = max(found, key=lambda candidate: (candidate[0], candidate[2]))
        return self._corpora[-index].tokens[place : place + length] if matched else []


class DraftLength:
    """Chooses how many tokens to draft from how many were accepted lately and what a wider step costs.

    `step_seconds` maps the rows of a forward to its measured time, with what drafting them took; a length is chosen only where it
    is expected to pay. `prior` is the acceptance that is expected at first, and again after a while.
    """

    def __init__(self, step_seconds: Mapping[int, float], prior: float = _PRIOR) -> None:
        self._seconds = dict(step_seconds)
        self._prior = self._acceptance = prior

    def choose(self) -> int:
        """Give the length that promises the most tokens per second; 0: plain decoding is faster."""
        self._acceptance += _FORGET * (self._prior - self._acceptance)
        return max(self._seconds, key=self._tokens_per_second) - 1

    def seconds_saved(self) -> float:
        """Give what a token is expected to take less than without drafts."""
        return self._seconds[1] - 1 / max(map(self._tokens_per_second, self._seconds))

    def learn(self, num_drafted: int, num_accepted: int) -> None:
        """Remember how a draft fared; a draft that was cut at the first wrong token counts as one rejection."""
        for accepted in [True] * num_accepted + [False] * (num_accepted < num_drafted):
            self._acceptance += 0.15 * (accepted - self._acceptance)

    def _tokens_per_second(self, rows: int) -> float:
        expected = sum(self._acceptance**power for power in range(rows))
        return expected / self._seconds[rows]


def _matching_before(tokens: Sequence[int], place: int, context: Sequence[int]) -> int:
    limit = min(place, len(context), _CONTEXT)
    return next((n for n in range(limit) if tokens[place - 1 - n] != context[-1 - n]), limit)
