"""A reply as it grows: whole characters out of tokens, and an end to replies that go round in circles."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence, Set

from transformers import PreTrainedTokenizerBase

from ..events import StopReason
from .thought import Answer

_EVERY = 16  # tokens between looks
_LONGEST_BLOCK = 48
_REPEATED = 480  # tokens that must be one block over and over: a board of 12 rows of 10 zeros has 372


class Reply:
    """One reply: its `tokens` without the one that ended it, whether it `ended`, and why.

    Its text is what the model answers, without what it thinks aloud first; `in_thought` says that the prompt ends within that.
    `stop_reason` is "length" also where the model went round in circles: it would have gone on for ever.
    """

    def __init__(
        self, tokenizer: PreTrainedTokenizerBase, stop_tokens: Set[int], max_tokens: int, *, in_thought: bool = False
    ) -> None:
        self.tokens: list[int] = []
        self.stop_reason: StopReason = "length"
        self.ended = False
        self._stop_tokens = stop_tokens
        self._max_tokens = max_tokens
        self._text = ReplyText(tokenizer)
        self._answer = Answer(opened=in_thought)
        self._repetition = Repetition()

    def read(self, steps: Iterable[Sequence[int]]) -> Iterator[str]:
        """Yield the text of the tokens that `steps` bring, up to the reply's end."""
        for step in steps:
            if text := self.push(step):
                yield text
            if self.ended:
                return
        if text := self._rest():
            yield text

    def push(self, step: Sequence[int]) -> str:
        """Take more tokens; give the text that has become certain, all that is left once the reply has `ended`."""
        tokens = self._until_the_end(step)
        self.tokens += tokens
        text = self._answer.feed(self._text.push(tokens))
        self.ended = len(tokens) < len(step) or len(self.tokens) == self._max_tokens or self._repetition.found(self.tokens)
        return text + self._rest() if self.ended else text

    def _rest(self) -> str:
        return self._answer.feed(self._text.flush()) + self._answer.finish(cut=self.stop_reason == "length")

    def _until_the_end(self, step: Sequence[int]) -> list[int]:
        tokens = list(step[: self._max_tokens - len(self.tokens)])
        end = next((index for index, token in enumerate(tokens) if token in self._stop_tokens), None)
        if end is None:
            return tokens
        self.stop_reason = "stop"
        return tokens[:end]


class ReplyText:
    """Detokenises a stream; characters whose bytes have not all come wait for the rest."""

    def __init__(self, tokenizer: PreTrainedTokenizerBase) -> None:
        self._tokenizer = tokenizer
        self._tokens: list[int] = []
        self._context = 0  # tokens from here on give the decoder its context
        self._done = 0  # tokens before here have been given out

    def push(self, tokens: Sequence[int]) -> str:
        """Give the text that has become certain with `tokens`."""
        self._tokens.extend(tokens)
        return "" if self._new_text().endswith("\ufffd") else self.flush()

    def flush(self) -> str:
        """Give what is left, complete or not."""
        text = self._new_text()
        self._context, self._done = self._done, len(self._tokens)
        return text

    def _new_text(self) -> str:
        known = self._decode(self._tokens[self._context : self._done])
        return self._decode(self._tokens[self._context :])[len(known) :]

    def _decode(self, tokens: list[int]) -> str:
        return str(self._tokenizer.decode(tokens, skip_special_tokens=True, clean_up_tokenization_spaces=False))


class Repetition:
    """Notices that the same block of tokens came over and over."""

    def __init__(self) -> None:
        self._looked_at = 0

    def found(self, tokens: Sequence[int]) -> bool:
        """Tell whether the last `_REPEATED` tokens are one block of at most `_LONGEST_BLOCK` tokens, repeated."""
        if len(tokens) < self._looked_at + _EVERY:
            return False
        self._looked_at = len(tokens)
        tail = list(tokens[-_REPEATED:])
        return len(tail) == _REPEATED and any(tail[size:] == tail[:-size] for size in range(1, _LONGEST_BLOCK + 1))
