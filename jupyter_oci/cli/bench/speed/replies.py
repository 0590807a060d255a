"""Time the replies: engine after engine, over and over, so that a busy moment of the machine meets all of them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from statistics import median

from . import works
from .engine import Engine, Timing
from .engines import OURS
from .others import busy_cores
from .works import Work


@dataclass(frozen=True, slots=True)
class Asked:
    """A work in tokens; `stop` are those that end a reply."""

    prompt: list[int]
    before: list[int]
    drafts: list[list[int]] | None
    stop: set[int]


@dataclass(frozen=True, slots=True)
class Replies:
    """The timings of each work by engine, the length of each prompt, and the works whose drafted reply is the plain one.

    `candidate_rates` are tokens per second of all candidates of one prompt together, ours. `draft_gains` tell how many times
    faster new code is written with drafts than without, which can do no more there than not to hinder.
    """

    timings: dict[tuple[str, str], list[Timing]] = field(default_factory=lambda: defaultdict(list))
    candidate_rates: list[float] = field(default_factory=list)
    draft_gains: list[float] = field(default_factory=list)
    prompt_lengths: dict[str, int] = field(default_factory=dict)
    equal: dict[str, bool] = field(default_factory=dict)

    def median(self, key: str, title: str, figure: str) -> float:
        """Give the median of a figure of `Timing`."""
        return float(median(getattr(timing, figure) for timing in self.timings[key, title]))

    def longest_wait(self, key: str, title: str) -> float:
        """Give the most seconds from one token to the next."""
        return max(timing.longest_wait_seconds for timing in self.timings[key, title])


def time_replies(engines: Sequence[Engine], rounds: int, *, beside_others: bool) -> Iterator[str | Replies]:
    """Yield what is being timed, `beside_others` also while other processes compute, and at last the timings."""
    ours = next(engine for engine in engines if engine.title == OURS)
    replies, lengths = Replies(), dict[str, int]()
    for work in works.revisions(0, lengths):
        yield f"{work.key}, with and without drafts"
        lengths[work.key] = _natural_length(ours, work, replies)
    for turn in range(1, rounds + 1):
        for work in [*works.first_answers(turn), *works.revisions(turn, lengths)]:
            yield f"{work.key}, {turn} of {rounds}"
            _time(ours, engines, work, replies)
        if beside_others:
            yield f"decode while other processes compute, {turn} of {rounds}"
            with busy_cores():
                _time(ours, engines, works.beside_others(turn), replies)
        yield f"new code with and without drafts, {turn} of {rounds}"
        replies.draft_gains.append(gain_of_drafts(ours, works.new_code(turn)))
        yield f"candidates, {turn} of {rounds}"
        prompt = encoded(ours, works.first_answers(turn)[0]).prompt
        asked_for = {"num_candidates": works.CANDIDATES, "num_tokens": works.DECODE_TOKENS // 2}
        replies.candidate_rates.append(ours.ask(do="candidates", tokens=prompt, **asked_for))
    yield replies


def gain_of_drafts(ours: Engine, work: Work) -> float:
    """Tell how many times faster a reply is written with drafts than without, by turns so that the machine's moods meet both."""
    asked = encoded(ours, work)
    orders = [asked.drafts, None, None, asked.drafts]
    first, *plain, last = (ours.reply(asked.prompt, work.num_tokens, drafts).decode_rate for drafts in orders)
    return (first + last) / sum(plain)


def encoded(ours: Engine, work: Work) -> Asked:
    """Turn a work into tokens, the same for all engines."""
    chats = [work.messages, *([work.before] if work.before else [])]
    answer = ours.ask(do="encode", chats=chats, texts=list(work.drafts or ()))
    prompt, *before = answer["chats"]
    return Asked(prompt, before[0] if before else [], None if work.drafts is None else answer["texts"], set(answer["stop"]))


def _time(ours: Engine, engines: Sequence[Engine], work: Work, replies: Replies) -> None:
    asked = encoded(ours, work)
    replies.prompt_lengths[work.key] = len(asked.prompt)
    for engine in engines:
        _read_before(engine, asked)
        replies.timings[work.key, engine.title].append(engine.reply(asked.prompt, work.num_tokens, asked.drafts))


def _read_before(engine: Engine, asked: Asked) -> None:
    """Bring the engine to where the conversation stood before."""
    if asked.before:
        engine.reply(asked.before, 1, None)


def _natural_length(ours: Engine, work: Work, replies: Replies) -> int:
    """Count the tokens of our reply up to where it ends by itself; note whether drafts change it."""
    asked = encoded(ours, work)
    _read_before(ours, asked)
    drafted = ours.reply(asked.prompt, work.num_tokens, asked.drafts).tokens
    in_same_bits = {"drafts": None, "written_as_with": asked.drafts}
    plain: list[int] = ours.ask(do="reply", tokens=asked.prompt, num_tokens=work.num_tokens, **in_same_bits)["tokens"]
    replies.equal[work.key] = drafted == plain
    return next((index for index, token in enumerate(plain) if token in asked.stop), len(plain) - 1) + 1
