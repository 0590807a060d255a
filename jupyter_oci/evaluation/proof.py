"""The suites' own solutions through the judge: what must pass passes, or the judge or the data is wrong."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from nbformat import NotebookNode

from ..errors import KernelError
from ..kernel.session import KernelSession
from .data import DSEVAL, HUMANEVAL, HUMANEVAL_FIX, HUMANEVAL_PLUS, MBPP_PLUS, Files
from .fix import FIELDS, hidden_check
from .hidden import HiddenTests
from .judge import judge_script
from .live_kernel import execute
from .rows import rows
from .sessions.dseval import DEFAULT_KERNEL
from .sessions.live import Answered, LiveSession, ReferenceFailedError, live_session
from .sessions.suite import Session, inputs_of, missing_inputs, read_sessions
from .suites.humaneval import ScriptProblem, load_humaneval, load_humanevalplus
from .suites.mbpp import load_mbppplus
from .suites.problem import Problem


@dataclass(frozen=True, slots=True)
class Proof:
    """One judgement whose outcome is known. `wrong` says what is wrong with it, empty: nothing; `note` what one has to know."""

    name: str
    wrong: str = ""
    note: str = ""


Check = Callable[[], list[Proof]]


def checks(suite: str, files: Files, kernel: str = DEFAULT_KERNEL) -> dict[str, Check]:
    """Give the judgements of a suite, by problem or session (in a kernel of that name); several may be made at a time.

    Raises:
        ConfigError: its data cannot be had.
    """
    if suite.startswith("dseval-"):
        return _sessions(files.path(DSEVAL[suite.removeprefix("dseval-")]), kernel)
    return _FUNCTIONS[suite](files)


def _humaneval(files: Files) -> dict[str, Check]:
    """HumanEval as it was published, whose checks are programs, where the user's data has it, and HumanEval+."""
    path = files.path_if_given(HUMANEVAL)
    original = load_humaneval(path) if path is not None else []
    plus = load_humanevalplus(files.path(HUMANEVAL_PLUS))
    return {
        **{f"{problem.id}, original": partial(_script, problem) for problem in original},
        **{problem.id: partial(_inputs, problem) for problem in plus},
    }


def _mbpp(files: Files) -> dict[str, Check]:
    return {problem.id: partial(_inputs, problem) for problem in load_mbppplus(files.path(MBPP_PLUS))}


def _humanevalfix(files: Files) -> dict[str, Check]:
    return {str(row["task_id"]): partial(_fix, row) for row in rows(files.path(HUMANEVAL_FIX), FIELDS)}


_FUNCTIONS: Mapping[str, Callable[[Files], dict[str, Check]]] = {
    "humaneval": _humaneval,
    "mbpp": _mbpp,
    "humanevalfix": _humanevalfix,
}


def _script(problem: ScriptProblem) -> list[Proof]:
    verdict = judge_script(problem.solution, problem.check, entry_point=problem.entry_point)
    return [Proof(f"{problem.id}, original", f"{verdict.status}: {verdict.detail}" if not verdict.passed else "")]


def _inputs(problem: Problem) -> list[Proof]:
    try:
        tests = HiddenTests(problem)
    except KernelError as error:
        return [Proof(f"{problem.id}, {kind}", str(error)) for kind in ("base", "plus")]
    score = tests.score(problem.solution)
    judged = {"base": score.base, "plus": score.extra}
    note = f"{tests.left_out} inputs left out, whose answers are too large to compare" if tests.left_out else ""
    return [
        Proof(f"{problem.id}, {kind}", f"{verdict.status}: {verdict.detail}" if not verdict.passed else "", note)
        for kind, verdict in judged.items()
    ]


def _fix(row: Mapping[str, str]) -> list[Proof]:
    """See the right function pass both kinds of tests, and the wrong one fail the hidden ones."""
    right, buggy = (row["declaration"] + row[which] for which in ("canonical_solution", "buggy_solution"))
    name = row["task_id"]
    proofs = []
    for kind, program, check, passes in (
        ("hidden", right, hidden_check(row), True),
        ("examples", right, row["example_test"].strip(), True),
        ("buggy", buggy, hidden_check(row), False),
    ):
        verdict = judge_script(program, check, entry_point=row["entry_point"])
        proofs.append(Proof(f"{name}, {kind}", "" if verdict.passed is passes else f"{verdict.status}: {verdict.detail}"))
    return proofs


def _sessions(path: Path, kernel: str) -> dict[str, Check]:
    """See the reference's own cells, given as answers, be right by every validator."""
    return {session.name: partial(_session, session, inputs_of(path), kernel) for session in read_sessions(path)}


def _session(session: Session, inputs: Path, kernel: str) -> list[Proof]:
    if gone := missing_inputs(session, inputs):
        return [Proof(session.name, f"not judged, for want of a file: {gone}")]
    with live_session(session, inputs, kernel) as live:
        return list(_answered(session, live))


def _answered(session: Session, live: LiveSession) -> Iterator[Proof]:
    for problem, place in session.problems.items():
        try:
            live.advance_to(place)
            verdict = live.attempt(partial(_reference, live.cell.code))
        except ReferenceFailedError as error:
            yield Proof(problem, f"the reference's own code fails in this kernel: {error}")
            return
        yield Proof(problem, f"{verdict.failure}: {verdict.reason}" if verdict.failure else "")


def _reference(code: str, executor: KernelSession, notebook: NotebookNode) -> Answered:  # noqa: ARG001 - an answer
    result = execute(executor, "reference", code)
    stream = "".join(output["text"] for output in result.outputs if output["output_type"] == "stream")
    return Answered((result.execution_count,) if result.execution_count else (), stream, result.status == "timeout")
