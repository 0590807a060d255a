"""Run the tools of the checkout's own environment."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from stamps import ROOT, VENV

BIN = VENV / ("Scripts" if os.name == "nt" else "bin")


def environment(**extra: str) -> dict[str, str]:
    """Give the user's environment with the checkout's tools first in PATH; nothing asks, nothing downloads a browser."""
    return {
        **os.environ,
        "PATH": f"{BIN}{os.pathsep}{os.environ.get('PATH', '')}",
        "VIRTUAL_ENV": str(VENV),
        "PIP_NO_INPUT": "1",
        "PIP_DISABLE_PIP_VERSION_CHECK": "1",
        "PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD": "1",
        **extra,
    }


def run(*command: str | Path, env: dict[str, str] | None = None) -> None:
    """Run a command to its end and leave if it fails; its own output says why."""
    if exit_code(*command, env=env):
        fail(f"This step failed: {' '.join(map(str, command))}")


def run_quietly(*command: str | Path) -> None:
    """Run a command whose output is of use only when it fails; then its last lines are shown."""
    done = subprocess.run(
        [str(word) for word in command],
        cwd=ROOT,
        env=environment(),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    if done.returncode:
        print("\n".join(done.stdout.splitlines()[-40:]))
        fail(f"This step failed: {' '.join(map(str, command))}")


def pip(*words: str) -> list[str | Path]:
    """Give pip's command: with its progress for people, only with what goes wrong for logs."""
    return [BIN / "python", "-m", "pip", *words, *([] if sys.stdout.isatty() else ["--quiet"])]


def exit_code(
    *command: str | Path, cwd: Path = ROOT, env: dict[str, str] | None = None, stdin: int | None = subprocess.DEVNULL
) -> int:
    """Run a command to its end and give its exit code. After Ctrl+C it gets the time it needs, then we leave with it."""
    words, interrupted = [str(word) for word in command], False
    with subprocess.Popen(words, cwd=cwd, env=env or environment(), stdin=stdin) as child:
        while child.returncode is None:
            try:
                child.wait()
            except KeyboardInterrupt:
                interrupted = True
    if interrupted:
        sys.exit(130 if child.returncode else 0)
    return child.returncode


def say(text: str) -> None:
    """Say what is done now."""
    print(f"── {text}", flush=True)


def fail(text: str) -> None:
    """Leave with one clear line."""
    sys.exit(f"jupyter-oci: {text}")
