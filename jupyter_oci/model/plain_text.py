"""Encode text that people or programs wrote: whatever it spells, none of its tokens is a control token."""

from __future__ import annotations

import copy
import re
from collections.abc import Mapping, Sequence

from tokenizers import Tokenizer, pre_tokenizers


class PlainText:
    """A tokenizer to which control tokens are text like any other."""

    def __init__(self, backend: Tokenizer, controls: Mapping[str, int]) -> None:
        """Take `backend` for good: its special tokens are no longer looked for. `controls` are the tokens not to be written."""
        backend.encode_special_tokens = True  # once and for all: changing it while another thread encodes would raise
        self._at_start = backend
        self._within = _without_first_prefix(backend)
        self._controls = frozenset(controls.values())
        self._control = re.compile("(?=" + "|".join(map(re.escape, controls)) + ")" if controls else "(?!)")

    def encode(self, text: str, *, at_start: bool) -> list[int]:
        """Give the text's tokens; `at_start` with the space that some tokenizers put before a prompt's first word.

        What would hold a control token all the same is encoded in parts: cut within each control token that it spells, or
        else character by character.
        """
        tokens: list[int] = []
        for parts in ([text], self._cut(text), text):
            tokens = self._encode(parts, at_start=at_start)
            if self._controls.isdisjoint(tokens):
                return tokens
        return [token for token in tokens if token not in self._controls]

    def _encode(self, parts: Sequence[str], *, at_start: bool) -> list[int]:
        encoders = (self._within if index or not at_start else self._at_start for index in range(len(parts)))
        return [
            token
            for part, encoder in zip(parts, encoders, strict=True)
            for token in encoder.encode(part, add_special_tokens=False).ids
        ]

    def _cut(self, text: str) -> list[str]:
        cuts = [found.start() + 1 for found in self._control.finditer(text)]
        return [text[start:end] for start, end in zip([0, *cuts], [*cuts, len(text)], strict=True) if end > start]


def _without_first_prefix(backend: Tokenizer) -> Tokenizer:
    """Give the tokenizer as it works in the middle of a prompt, where a prefix for the first word has no place."""
    metaspace = backend.pre_tokenizer
    if not isinstance(metaspace, pre_tokenizers.Metaspace) or metaspace.prepend_scheme != "first":
        return backend
    within = copy.deepcopy(backend)
    within.encode_special_tokens = True
    within.pre_tokenizer = pre_tokenizers.Metaspace(metaspace.replacement, prepend_scheme="never", split=metaspace.split)
    return within
