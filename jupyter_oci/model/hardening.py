"""What the model's process does to itself first: it gives way to others, and it dies with the server."""

from __future__ import annotations

import contextlib
import os
import re
import signal
import sys
from collections.abc import Mapping
from pathlib import Path

_NICENESS = 3  # the user's kernel goes first, and yet a reply goes on beside two busy ones on two cores
_OOM_SCORE = "800"
_PR_SET_PDEATHSIG = 1

# An allow-list: nobody can name all variables that hold a secret.
_KEPT = re.compile(
    r"PATH|HOME|USER|LOGNAME|LANG|LANGUAGE|LC_\w+|TZ|TMP|TEMP|TMPDIR|XDG_CACHE_HOME|VIRTUAL_ENV|CONDA_PREFIX|"
    r"PYTHON(HOME|PATH|USERBASE|NOUSERSITE|HASHSEED)|(LD|DYLD)_LIBRARY_PATH|(OMP|MKL|KMP|GOMP|OPENBLAS)_\w+|"
    r"(CUDA|NVIDIA|HIP|ROCR|ROCM)_\w+|(TORCH|PYTORCH)_\w+|SYSTEMROOT|WINDIR|COMSPEC|PATHEXT|USERPROFILE|APPDATA|LOCALAPPDATA|"
    r"PROGRAMDATA|NUMBER_OF_PROCESSORS|PROCESSOR_\w+",
    re.IGNORECASE,
)
_SECRET = re.compile(r"TOKEN|KEY|SECRET|PASSW|CREDENTIAL", re.IGNORECASE)
_ADDED = {"HF_HUB_OFFLINE": "1", "TRANSFORMERS_OFFLINE": "1", "TOKENIZERS_PARALLELISM": "false", "PYTHONSAFEPATH": "1"}
_SCRATCH = ("TMPDIR", "XDG_CACHE_HOME", "TRITON_CACHE_DIR", "TORCHINDUCTOR_CACHE_DIR", "CUDA_CACHE_PATH")


def secrets_in(environment: Mapping[str, str]) -> list[str]:
    """Name the variables that are called as those that hold secrets are."""
    return [name for name in environment if _SECRET.search(name) and name not in _ADDED]


def worker_environment(environment: Mapping[str, str], scratch: Path) -> dict[str, str]:
    """Give the variables that the model's process gets: no secrets, no network, and what libraries cache goes to `scratch`."""
    secrets = secrets_in(environment)
    kept = {name: value for name, value in environment.items() if _KEPT.fullmatch(name) and name not in secrets}
    return {**kept, **_ADDED, **dict.fromkeys(_SCRATCH, str(scratch))}


def harden() -> None:
    """Lower this process's claims on the machine; on Linux let it be killed with its parent. What fails is passed over."""
    with contextlib.suppress(OSError, AttributeError):
        os.nice(_NICENESS)
    if sys.platform == "linux":
        with contextlib.suppress(OSError):
            Path("/proc/self/oom_score_adj").write_text(_OOM_SCORE)
        with contextlib.suppress(OSError, AttributeError):
            _die_with_parent()


def _die_with_parent() -> None:
    """Ask for SIGKILL when the thread that started us ends; end of input does the same where this is missing."""
    import ctypes  # noqa: PLC0415 - only needed here, in the worker

    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
