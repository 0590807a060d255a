"""Open JupyterLab on a copy of the demo notebook, with the assistant in the right sidebar."""

from __future__ import annotations

import json
import os
import sys

from commands import BIN, exit_code, say
from working_copy import working_copy

SETTINGS = {
    "jupyter-oci:plugin": {"openAtStart": True},
    # JupyterLab's question about its news would lie over the prompt box.
    "@jupyterlab/apputils-extension:notification": {"fetchNews": "false", "checkForUpdates": False},
}


def main() -> int:
    """Run JupyterLab until it is stopped; what stands on the command line is handed on to it."""
    folder = working_copy()
    overrides = folder / ".lab" / "settings"
    overrides.mkdir(parents=True, exist_ok=True)
    (overrides / "overrides.json").write_text(json.dumps(SETTINGS))
    command = [
        BIN / "jupyter",
        "lab",
        f"--ServerApp.root_dir={folder}",
        f"--LabApp.app_settings_dir={overrides}",
        f"--LabApp.workspaces_dir={folder / '.lab' / 'workspaces'}",
        "--LabApp.default_url=/lab/tree/demo.ipynb",
        "--ServerApp.answer_yes=True",  # so one Ctrl+C on a terminal stops it in order, kernels too
        *_as_root(),
        *sys.argv[1:],
    ]
    say(f"JupyterLab on {folder}; Ctrl+C ends it")
    return exit_code(*command, stdin=None)


def _as_root() -> list[str]:
    return ["--allow-root"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []


if __name__ == "__main__":
    sys.exit(main())
