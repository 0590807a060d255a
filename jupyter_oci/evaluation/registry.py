"""What can be evaluated: a line for each suite under each protocol, a suite's own one first."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from types import MappingProxyType

from ..errors import ConfigError
from ..model.base import ChatModel
from .ablation import WHOLE, Ablation
from .data import DSEVAL, HUMANEVAL_FIX, HUMANEVAL_PLUS, MBPP_PLUS, Files, are_published
from .fix import HumanEvalFix
from .notebook.asked import completion, sentence
from .notebook.protocol import Notebook
from .paper.protocol import Paper
from .record import Evaluation
from .sessions.dseval import DEFAULT_KERNEL, DSEval, Setting
from .suites.humaneval import load_examples, load_humanevalplus
from .suites.mbpp import load_mbppplus


@dataclass(frozen=True, slots=True)
class Options:
    """What an evaluation is made with. `guide` plays the human of the paper protocol, `propagate` is DSEval's second setting.

    `kernel` names the kernel of sessions: the reference's code may want other versions of packages than are installed here.
    `ablation` says what is kept from the agent.
    """

    files: Files
    guide: ChatModel | None = None
    propagate: bool = False
    kernel: str = DEFAULT_KERNEL
    ablation: Ablation = WHOLE


def _humaneval(options: Options) -> Evaluation:
    problems = load_humanevalplus(options.files.path(HUMANEVAL_PLUS))
    pack = options.files.path_if_given(HUMANEVAL_FIX)
    examples = load_examples(pack) if pack is not None else {}
    return Notebook("humaneval", problems, {problem.id: completion(problem, examples) for problem in problems}, options.ablation)


def _mbpp(options: Options) -> Evaluation:
    problems = load_mbppplus(options.files.path(MBPP_PLUS))
    return Notebook("mbpp", problems, {problem.id: sentence(problem) for problem in problems}, options.ablation)


def _paper(suite: str, options: Options) -> Evaluation:
    if suite == "humaneval":
        problems = load_humanevalplus(options.files.path(HUMANEVAL_PLUS), published=True)
    else:
        problems = load_mbppplus(options.files.path(MBPP_PLUS))
    return Paper(suite, problems, options.guide, own=not are_published(options.files.used))


def _dseval(part: str, options: Options) -> Evaluation:
    path = options.files.path(DSEVAL[part])
    setting = Setting(options.propagate, options.kernel, options.ablation)
    return DSEval(f"dseval-{part}", path, setting, own=not are_published(options.files.used))


EVALUATIONS: Mapping[tuple[str, str], Callable[[Options], Evaluation]] = MappingProxyType(
    {
        ("humaneval", "notebook"): _humaneval,
        ("humaneval", "paper"): partial(_paper, "humaneval"),
        ("mbpp", "notebook"): _mbpp,
        ("mbpp", "paper"): partial(_paper, "mbpp"),
        ("humanevalfix", "notebook"): lambda options: HumanEvalFix(options.files),
        **{(f"dseval-{part}", "session"): partial(_dseval, part) for part in DSEVAL},
    }
)


def suites() -> list[str]:
    """Name the suites, in order."""
    return list(dict.fromkeys(suite for suite, _ in EVALUATIONS))


def protocols(suite: str = "") -> list[str]:
    """Name the protocols, in order; those of one suite if it is given."""
    return list(dict.fromkeys(protocol for one, protocol in EVALUATIONS if suite in ("", one)))


def make_evaluation(suite: str, protocol: str, options: Options) -> Evaluation:
    """Prepare a suite under a protocol.

    Raises:
        ConfigError: the suite is not run under that protocol or with those options, or its data cannot be had.
    """
    if (suite, protocol) not in EVALUATIONS:
        raise ConfigError(f"{suite} has no protocol {protocol!r}; it has {', '.join(protocols(suite))}.")
    if options.guide is not None and protocol != "paper":
        raise ConfigError(
            "--guide names the model that plays the human in the paper protocol; leave it out, or add --protocol paper."
        )
    if (options.propagate or options.kernel != DEFAULT_KERNEL) and protocol != "session":
        raise ConfigError("--propagate and --kernel are settings of sessions (the dseval suites).")
    if options.ablation.without and (protocol == "paper" or suite == "humanevalfix"):
        raise ConfigError("--without keeps something from the agent under the notebook protocol and in sessions; leave it out.")
    if "cells" in options.ablation.without and protocol != "session":
        raise ConfigError(
            f"--without cells is for sessions (the dseval suites): {suite} is asked in an empty notebook. Leave it out."
        )
    return EVALUATIONS[suite, protocol](options)
