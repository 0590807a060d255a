"""Build the wheel, install it where there is no node, and see that both halves of the extension are found and enabled."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import venv
from pathlib import Path

from build_wheel import build_wheel
from commands import fail, say
from stamps import VENV

HALVES = {"labextension": "jupyter-oci", "server extension": "jupyter_oci"}


def main() -> None:
    """Fail with what was not found."""
    wheel = build_wheel()
    with tempfile.TemporaryDirectory() as folder:
        say(f"Installing {wheel.name} without node")
        python = _install(Path(folder), wheel)
        for command, name in HALVES.items():
            _expect_ok(python, command, name, Path(folder))


def _install(folder: Path, wheel: Path) -> Path:
    """Install the wheel alone, on top of the packages that the checkout's environment has: no download of torch a second time."""
    home = folder / "venv"
    venv.create(home, with_pip=False)
    python = home / "bin" / "python"
    site = next((home / "lib").glob("python*/site-packages"))
    (site / "packages_of_the_checkout.pth").write_text(f"{next((VENV / 'lib').glob('python*/site-packages'))}\n")
    install = [str(python), "-m", "pip", "install", "--quiet", "--no-deps", "--ignore-installed", "--no-index", str(wheel)]
    if subprocess.run(install, env=_without_node(home), stdin=subprocess.DEVNULL, check=False).returncode:
        fail("The wheel cannot be installed where there is no node.")
    return python


def _without_node(home: Path) -> dict[str, str]:
    """Give an environment whose PATH holds nothing but the new environment's own programs."""
    return {
        **{key: value for key, value in os.environ.items() if not key.startswith("JUPYTER")},
        "PATH": str(home / "bin"),
        "HOME": str(home.parent),
        "JUPYTER_CONFIG_DIR": str(home.parent / "config"),
        "JUPYTER_DATA_DIR": str(home.parent / "data"),
    }


def _expect_ok(python: Path, command: str, name: str, folder: Path) -> None:
    module = "jupyterlab.labextensions" if command == "labextension" else "jupyter_server.extension.serverextension"
    code = f"import sys; from {module} import main; sys.argv = ['jupyter', 'list']; main()"
    listed = subprocess.run(
        [str(python), "-c", code],
        cwd=folder,
        env=_without_node(python.parent.parent),
        capture_output=True,
        text=True,
        check=False,
    )
    lines = [line for line in (listed.stdout + listed.stderr).splitlines() if name in line and str(VENV) not in line]
    print("\n".join(lines))
    if not any("ok" in line.lower() and line.strip()[:1].lower() != "x" for line in lines):
        fail(f"`jupyter {command} list` does not say OK of {name}:\n{listed.stdout}{listed.stderr}")


if __name__ == "__main__":
    sys.exit(main())
