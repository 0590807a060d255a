"""HiddenTests: what scores a program and is never shown to the agent, within limits that follow from the canonical solution."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ..errors import KernelError
from .judge import Limits, Reference, Verdict, judge_inputs, reference_outputs
from .suites.problem import Inputs, Problem

_SECONDS = 1.0
_TIMES = 4.0
_SLACK = 2.0
_REFERENCE = Limits(seconds=600, program_seconds=60)


@dataclass(frozen=True, slots=True)
class Score:
    """What became of a program on the original tests (`base`) and on those that evalplus added (`extra`)."""

    base: Verdict
    extra: Verdict

    @property
    def passed(self) -> Mapping[str, bool]:
        """Tell it as it is published: plus is base and extra."""
        return {"base": self.base.passed, "plus": self.base.passed and self.extra.passed}

    @property
    def failure(self) -> str:
        """Name the kind of the first failure; empty: there is none."""
        return next((f"{verdict.status}{where}" for verdict, where in self._verdicts if not verdict.passed), "")

    @property
    def _verdicts(self) -> tuple[tuple[Verdict, str], ...]:
        return (self.base, ""), (self.extra, " (plus)")


@dataclass(frozen=True, slots=True)
class _Tests:
    """Inputs, and what the canonical solution answers to them."""

    inputs: Inputs
    reference: Reference


class HiddenTests:
    """The tests of one problem, with the canonical solution's answers and times as they are on this machine.

    A call may take four times as long as the canonical solution took, and a second at least, as evalplus has it. An input whose
    canonical answer is too large to be compared is left out.
    """

    def __init__(self, problem: Problem) -> None:
        self._problem = problem
        self._base = self._tests(problem.base)
        self._extra = self._tests(problem.plus)

    def score(self, program: str) -> Score:
        """Judge a program."""
        return Score(self._judge(program, self._base), self._judge(program, self._extra))

    @property
    def left_out(self) -> int:
        """Count the inputs that are left out."""
        return len(self._base.reference.too_large) + len(self._extra.reference.too_large)

    def _tests(self, inputs: Inputs) -> _Tests:
        problem = self._problem
        found = reference_outputs(problem.solution, problem.entry_point, inputs, _REFERENCE, oracle=problem.oracle)
        if isinstance(found, Verdict):
            raise KernelError(f"The canonical solution of {problem.id} fails here: {found.status}: {found.detail[-500:]}")
        return _Tests(tuple(each for place, each in enumerate(inputs) if place not in found.too_large), found)

    def _judge(self, program: str, tests: _Tests) -> Verdict:
        problem = self._problem
        seconds = [max(_SECONDS, _TIMES * each) for each in tests.reference.seconds]
        return judge_inputs(
            program,
            problem.entry_point,
            tests.inputs,
            tests.reference.outputs,
            atol=problem.atol,
            limits=Limits(seconds=sum(seconds) + _SLACK),
            seconds_each=seconds,
            oracle=problem.oracle,
        )
