"""When a reply is of no use as it is: what the model is told, once, before it answers again."""

from __future__ import annotations

import re
from collections.abc import Collection, Generator, Iterator, Mapping, Sequence
from dataclasses import dataclass

from ..events import RunEvent, TextDelta
from ..request import Cell
from .cell_facts import made_anew
from .cell_names import names_set
from .prose import sentences
from .python_text import parses
from .reply import Reply, passed_on

NOT_AGAIN = "That code failed. Do not write the same code again: change what is wrong in it."
UNWANTED = "That is the code that the user does not want. Change it as they say, in one ```python block."
SHORTER = "Your reply was far too long. Reply with one short ```python block for the next step only, or with one short sentence."
MADE_UP = "`{name}` exists in the kernel with its data: use it as it is, do not create or read it again."
IN_CODE = "Reply with one ```python block."
UNFOUNDED = "{why} Compute and print what is missing in a ```python block, or say only what the results show."
GUESSED = (
    "Nothing was run, so that is a guess. Compute it from the variables that exist in one ```python block, and show the result."
)
_ANOTHER_WAY = 0.8
# What is asked of concepts, of the notebook itself or for advice, or is no question: the rest can be computed from data.
_IN_WORDS = re.compile(
    r"\W*(?:(?:and|but|ok|okay|please|so)\W+)*(?:thank|thanks|hello|hi|hey|explain|can you explain|why|describe what|"
    r"difference between|how (?:do|does|can|could|should|would|to)|what (?:do|does|is an?|is the difference|should)|"
    r"when should|which should|should|suggest|recommend|review|tell me (?:how|why|about)|what (?:went|is|has gone) wrong|"
    r"what(?:'s| has) gone wrong|what's wrong|is there an? (?:\w+ )?(?:better|cleaner|easier|faster|shorter|simpler|nicer) way|"
    r"write (?:(?:a|an|some|the|me) )*(?:markdown|text|heading|title|docstrings?|comments?)|translate|document|"
    r"summari[sz]e (?:this|the|my) (?:notebook|cell|code)|give me (?:some |a few )?(?:ideas|tips|advice)|"
    r"danke|hallo|übersetze?|was (?:ging|läuft|lief|ist) (?:\w+ )*(?:falsch|schief\w*)|erklär\w*|warum|wieso|"
    r"was (?:ist eine?|sind|bedeutet|macht)|wie (?:geht|kann|macht|mache|funktioniert)|"
    r"unterschied|merci|bonjour|explique\w*|pourquoi|comment|traduis\w*|traduire|qu[^\w\s]est-ce qu\w*|différence|"
    r"gracias|hola|traduce|explica\w*|por qué|cómo|qué (?:es|significa)|diferencia|"
    r"grazie|ciao|spiega\w*|perché|come (?:si|posso|funziona)|(?:che )?cos[^\w\s]è|differenza|"
    r"obrigad\w|olá|por que|como|o que (?:é|significa)|diferença)(?!\w)",
    re.IGNORECASE,
)
_ABOUT_NOTEBOOK = re.compile(r"\bmarkdown cell\b|(?<!\bin )\b(?:the|this|my|the whole) notebook\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Urge:
    """What to add to the newest turn. `temperature` None: as ever, since other words give another reply.

    `keeps` says that the code of the reply is taken where no other comes of it.
    """

    text: str
    temperature: float | None = None
    keeps: bool = False


def can_be_computed(request: str, held: Collection[str], cells: Sequence[Cell]) -> bool:
    """Whether a request is about data, as far as its first words tell, and there is some.

    Either the kernel has it `held`, or the request names what one of the cells makes.
    """
    named = frozenset(re.findall(r"\w+", request))
    made = any(named & names_set(cell.source) for cell in cells if cell.cell_type == "code")
    return (bool(held) or made) and not asks_for_words(request)


def asks_for_words(request: str) -> bool:
    """Whether a request asks about a concept, the notebook itself or for advice, as far as its first words tell."""
    return bool(_IN_WORDS.match(request) or _ABOUT_NOTEBOOK.search(request))


def urge_after(
    reply: Reply, remade: str | None, missed: str | None, *, revising: bool, guessing: bool, unwanted: Collection[str] = ()
) -> Urge | None:
    """Say what is wrong with the reply; None: nothing.

    `remade` is a variable of the user's that it makes anew, `missed` says what it leaves out of the request; where an answer in
    words would be `guessing`, nothing ran that could tell. `unwanted` is code that the user wants otherwise.
    """
    if reply.fault == "thought":
        return None
    if reply.fault:
        return Urge(SHORTER, _ANOTHER_WAY if reply.fault == "endless" else None)
    if reply.code is None:
        unfounded = Urge(UNFOUNDED.format(why=reply.unfounded)) if reply.unfounded and not revising else None
        return Urge(GUESSED) if guessing else unfounded
    if reply.repeats:
        return Urge(UNWANTED if unwanted else NOT_AGAIN, _ANOTHER_WAY) if unwanted or revising else None
    if remade:
        return Urge(MADE_UP.format(name=remade))
    return Urge(f"{missed} {IN_CODE}", keeps=True) if missed else None


def is_sound(reply: Reply, users: Mapping[str, str], request: str) -> bool:
    """Whether a reply has whole code that makes none of the `users` variables, whose types these are, anew unasked."""
    code = reply.code or ""
    return bool(code) and not reply.fault and parses(code) and not made_anew(code, users, request)


def said_once(reading: Generator[RunEvent | None, None, Reply], shown: str) -> Generator[RunEvent | None, None, Reply]:
    """Pass on a second reply that comes in whole sentences, but for those that were `shown` of the first one."""
    before, gap = {sentence.strip() for sentence in sentences(shown)}, "\n\n"

    def new(event: RunEvent | None) -> Iterator[RunEvent | None]:
        nonlocal gap
        if isinstance(event, TextDelta):
            text = "".join(sentence for sentence in sentences(event.text) if sentence.strip() not in before)
            event, gap = (TextDelta(gap + text), "") if text.strip() else (None, gap)
        yield event

    return passed_on(reading, new)
