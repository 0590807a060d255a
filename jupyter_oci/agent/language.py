"""The language that a request is written in, so that its answer can be asked for in it.

Told to answer in the language of the request a small model answers in English; told "in German" it answers in German.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache
from typing import TYPE_CHECKING

from ..request import Request

if TYPE_CHECKING:
    from py3langid.langid import LanguageIdentifier

_NAMES = {
    "ar": "Arabic",
    "cs": "Czech",
    "da": "Danish",
    "de": "German",
    "el": "Greek",
    "en": "English",
    "es": "Spanish",
    "fa": "Persian",
    "fi": "Finnish",
    "fr": "French",
    "he": "Hebrew",
    "hi": "Hindi",
    "hu": "Hungarian",
    "id": "Indonesian",
    "it": "Italian",
    "ja": "Japanese",
    "ko": "Korean",
    "nl": "Dutch",
    "no": "Norwegian",
    "pl": "Polish",
    "pt": "Portuguese",
    "ro": "Romanian",
    "ru": "Russian",
    "sv": "Swedish",
    "tr": "Turkish",
    "uk": "Ukrainian",
    "vi": "Vietnamese",
    "zh": "Chinese",
}
_SURE = 0.55  # of a request in English, with names of columns in other languages, none of the others has half a share
_ENGLISH = re.compile(r"\b(?:and|each|from|how|make|show|the|what|which|with)\b", re.IGNORECASE)  # words of no other language
_ANSWER_IN = re.compile(rf"\b(?:answer|reply|respond|speak|talk)\w*\b[^.;\n]*\bin ({'|'.join(_NAMES.values())})\b", re.IGNORECASE)
_QUOTED = re.compile(r"`[^`]*`|\"[^\"]*\"|'[^']*'")  # names and values


def language_of(requests: Iterable[str]) -> str:
    """Name the language of the first of these that tells it, in English: "German"; empty for English, and if none does."""
    for request in requests:
        words = _QUOTED.sub(" ", request)
        if words.isascii() and _ENGLISH.search(words):
            return ""
        code, share = _identifier().rank(words)[0]
        if share >= _SURE:
            return "" if code == "en" else _NAMES[code]
    return ""


def answer_language(request: Request) -> str:
    """Name the language to answer in: the one that the instructions name, else that of the request or of those before it."""
    named = _ANSWER_IN.search(request.instructions)
    if named:
        return "" if named[1].lower() == "english" else named[1].capitalize()
    return language_of([request.prompt, *(turn.prompt for turn in reversed(request.history))])


@cache
def _identifier() -> LanguageIdentifier:
    """Load what tells languages apart, which takes a second and some 80 MB: not before it is needed."""
    from py3langid.langid import MODEL_FILE, LanguageIdentifier  # noqa: PLC0415

    identifier = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    identifier.set_languages(list(_NAMES))
    return identifier
