"""The whole comparison: loads, replies, memory, and the rows made of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass
from statistics import median

from ....model.bandwidth import bandwidth_of
from .curve import Point, trace
from .engine import Engine
from .engines import LOOKUP, OURS, PEER, Setup, started
from .loads import Loads, time_loads
from .replies import Replies, time_replies
from .row import Row
from .works import CANDIDATES


@dataclass(frozen=True, slots=True)
class Comparison:
    """All figures; `facts` say what was compared, and `equal` whose drafted reply is token for token the plain one."""

    titles: list[str]
    facts: Mapping[str, str]
    rows: list[Row]
    points: list[Point]
    equal: Mapping[str, bool]

    @property
    def reached(self) -> bool:
        """Whether no target was missed, and no reply differed."""
        return all(row.reached for row in self.rows) and all(self.equal.values())

    def as_json(self) -> dict[str, object]:
        """Give it as plain values."""
        points = [asdict(point) for point in self.points]
        return {"facts": self.facts, "rows": [row.as_json() for row in self.rows], "points": points, "equal": self.equal}


def compare(setup: Setup, model: str, rounds: int, *, with_curve: bool) -> Iterator[str | Comparison]:
    """Yield what is being measured, and at last the comparison."""
    loads, replies, points = Loads(), Replies(), list[Point]()
    for step in time_loads(setup):
        if isinstance(step, Loads):
            loads = step
        else:
            yield step
    with started(setup, setup.titles) as engines:
        for reply_step in time_replies(engines, rounds, beside_others=setup.clock == "wall"):
            if isinstance(reply_step, Replies):
                replies = reply_step
            else:
                yield reply_step
        if with_curve:
            for point_step in trace([engine for engine in engines if engine.title != LOOKUP]):
                if isinstance(point_step, list):
                    points = point_step
                else:
                    yield point_step
        peaks = {engine.title: float(engine.ask(do="peak")) for engine in engines}
        memory = _memory(engines, setup)
        facts = {"model": model, "threads": str(setup.threads), "clock": setup.clock, **_versions(engines)}
        warm = {engine.title: engine.load_seconds for engine in engines if engine.title != LOOKUP}
    replied = [*_reply_rows(setup, replies), *_wait_rows(setup, replies)]
    rows = [*replied, _share(replies, memory), *_load_rows(loads, warm), _peak_row(peaks)]
    facts["read bandwidth"] = f"{memory['bandwidth'] / 1e9:.1f} GB/s"
    yield Comparison(setup.titles, facts, [row.judged(model) for row in rows], points, replies.equal)


def _reply_rows(setup: Setup, replies: Replies) -> Iterator[Row]:
    def row(name: str, unit: str, key: str, figure: str, turn: Callable[[float], float] = float) -> Row:
        values = {title: turn(replies.median(key, title, figure)) for title in setup.titles}
        return Row(name, unit, values, more_is_better=unit == "tokens/s")

    length = replies.prompt_lengths["answer"]
    yield row("decode", "tokens/s", "decode", "decode_rate")
    yield row("decode with drafts", "tokens/s", "decode, drafted", "decode_rate")
    gain = {OURS: float(median(replies.draft_gains))}
    yield Row("new code with drafts", "times without", gain, more_is_better=True)
    at_once = {OURS: float(median(replies.candidate_rates))}
    yield Row(f"decode of {CANDIDATES} candidates at once, all together", "tokens/s", at_once, more_is_better=True)
    yield row("prefill of 1k tokens", "tokens/s", "answer", "first_token_seconds", lambda seconds: length / seconds)
    yield row("answer: 1k + 200 tokens", "s", "answer", "seconds")
    yield row("revision: repair", "s", "repair", "seconds")
    yield row("revision: rewrite", "s", "rewrite", "seconds")
    yield row("first token, warm", "s", "answer", "first_token_seconds")
    yield row("first token, in a revision", "s", "repair", "first_token_seconds")


def _wait_rows(setup: Setup, replies: Replies) -> Iterator[Row]:
    """Give the longest waits for a token, and how fast is written beside other processes, where that was timed."""

    def row(name: str, key: str) -> Row:
        return Row(name, "s", {title: replies.longest_wait(key, title) for title in setup.titles})

    yield row("longest wait for a token", "decode")
    if ("decode, cores busy", OURS) in replies.timings:
        rates = {title: replies.median("decode, cores busy", title, "decode_rate") for title in setup.titles}
        yield Row("decode, all cores busy with others", "tokens/s", rates, more_is_better=True)
        yield row("longest wait for a token, all cores busy with others", "decode, cores busy")


def _load_rows(loads: Loads, warm: Mapping[str, float]) -> Iterator[Row]:
    yield Row("first token, process and model not yet loaded", "s", loads.first_token)
    yield Row("load, the first time ever", "s", {**loads.from_disk, **loads.first_ever})
    yield Row("load, from disk", "s", loads.from_disk)
    yield Row("load, files in memory", "s", warm)


def _share(replies: Replies, memory: Mapping[str, float]) -> Row:
    reads = {OURS: memory["prepared"], PEER: memory["gguf"]}
    shares = {
        title: 100 * size * replies.median("decode", title, "decode_rate") / memory["bandwidth"]
        for title, size in reads.items()
        if size and ("decode", title) in replies.timings
    }
    return Row("share of the read bandwidth", "%", shares, more_is_better=True)


def _peak_row(peaks: Mapping[str, float]) -> Row:
    return Row("peak memory", "GB", {title: peak / 1e9 for title, peak in peaks.items()})


def _memory(engines: list[Engine], setup: Setup) -> dict[str, float]:
    ours = next(engine for engine in engines if engine.title == OURS)
    gguf_file = str(setup.model_file) if setup.model_file.suffix == ".gguf" else None
    answer: dict[str, float] = ours.ask(do="memory", folder=ours.facts["folder"], gguf_file=gguf_file)
    return {**answer, "bandwidth": bandwidth_of(setup.threads)}


def _versions(engines: list[Engine]) -> dict[str, str]:
    return {name: version for engine in engines for name, version in engine.facts.items() if name != "folder"}
