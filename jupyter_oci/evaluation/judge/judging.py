"""The caller's side of a judgement: start the examiner, hand it the job, read its report, leave nothing running."""

from __future__ import annotations

import contextlib
import dataclasses
import json
import os
import secrets
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from ...errors import KernelError
from .confinement import name_spaces
from .verdict import Limits, Oracle, Reference, Verdict
from .wire import decode, encode

_ROOT = Path(__file__).parents[3]
_START = (
    f"import sys; root, path = {str(_ROOT)!r}, [*filter(None, sys.path)]; sys.path[:] = path if root in path else [root, *path]; "
    "from jupyter_oci.evaluation.judge.examiner import main; main()"
)
"""The examiner is of this very code; nothing is ever imported from the working folder, where the code under test may write."""
_GRACE, _LOOK = 30.0, 0.5
_DEFAULT = Limits()
_AT_A_TIME = threading.BoundedSemaphore(os.cpu_count() or 1)  # more would take each other's time, which is what limits a call
_ENDED = "The examiner was ended before it could report."


def judge_script(program: str, check: str, limits: Limits = _DEFAULT, entry_point: str = "") -> Verdict:
    """Run `program`, then `check`, whose names are its own, Python's and then the program's.

    The two never share a process: the check gets plain values. `entry_point` is the program's even where Python has that name.

    Raises:
        KernelError: no judgement could be made on this machine.
    """
    return _judged({"kind": "script", "program": program, "check": check, "entry_point": entry_point}, limits)


def judge_inputs(
    program: str,
    entry_point: str,
    inputs: Sequence[Sequence[Any]],
    expected: Sequence[Any],
    *,
    atol: float = 0.0,
    limits: Limits = _DEFAULT,
    seconds_each: Sequence[float] | None = None,
    oracle: Oracle = "equal",
) -> Verdict:
    """Call `entry_point` on each of `inputs` and compare with `expected` as evalplus does, up to the first that fails.

    `seconds_each` limits each call; shapes: one each per input.

    Raises:
        KernelError: no judgement could be made on this machine.
    """
    return _judged(
        {
            **_calls(program, entry_point, inputs, oracle),
            "kind": "inputs",
            "expected": encode(list(expected), _refuse),
            "seconds_each": list(seconds_each) if seconds_each is not None else [limits.seconds] * len(inputs),
            "atol": atol,
        },
        limits,
    )


def reference_outputs(
    program: str, entry_point: str, inputs: Sequence[Sequence[Any]], limits: Limits = _DEFAULT, *, oracle: Oracle = "equal"
) -> Reference | Verdict:
    """Give what a canonical solution answers to `inputs`, or the verdict when it fails.

    Raises:
        KernelError: no judgement could be made on this machine.
    """
    report = _judge({**_calls(program, entry_point, inputs, oracle), "kind": "reference"}, limits)
    if "reference" not in report:
        return _verdict(report)
    found = report["reference"]
    return Reference(tuple(decode(found["outputs"], int)), tuple(found["seconds"]), tuple(found["too_large"]))


def _calls(program: str, entry_point: str, inputs: Sequence[Sequence[Any]], oracle: Oracle) -> dict[str, Any]:
    return {"program": program, "entry_point": entry_point, "inputs": encode(list(inputs), _refuse), "oracle": oracle}


def _judged(job: dict[str, Any], limits: Limits) -> Verdict:
    """Judge, and once more what was too slow: others use the machine, too."""
    verdict = _verdict(_judge(job, limits))
    return _verdict(_judge(job, limits)) if verdict.status == "timeout" else verdict


def _judge(job: dict[str, Any], limits: Limits) -> dict[str, Any]:
    """Give the examiner's report; that it was killed is one too."""
    token = secrets.token_hex()
    with tempfile.TemporaryDirectory(prefix="oci-judge-", ignore_cleanup_errors=True) as folder:
        whole = {**job, "token": token, "program_seconds": limits.program_seconds}
        output, errors, code = _examine(json.dumps(whole).encode(), limits, folder)
    with contextlib.suppress(ValueError):
        report: dict[str, Any] = json.loads(output)
        if report.get("token") == token:
            return report
    if code > 0 and errors.strip():
        raise KernelError(f"The judge could not run: {errors.strip().splitlines()[-1]}")
    return {"status": "died", "detail": _ENDED}


def _examine(job: bytes, limits: Limits, folder: str) -> tuple[bytes, str, int]:
    """Run an examiner, once a core is free; give its output, its errors and its exit code."""
    with (
        _AT_A_TIME,
        subprocess.Popen(
            [*name_spaces(), sys.executable, "-s", "-c", _START, json.dumps(dataclasses.asdict(limits))],
            cwd=folder,
            env=_environment(folder),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
        ) as process,
        _watched(folder, limits, process.pid),
    ):
        try:
            output, errors = process.communicate(job, timeout=limits.seconds + _GRACE)
        except subprocess.TimeoutExpired:
            output, errors = b"", b""
        finally:
            _end(process.pid)
    return output, errors.decode("utf-8", "replace"), process.returncode


@contextlib.contextmanager
def _watched(folder: str, limits: Limits, group: int) -> Iterator[None]:
    """End the process group meanwhile if the files in its folder take too much of the disk."""
    over = threading.Event()

    def watch() -> None:
        while not over.wait(_LOOK):
            if _taken(folder) > limits.folder_size:
                _end(group)

    thread = threading.Thread(target=watch, daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def _end(group: int) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(group, signal.SIGKILL)


def _taken(folder: str) -> int:
    """Count the bytes on the disk of the files in a folder, which come and go meanwhile."""
    taken = 0
    for path, _, names in os.walk(folder):
        for name in names:
            with contextlib.suppress(OSError):
                taken += 512 * os.lstat(os.path.join(path, name)).st_blocks
    return taken


def _environment(folder: str) -> dict[str, str]:
    """Hand over nothing of the user's; with a fixed hash seed a verdict does not depend on the order of a set."""
    return {
        "PATH": os.defpath,
        "HOME": folder,
        "TMPDIR": folder,
        "LANG": "C.UTF-8",
        "PYTHONHASHSEED": "0",
        "OMP_NUM_THREADS": "1",
        "OPENBLAS_NUM_THREADS": "1",
    }


def _verdict(report: dict[str, Any]) -> Verdict:
    return Verdict(report["status"], report["detail"])


def _refuse(value: object) -> int:
    raise TypeError(f"a {type(value).__name__} cannot be an input or an expected output")
