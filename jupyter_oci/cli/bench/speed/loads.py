"""How long it takes from nothing to a model that answers, and to the first token of its first answer."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from . import works
from .engines import OURS, PEER, Setup, forget_pages
from .replies import encoded


@dataclass(frozen=True, slots=True)
class Loads:
    """Seconds by engine: to load for the first time ever, and from disk; and to the first token of an answer, from disk."""

    first_ever: dict[str, float] = field(default_factory=dict)
    from_disk: dict[str, float] = field(default_factory=dict)
    first_token: dict[str, float] = field(default_factory=dict)


def time_loads(setup: Setup) -> Iterator[str | Loads]:
    """Yield what is being timed, and at last the seconds."""
    loads, prompt = Loads(), list[int]()
    for title in [title for title in setup.titles if title in (OURS, PEER)]:
        yield f"loading, {title}"
        engine = setup.start(title)  # afterwards its libraries are in memory, ours and theirs
        if title == OURS:
            loads.first_ever[OURS] = engine.load_seconds
            prompt = encoded(engine, works.first_answers(0)[-1]).prompt
        engine.close()
        if not forget_pages(setup.cache_dir if title == OURS else setup.model_file):
            continue
        engine = setup.start(title)
        loads.from_disk[title] = engine.load_seconds
        loads.first_token[title] = engine.load_seconds + engine.reply(prompt, 1).first_token_seconds
        engine.close()
    yield loads
