"""Install torch: on a machine without an NVIDIA GPU never a build that brings CUDA along."""

from __future__ import annotations

import json
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Any

from commands import BIN, environment, exit_code, fail, pip, say

VERSION = "2.13.0"
CPU_INDEX = "https://download.pytorch.org/whl/cpu"
GPU_PARTS = ("nvidia-", "nvidia_", "cuda-", "triton", "pytorch-triton")

LOOK_AT_TORCH = """
import importlib.metadata as metadata
print(metadata.version("torch"), any(name.lower().startswith("nvidia-")
      for name in (dist.metadata["Name"] for dist in metadata.distributions())))
"""

# What pip is asked, in order: what the user's own configuration offers, then the PyTorch project's CPU builds.
CANDIDATES: tuple[tuple[str, ...], ...] = (
    (f"torch=={VERSION}",),
    (f"torch=={VERSION}", "--index-url", CPU_INDEX),
)


def install_torch() -> None:
    """See that the environment has a torch that fits the machine."""
    if is_good():
        return
    for candidate in CANDIDATES:
        if has_gpu() or is_free_of_cuda(candidate):
            say(f"Installing {' '.join(candidate)}")
            if not exit_code(*pip("install", *candidate)):
                return
    fail(
        f"No CPU build of torch {VERSION} can be had from your package index or from {CPU_INDEX}. A CUDA build of several "
        "gigabytes is not installed on a machine without an NVIDIA GPU. Install a CPU build into .venv and try again."
    )


def has_gpu() -> bool:
    """Tell whether the NVIDIA driver is here."""
    return (
        shutil.which("nvidia-smi") is not None
        and subprocess.run(["nvidia-smi", "-L"], capture_output=True, check=False).returncode == 0
    )


def is_good() -> bool:
    """Tell whether the torch that is installed can stay: new enough, and without CUDA where there is no GPU."""
    look = subprocess.run([BIN / "python", "-c", LOOK_AT_TORCH], capture_output=True, text=True, check=False)
    if look.returncode:
        return False
    version, brings_cuda = look.stdout.split()
    new_enough = tuple(map(int, version.split("+")[0].split(".")[:2])) >= (2, 6)
    return new_enough and (has_gpu() or brings_cuda == "False")


def is_free_of_cuda(candidate: tuple[str, ...]) -> bool:
    """Resolve without downloading the wheels, and see what would come."""
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder, "report.json")
        command = [BIN / "python", "-m", "pip", "install", "--dry-run", "--ignore-installed", "--report", report, *candidate]
        words = [str(word) for word in command]
        resolved = subprocess.run(words, env=environment(), stdin=subprocess.DEVNULL, capture_output=True, check=False)
        return not resolved.returncode and not brings_cuda(json.loads(report.read_text()))


def brings_cuda(report: dict[str, Any]) -> bool:
    """Tell whether pip's installation report holds a part of CUDA."""
    names = [item["metadata"]["name"].lower() for item in report["install"]]
    return any(name.startswith(GPU_PARTS) for name in names)
