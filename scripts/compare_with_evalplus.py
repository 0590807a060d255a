"""Have the same programs judged by our judge and by evalplus 0.2.0, the published table's, and tell where the two differ.

The programs are the canonical solutions, mutants of them, and the replies in results of `jupyter oci evaluate`. Each judgement is
written at once: the same command goes on where it was stopped. evalplus wants an environment of its own:

    python -m venv evalplus && evalplus/bin/pip install evalplus==0.2.0
    .venv/bin/python scripts/compare_with_evalplus.py humaneval --evalplus-python evalplus/bin/python

Exit code: 0 the verdicts agree, save where the reason is seen, 1 some do not, 2 it could not be compared.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import random
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tqdm import tqdm

from jupyter_oci.agent.mutations import mutations
from jupyter_oci.agent.python_text import parses
from jupyter_oci.errors import ConfigError, OCIError
from jupyter_oci.evaluation import hidden
from jupyter_oci.evaluation.data import HUMANEVAL_PLUS, MBPP_PLUS, Files
from jupyter_oci.evaluation.hidden import HiddenTests
from jupyter_oci.evaluation.record import Table
from jupyter_oci.evaluation.report.markdown import to_markdown
from jupyter_oci.evaluation.results import read_results
from jupyter_oci.evaluation.suites.humaneval import load_humanevalplus
from jupyter_oci.evaluation.suites.mbpp import load_mbppplus
from jupyter_oci.evaluation.suites.problem import Problem

VERSION = "0.2.0"
THEIRS = Path(__file__).with_name("judge_with_evalplus.py")
SECONDS, MORE_SECONDS = 1.0, 10.0
"""What evalplus gives a call at least: as our judge does, or more, for others use the machine too."""

REASONS = {
    "with more time": {"seconds": MORE_SECONDS, "kept": False},
    "with the arguments kept": {"seconds": MORE_SECONDS, "kept": True},
}
"""Why the two may differ, and how evalplus is asked to see that they do so for that alone. Its canonical solution may sort its
argument in place, and what is judged after it gets the sorted list."""

KINDS = CANONICAL, MUTANTS, REPLIES = "canonical", "mutants", "replies"
SUITES = {
    "humaneval": (HUMANEVAL_PLUS, lambda path: load_humanevalplus(path, published=True), "HUMANEVAL_OVERRIDE_PATH"),
    "mbpp": (MBPP_PLUS, load_mbppplus, "MBPP_OVERRIDE_PATH"),
}


@dataclass(frozen=True)
class Sample:
    """A program to judge. `kind` is its row in the table."""

    problem: str
    kind: str
    program: str

    @property
    def key(self) -> str:
        """Tell it from all others."""
        return f"{self.problem} {hashlib.sha256(self.program.encode('utf-8', 'replace')).hexdigest()}"


@dataclass
class Compared:
    """The judgements in a file, by the sample's key: a line each. Those of other judges or problems than `of` do not count."""

    path: Path
    of: str
    lines: dict[str, dict[str, Any]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        text = self.path.read_text() if self.path.exists() else ""
        whole = text[: text.rfind("\n") + 1]
        if whole != text:  # killed while it wrote: what comes next must not stand behind half a line
            self.path.write_text(whole)
        self.lines = {line["key"]: line for line in map(json.loads, whole.splitlines()) if line.get("of") == self.of}

    def add(self, sample: Sample, ours: dict[str, bool], theirs: dict[str, bool], reason: str) -> None:
        """Write a judgement; `reason` says why the two differ, if it is known."""
        line = {"key": sample.key, "of": self.of, "program": sample.program, "ours": ours, "evalplus": theirs, "reason": reason}
        self.lines[sample.key] = line
        with self.path.open("a") as file:
            file.write(f"{json.dumps(line)}\n")


def digest(data: Path) -> str:
    """Tell the judges as they are now, and the problems in a file, from others."""
    folder = Path(hidden.__file__).parent
    ours = [Path(hidden.__file__), *sorted((folder / "judge").glob("*.py")), *sorted((folder / "suites").glob("*.py"))]
    found = hashlib.sha256(VERSION.encode())
    for path in (*ours, THEIRS, data):
        found.update(hashlib.sha256(path.read_bytes()).digest())
    return found.hexdigest()


class Evalplus:
    """evalplus in a process of another Python, by which problems are judged one after the other."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process
        if (version := self._read().strip()) != VERSION:
            raise ConfigError(f"--evalplus-python has evalplus {version}: install evalplus=={VERSION} there.")

    def judge(self, problem: str, programs: Sequence[str], seconds: float, *, kept: bool = False) -> list[dict[str, bool]]:
        """Give the verdicts on programs for a problem; a call has `seconds` at least."""
        assert self._process.stdin is not None
        asked = {"problem": problem, "programs": programs, "seconds": seconds, "kept": kept}
        print(json.dumps(asked), file=self._process.stdin, flush=True)
        verdicts: list[dict[str, bool]] = json.loads(self._read())
        return verdicts

    def _read(self) -> str:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise ConfigError(f"evalplus ended, as told above: --evalplus-python names a Python with evalplus=={VERSION}.")
        return line


@contextmanager
def evalplus(python: str, suite: str, path: Path) -> Iterator[Evalplus]:
    """Start it on a suite's file."""
    command = [python, str(THEIRS), suite]
    variables = {**os.environ, SUITES[suite][2]: str(path)}
    pipe = subprocess.PIPE
    try:
        process = subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True, env=variables)
    except OSError as error:
        raise ConfigError(f"--evalplus-python {python}: {error.strerror}.") from error
    with process:
        try:
            yield Evalplus(process)
        finally:
            process.kill()


def samples(problem: Problem, mutants: int, seed: int, replies: dict[str, list[str]]) -> list[Sample]:
    """Give the programs for a problem, each once: mutants are drawn at random, the same for a seed."""
    solution = problem.solution
    drawn = [mutant for mutation in mutations(solution) if parses(mutant := mutation.of(solution))]
    random.Random(f"{seed} {problem.id}").shuffle(drawn)
    by_program = {
        **dict.fromkeys(replies.get(problem.id, ()), REPLIES),
        **dict.fromkeys(drawn[:mutants], MUTANTS),
        solution: CANONICAL,
    }
    return [Sample(problem.id, kind, program) for program, kind in by_program.items()]


def replies_in(folders: Sequence[Path], suite: str) -> dict[str, list[str]]:
    """Give the programs of all rounds in results of a suite, by problem."""
    found: dict[str, list[str]] = {}
    for folder in folders:
        manifest, records = read_results(folder)
        if str(manifest["evaluation"]).partition("-")[0] != suite:
            raise ConfigError(f"--samples {folder}: these are results of {manifest['evaluation']}, and not of {suite}.")
        for record in records:
            found.setdefault(record.problem, []).extend(each.judged for each in record.rounds if each.judged)
    return found


def judge(problem: Problem, waiting: Sequence[Sample], other: Evalplus, compared: Compared) -> None:
    """Judge samples of a problem by both, and where they differ look for the reason."""
    tests = HiddenTests(problem)
    theirs = other.judge(problem.id, [sample.program for sample in waiting], SECONDS)
    for sample, their in zip(waiting, theirs, strict=True):
        our = dict(tests.score(sample.program).passed)
        tried = {} if our == their else REASONS
        agrees = (name for name, how in tried.items() if other.judge(problem.id, [sample.program], **how) == [our])
        compared.add(sample, our, their, next(agrees, ""))


Judged = Sequence[tuple[Sample, dict[str, Any]]]


def table(suite: str, judged: Judged) -> Table:
    """Count verdicts, two for each program, and how many agree."""
    columns = ("samples", "programs", "verdicts", "passed", "agree at once", *REASONS, "differ")
    rows = []
    for kind in KINDS:
        lines = [line for sample, line in judged if sample.kind == kind]
        passed = sum(sum(line["ours"].values()) for line in lines)
        by_reason = Counter(line["reason"] for line in lines for _ in _differing(line))
        agree = 2 * len(lines) - by_reason.total()
        counts = (len(lines), 2 * len(lines), passed, agree, *(by_reason[reason] for reason in (*REASONS, "")))
        rows += [(kind, *map(str, counts))] if lines else []
    return Table(f"{suite}, our judge and evalplus {VERSION}", columns, tuple(rows))


def tell(judged: Judged) -> int:
    """Print the programs on which the two differ, with the reason; count those without one."""
    differing = [(sample, line) for sample, line in judged if _differing(line)]
    for sample, line in differing:
        ours = " and ".join(f"{name} {'passes' if line['ours'][name] else 'fails'}" for name in _differing(line))
        reason = f"they agree {line['reason']}" if line["reason"] else "nobody knows why"
        print(f"{sample.problem}, {sample.kind}: {ours} here alone; {reason}.\n\n{sample.program.strip()}\n")
    return sum(not line["reason"] for _, line in differing)


def compare(arguments: argparse.Namespace) -> int:
    """Judge what is not judged yet, print the table and what differs; return the exit code."""
    file, load, _ = SUITES[arguments.suite]
    path = Files(arguments.data).path(file)
    replies = replies_in(arguments.samples, arguments.suite)
    compared = Compared(arguments.output or Path(f"evalplus-{arguments.suite}.jsonl"), digest(path))
    judged: list[tuple[Sample, dict[str, Any]]] = []
    with evalplus(arguments.evalplus_python, arguments.suite, path) as other:
        for problem in tqdm(load(path)[: arguments.limit], unit="problem"):
            given = samples(problem, arguments.mutants, arguments.seed, replies)
            if waiting := [sample for sample in given if sample.key not in compared.lines]:
                judge(problem, waiting, other, compared)
            judged += [(sample, compared.lines[sample.key]) for sample in given]
    print(to_markdown(table(arguments.suite, judged)))
    return 1 if tell(judged) else 0


def _differing(line: dict[str, Any]) -> list[str]:
    """Name the tests on which the two differ."""
    return [name for name, passes in line["ours"].items() if passes != line["evalplus"][name]]


def main(argv: Sequence[str] | None = None) -> int:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("suite", choices=SUITES)
    parser.add_argument("--evalplus-python", required=True, metavar="PYTHON", help=f"has evalplus=={VERSION}")
    parser.add_argument("--data", type=Path, metavar="PATH", help="as of `evaluate` (default: downloaded)")
    parser.add_argument("--mutants", type=int, default=2, metavar="N", help="of each problem (default: %(default)s)")
    parser.add_argument("--seed", type=int, default=0, help="of the mutants (default: %(default)s)")
    parser.add_argument("--samples", type=Path, action="append", default=[], metavar="FOLDER", help="results of `evaluate`")
    parser.add_argument("--limit", type=int, metavar="N", help="the first N problems")
    parser.add_argument("--output", type=Path, metavar="FILE", help="the judgements (default: evalplus-SUITE.jsonl)")
    try:
        return compare(parser.parse_args(argv))
    except OCIError as error:
        print(error, file=sys.stderr)
        return 2


if __name__ == "__main__":
    sys.exit(main())
