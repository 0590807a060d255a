"""Put problems through an evaluation, several at a time, and keep each record at once."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from threading import Event
from types import MappingProxyType

from ..config import AgentConfig
from ..errors import KernelError, ModelError
from ..model.base import ChatModel
from .manifest import computed
from .record import Evaluation, Record
from .results import Results, differences

TRIES = 3
_GO_ON = "The records so far are kept; run it again when memory and processor are as free as before."
SPLITS: Mapping[str, Callable[[int], range]] = MappingProxyType(
    {"tuning": lambda count: range(0, count, 2), "reporting": lambda count: range(1, count, 2)}
)
"""The half of a suite that prompts may be tuned on, and the other one: by place, which for HumanEval is the number."""


@dataclass(frozen=True, slots=True)
class Unsolved:
    """A problem for which our machinery failed; it has no record, and a later run tries it again."""

    problem: str
    reason: str


def chosen(
    problems: Sequence[str], limit: int | None = None, sample: int | None = None, seed: int = 0, split: str = ""
) -> list[str]:
    """Give the problems to run, in the suite's order: of a split or of all a random sample, and of that the first ones."""
    places = list(SPLITS[split](len(problems))) if split else list(range(len(problems)))
    if sample is not None and sample < len(places):
        places = sorted(random.Random(seed).sample(places, sample))  # noqa: S311 - not for secrets
    return [problems[place] for place in places][:limit]


def part_told(limit: int | None = None, sample: int | None = None, seed: int = 0, split: str = "") -> str:
    """Say which problems `chosen` gives; empty: all."""
    told = (f"split {split}" if split else "", f"{sample} at random by seed {seed}" if sample else "")
    return ", of these ".join(filter(None, (*told, f"the first {limit}" if limit else "")))


def solve_all(
    evaluation: Evaluation, problems: Sequence[str], model: ChatModel, config: AgentConfig, results: Results, *, jobs: int = 1
) -> Iterator[Record | Unsolved]:
    """Solve those of the problems that have no record yet; yield each when it is written.

    To close this, or to interrupt it, lets go of what is under way: the problems that are being solved have no record. Whoever
    does so closes the model too, so that they end.

    Raises:
        ModelError: the model was loaded anew meanwhile, and is computed in something else.
    """
    as_loaded = computed(model)
    waiting = [problem for problem in problems if problem not in results.done]
    given_up = Event()
    pool = ThreadPoolExecutor(jobs, thread_name_prefix="evaluation")
    try:
        for future in as_completed([pool.submit(_solve, evaluation, problem, model, config, given_up) for problem in waiting]):
            outcome = future.result()
            if differing := differences(as_loaded, computed(model)):
                raise ModelError(f"The model was loaded anew, and is computed otherwise ({differing}). {_GO_ON}")
            if isinstance(outcome, Record):
                results.add(outcome)
            yield outcome
    finally:
        given_up.set()
        pool.shutdown(wait=False, cancel_futures=True)


def _solve(evaluation: Evaluation, problem: str, model: ChatModel, config: AgentConfig, given_up: Event) -> Record | Unsolved:
    """Solve a problem, once more where model or kernel fail. What else is raised is told of this problem: the others go on."""
    reason = ""
    for _ in range(TRIES):
        if given_up.is_set():
            break
        try:
            return evaluation.solve(problem, model, config)
        except (ModelError, KernelError) as error:
            reason = f"{type(error).__name__}: {error}"
        except Exception as error:
            return Unsolved(problem, f"{type(error).__name__}: {error}")
    return Unsolved(problem, reason)
