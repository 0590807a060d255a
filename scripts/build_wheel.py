"""Build the sdist and the wheel from a production build of the front end, in a copy of what git tracks or would track."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from pathlib import Path

from commands import BIN, environment, fail, say
from stamps import ROOT


def build_wheel() -> Path:
    """Give the path of the new wheel in dist/. The copy keeps the checkout's development build as it is."""
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder)
        _copy_sources(copy)
        (copy / "node_modules").symlink_to(ROOT / "node_modules")
        dist = ROOT / "dist"
        shutil.rmtree(dist, ignore_errors=True)
        _build(copy, dist)
    return next(dist.glob("*.whl"))


def _copy_sources(target: Path) -> None:
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    for name in filter(None, listed.stdout.split("\0")):
        if (ROOT / name).is_file():
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, target / name)


def _build(copy: Path, dist: Path) -> None:
    env = environment(HATCH_JUPYTER_BUILDER_SKIP_NPM="1")
    for command in (
        [BIN / "jlpm", "build:prod"],
        [BIN / "python", "-m", "build", "--no-isolation", "--outdir", dist, copy],
    ):
        words = [str(word) for word in command]
        if subprocess.run(words, cwd=copy, env=env, stdin=subprocess.DEVNULL, check=False).returncode:
            fail(f"This step failed: {' '.join(words)}")


if __name__ == "__main__":
    say(f"Built {build_wheel()}")
