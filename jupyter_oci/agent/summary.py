"""What a model says was wrong, in one sentence."""

from __future__ import annotations

import difflib
import re

from . import fix_wording as words
from .plain_text import cut_end, plain

_SENTENCE = re.compile(r"(.+?[.!?])(?:\s|$)", re.DOTALL)
_CHARACTERS = 240
_ECHO = 0.6


def summary_in(prose: str) -> str:
    """Give the first sentence; empty where it is one of the prompt's, which small models like to repeat."""
    sentence = _first_sentence(prose)
    prompt = [words.FIX_EXAMPLE[-1].content.partition("\n")[0], *words.FIX_SYSTEM.splitlines(), words.ANOTHER, words.FIX_ASKED]
    return "" if sentence.startswith("#") or any(_likeness(sentence, each) >= _ECHO for each in prompt) else sentence


def _likeness(one: str, other: str) -> float:
    return difflib.SequenceMatcher(None, one.lower().split(), other.lower().split(), autojunk=False).ratio()


def _first_sentence(prose: str) -> str:
    text = " ".join(plain(prose).replace("**", "").split())
    match = _SENTENCE.match(text)
    return cut_end(match[1] if match else text, _CHARACTERS)
