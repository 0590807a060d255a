"""Make the checkout ready: environment, torch, packages, front end, model. Steps whose inputs did not change are passed over."""

from __future__ import annotations

import argparse
import re
import shutil
import subprocess
import sys
import venv
from pathlib import Path

from browser import install_browser
from commands import BIN, environment, fail, pip, run, run_quietly, say
from stamps import ROOT, VENV, digest, is_current, keep
from torch_build import install_torch

MODEL = "auto"
TEST_MODEL = "qwen2.5-coder-0.5b-instruct"

LINK = VENV / "share" / "jupyter" / "labextensions" / "jupyter-oci"
BUILD_TOOLS = (
    "hatchling>=1.5",
    "hatch-nodejs-version>=0.3.2",
    "hatch-jupyter-builder>=0.5",
    "jupyter-builder>=1.2,<2",
    "editables",
)

TOOL_INPUTS = ("scripts/setup.py",)
PYTHON_INPUTS = ("pyproject.toml", "scripts/setup.py", "scripts/torch_build.py")
NODE_INPUTS = ("package.json", "yarn.lock", ".yarnrc.yml")
FRONT_END_INPUTS = ("package.json", "tsconfig.json", "src/**/*.ts", "src/**/*.tsx", "style/**/*", "schema/*.json", "yarn.lock")


def main() -> None:
    """Do what is needed and nothing else."""
    arguments = _arguments()
    _check_node()
    _make_environment()
    _install_build_tools()
    _install_node_modules()
    _build_front_end()
    _install_packages()
    _link_front_end()
    if arguments.for_tests:
        install_browser()
        _bring_model(TEST_MODEL)
    elif not arguments.no_model:
        _bring_model(MODEL)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--no-model", action="store_true", help="leave the model for its first use")
    parser.add_argument("--for-tests", action="store_true", help="also what the tests need: a browser, the smallest model")
    return parser.parse_args()


def _check_node() -> None:
    """Node builds the front end of a checkout; an installed wheel needs none."""
    node = shutil.which("node")
    version = subprocess.run([node, "--version"], capture_output=True, text=True, check=False).stdout if node else ""
    found = re.match(r"v(\d+)", version)
    if found is None or int(found[1]) < 20:
        fail(
            f"Building from a checkout needs Node.js 20 or newer ({version.strip() or 'none'} found). "
            "Install it from your distribution or nodejs.org, or install a released wheel, which needs no Node.js."
        )


def _make_environment() -> None:
    if not shutil.which("python", path=str(BIN)):
        say(f"Making {VENV.relative_to(ROOT)} with Python {sys.version.split()[0]}")
        venv.create(VENV, with_pip=True)


def _install_build_tools() -> None:
    """Bring jlpm and all that builds the package, so that its build needs no environment of its own."""
    value = digest(TOOL_INPUTS)
    if not is_current("tools", value) or not shutil.which("jlpm", path=str(BIN)):
        say("Installing the build tools")
        run(*pip("install", *BUILD_TOOLS))
        keep("tools", value)


def _install_packages() -> None:
    """Torch first, so that no other package's wish for it brings another build; then the project's own wishes.

    The link to the front end goes before: pip would empty the checkout's own files through it.
    """
    value = digest(PYTHON_INPUTS)
    if is_current("packages", value) and _is_linked_here():
        return
    say("Installing Python packages")
    install_torch()
    if LINK.is_symlink():
        LINK.unlink()
    without_npm = environment(HATCH_JUPYTER_BUILDER_SKIP_NPM="1")
    run(*pip("install", "--no-build-isolation", "-e", ".[lab,test,dev]"), env=without_npm)
    keep("packages", value)


def _is_linked_here() -> bool:
    """Tell whether the environment's jupyter_oci is this checkout (a copied one points elsewhere)."""
    look = [str(BIN / "python"), "-c", "import jupyter_oci; print(jupyter_oci.__file__)"]
    found = subprocess.run(look, cwd=VENV, capture_output=True, text=True, check=False)
    return not found.returncode and Path(found.stdout.strip()).is_relative_to(ROOT)


def _install_node_modules() -> None:
    value = digest(NODE_INPUTS)
    if not is_current("node_modules", value) or not (ROOT / "node_modules").is_dir():
        say("Installing JavaScript packages")
        run_quietly(BIN / "jlpm", "install", "--immutable")
        keep("node_modules", value)


def _build_front_end() -> None:
    value = digest(FRONT_END_INPUTS)
    built = ROOT / "jupyter_oci" / "labextension" / "package.json"
    if not is_current("front_end", value) or not built.is_file():
        say("Building the front end")
        run_quietly(BIN / "jlpm", "build")
        keep("front_end", value)


def _link_front_end() -> None:
    """Let JupyterLab read the checkout's build itself, so that a new build shows at the next reload."""
    if not LINK.is_symlink() or LINK.resolve() != ROOT / "jupyter_oci" / "labextension":
        run_quietly(BIN / "jupyter-builder", "develop", "--overwrite", ".")


def _bring_model(name: str) -> None:
    run(BIN / "jupyter-oci", "models", "download", name)


if __name__ == "__main__":
    main()
