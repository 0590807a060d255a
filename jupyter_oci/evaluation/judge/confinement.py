"""What the code under test may not do, as far as this machine can forbid it.

Limits of the process hold on every Unix. Landlock (Linux) forbids writing outside the working folder, reading outside Python's
own folders and the system's, signals and traces of other processes, and TCP. Name spaces (Linux, through `unshare`) take away
every network and let all that the code has started end with it, even what has left its process group.
"""

from __future__ import annotations

import functools
import os
import shutil
import subprocess
import sys
from pathlib import Path

from ...model.confine import active, confine
from .verdict import Limits

_SYSTEM = ("/usr", "/lib", "/lib64", "/etc")


def limit(limits: Limits) -> None:
    """Set this process's limits, for good."""
    import resource  # noqa: PLC0415 - Windows has none, and every command imports this module

    seconds = int(limits.seconds) + 2
    for kind, wanted in (
        (resource.RLIMIT_CPU, seconds),
        (resource.RLIMIT_AS, limits.memory),
        (resource.RLIMIT_FSIZE, limits.file_size),
        (resource.RLIMIT_NOFILE, limits.open_files),
        (resource.RLIMIT_NPROC, limits.processes),
        (resource.RLIMIT_CORE, 0),
    ):
        hard = resource.getrlimit(kind)[1]
        bound = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
        try:
            resource.setrlimit(kind, (bound, bound))
        except (ValueError, OSError):  # macOS has no bound on the address space
            continue


def shut_in(folder: Path) -> None:
    """Leave this process its working folder and what Python needs, where the machine can; `confinement` tells."""
    needed = {sys.prefix, sys.base_prefix, *_SYSTEM}
    confine([folder], readable=[Path(path) for path in needed if os.path.isdir(path)])


@functools.cache
def name_spaces() -> tuple[str, ...]:
    """Give the words that start a command in name spaces of its own, none where that is not possible."""
    program = shutil.which("unshare")
    if program is None:
        return ()
    words = (program, "--user", "--map-current-user", "--net", "--pid", "--fork", "--kill-child")
    tried = subprocess.run([*words, "true"], stdin=subprocess.DEVNULL, capture_output=True, check=False)
    return words if tried.returncode == 0 else ()


def confinement() -> dict[str, bool]:
    """Say of what goes beyond the limits whether this machine forbids it to the code under test."""
    landlock = active()
    return {
        "files outside its folder": bool(landlock["writes"]),
        "TCP": bool(landlock["tcp"] or name_spaces()),
        "any network": bool(name_spaces()),
        "signals to other processes": bool(landlock["signals"] or name_spaces()),
    }
