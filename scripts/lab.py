"""Open JupyterLab on a copy of the demo notebook, with the assistant in the right sidebar."""

from __future__ import annotations

import json
import os
import subprocess
import sys

from commands import BIN, environment, say
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
        str(BIN / "jupyter"),
        "lab",
        f"--ServerApp.root_dir={folder}",
        f"--LabApp.app_settings_dir={overrides}",
        f"--LabApp.workspaces_dir={folder / '.lab' / 'workspaces'}",
        "--LabApp.default_url=/lab/tree/demo.ipynb",
        *_as_root(),
        *sys.argv[1:],
    ]
    say(f"JupyterLab on {folder}; Ctrl+C ends it")
    try:
        return subprocess.run(command, env=environment(), stdin=subprocess.DEVNULL, check=False).returncode
    except KeyboardInterrupt:
        return 0


def _as_root() -> list[str]:
    return ["--allow-root"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []


if __name__ == "__main__":
    sys.exit(main())
