"""What can be evaluated: a line for each suite under each protocol."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from ..errors import ConfigError
from .data import Files
from .fix import HumanEvalFix
from .record import Evaluation


@dataclass(frozen=True, slots=True)
class Options:
    """What an evaluation is made with."""

    files: Files


EVALUATIONS: Mapping[tuple[str, str], Callable[[Options], Evaluation]] = MappingProxyType(
    {
        ("humanevalfix", "notebook"): lambda options: HumanEvalFix(options.files),
    }
)


def suites() -> list[str]:
    """Name the suites, in order."""
    return list(dict.fromkeys(suite for suite, _ in EVALUATIONS))


def protocols() -> list[str]:
    """Name the protocols, in order."""
    return list(dict.fromkeys(protocol for _, protocol in EVALUATIONS))


def make_evaluation(suite: str, protocol: str, options: Options) -> Evaluation:
    """Prepare a suite under a protocol.

    Raises:
        ConfigError: the suite is not run under that protocol, or its data cannot be had.
    """
    if (suite, protocol) not in EVALUATIONS:
        known = [name for one, name in EVALUATIONS if one == suite]
        raise ConfigError(f"{suite} has no protocol {protocol!r}; it has {', '.join(known)}.")
    return EVALUATIONS[suite, protocol](options)
