"""Run by the Python that has evalplus: judge programs as `evalplus.evaluate` does, a line of JSON for each that comes."""

import copy
import json
import os
import sys
import tempfile
from importlib.metadata import version

from evalplus import evaluate
from evalplus.data import get_human_eval_plus, get_mbpp_plus
from evalplus.eval._special_oracle import MBPP_OUTPUT_NOT_NONE_TASKS

TIMES = 4.0
"""What a call may take, in times of what the canonical solution took: evalplus' own default."""


def main(suite: str) -> None:
    """Answer `{problem, programs, seconds, kept}` by `{base, plus}` for each program; the first line is evalplus' version.

    evalplus judges by the arguments that the canonical solution left behind; with `kept`, by those that it was given.
    """
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)  # evalplus prints there
    print(version("evalplus"), file=answers, flush=True)
    problems = get_mbpp_plus() if suite == "mbpp" else get_human_eval_plus()
    for asked in map(json.loads, sys.stdin):
        problem = copy.deepcopy(problems[asked["problem"]])
        expected = answers_of(copy.deepcopy(problem) if asked["kept"] else problem)
        judged = [judge(suite, problem, program, expected, asked["seconds"]) for program in asked["programs"]]
        print(json.dumps(judged), file=answers, flush=True)


def answers_of(problem: dict) -> dict:
    """Give what the canonical solution answers, and the seconds that it takes."""
    with tempfile.TemporaryDirectory() as evaluate.CACHE_DIR:
        return evaluate.get_groundtruth({"": problem}, "", MBPP_OUTPUT_NOT_NONE_TASKS)[""]


def judge(suite: str, problem: dict, program: str, expected: dict, seconds: float) -> dict:
    """Judge one program; a call has `seconds` at least."""
    limits = {"fast_check": True, "min_time_limit": seconds, "gt_time_limit_factor": TIMES}
    found = evaluate.check_correctness(suite, 0, problem, program, expected, **limits)
    base, extra = (found[tests][0] == evaluate.SUCCESS for tests in ("base", "plus"))
    return {"base": base, "plus": base and extra}


if __name__ == "__main__":
    main(sys.argv[1])
