"""Run the stages named on the command line (all without a name), say what failed, and sum them up in one last line.

A stage that fails does not keep the others from running.
"""

from __future__ import annotations

import sys
import time

from commands import environment, exit_code, fail, say
from counts import Counts
from stages import REPORTS, STAGES, Stage


def main() -> int:
    """Print each stage's counts, then the sum, alone on the last line."""
    chosen = _chosen(sys.argv[1:])
    REPORTS.mkdir(parents=True, exist_ok=True)
    results = []
    for stage in chosen:
        started = time.monotonic()
        say(f"{stage.name}")
        results.append((stage, _run(stage), time.monotonic() - started))
    print("\n── Summary")
    for stage, counts, seconds in results:
        print(f"{'ok  ' if not counts.failed else 'FAIL'}  {stage.name:<16} {counts}  ({seconds:.0f} s)")
    total = sum((counts for _, counts, _ in results), Counts())
    for failure in total.failures:
        print(f"\nFAIL  {failure}")
    print(f"\n{total}", flush=True)
    return 1 if total.failed else 0


def _chosen(names: list[str]) -> list[Stage]:
    known = {stage.name: stage for stage in STAGES}
    if unknown := [name for name in names if name not in known]:
        fail(f"There is no stage {unknown[0]!r}; choose of {', '.join(known)}.")
    return [known[name] for name in names] or list(STAGES)


def _run(stage: Stage) -> Counts:
    """Run a stage; a runner that leaves no report, or fails with none of its tests failed, counts as one failure."""
    if stage.report is not None:
        stage.report.unlink(missing_ok=True)
    code = exit_code(*stage.command, env=environment(**stage.variables))
    if stage.report is None or stage.read is None:
        return Counts(failed=1) if code else Counts(passed=1)
    if not stage.report.is_file():
        return Counts(failed=1)
    counts = stage.read(stage.report)
    nothing_said = counts.failed == 0 and (code != 0 or counts.passed == 0)
    return counts + Counts(failed=1) if nothing_said else counts


if __name__ == "__main__":
    sys.exit(main())
