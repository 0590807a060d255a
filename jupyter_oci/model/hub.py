"""Bring files of a Hugging Face Hub repository, going on where a cut left off.

Run as `python -m jupyter_oci.model.hub REPOSITORY REVISION FOLDER PATTERN…` in a process that may end at any moment. The
library's own download begins a file anew each time, which with weights of many gigabytes may never come to an end.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from fnmatch import fnmatchcase
from pathlib import Path

import httpx
import huggingface_hub
from huggingface_hub.errors import HfHubHTTPError

LISTING = "listing.json"
_PATIENCE = httpx.Timeout(30.0, connect=5.0)
_TRIES = 5


@dataclass(frozen=True, slots=True)
class RemoteFile:
    """A file of a repository; `sha256` is empty for small files, which the hub keeps in git itself, by the id `blob`."""

    name: str
    size: int
    sha256: str
    blob: str

    def is_at(self, place: Path) -> bool:
        """Tell whether it is there already; of a large file the size must do, its bytes are compared when all are here."""
        if not place.exists() or place.stat().st_size != self.size:
            return False
        return bool(self.sha256) or (bool(self.blob) and blob_id(place.read_bytes()) == self.blob)


def list_files(repository: str, revision: str, patterns: Sequence[str]) -> tuple[str, list[RemoteFile]]:
    """Give the commit that `revision` means now, and its files that are one of `patterns`, or at the top and fit one."""
    found = huggingface_hub.HfApi().model_info(repository, revision=revision, files_metadata=True, timeout=5)
    files = [
        RemoteFile(file.rfilename, file.size or 0, file.lfs.sha256 if file.lfs else "", file.blob_id or "")
        for file in found.siblings or ()
        if file.rfilename in patterns or ("/" not in file.rfilename and any(fnmatchcase(file.rfilename, p) for p in patterns))
    ]
    return str(found.sha), files


def blob_id(content: bytes) -> str:
    """Give the name by which git keeps a file."""
    return hashlib.sha1(b"blob %d\0" % len(content) + content, usedforsecurity=False).hexdigest()


def bring(client: httpx.Client, url: str, file: RemoteFile, folder: Path) -> None:
    """Bring one file, from where an earlier try ended.

    Raises:
        httpx.HTTPError: the hub refuses, or several tries in a row brought nothing.
        ValueError: a small file is not the one that the hub names.
    """
    place = folder / file.name
    place.parent.mkdir(parents=True, exist_ok=True)
    if file.is_at(place):
        return
    part = folder / f"{file.name}.{(file.sha256 or file.blob)[:12]}.part"
    if not file.sha256:
        part.unlink(missing_ok=True)
    failures = 0
    while (before := _size(part)) < file.size:
        fault = _append(client, url, part)
        failures = 0 if _size(part) > before else failures + 1
        if failures == _TRIES:
            raise fault or httpx.ReadError(f"{file.name} has no end")
        time.sleep(failures)
    part.touch()
    if file.blob and not file.sha256 and blob_id(part.read_bytes()) != file.blob:
        raise ValueError(f"{file.name} is not the published one (its hash differs)")
    part.replace(place)


def main(repository: str, revision: str, folder: Path, patterns: Sequence[str]) -> None:
    """Write the listing beside `folder`, then bring the files into it; what was begun is gone on with at its commit."""
    folder.mkdir(parents=True, exist_ok=True)
    listing = folder.parent / LISTING
    begun = _begun(listing)
    commit, files = _list_again(repository, begun, patterns) or list_files(repository, revision, patterns)
    if commit != begun:
        _remove_finished(folder)
    listing.write_text(json.dumps({"revision": commit, "files": [asdict(file) for file in files]}), "utf-8")
    _check_room(files, folder)
    with httpx.Client(headers=_headers(), timeout=_PATIENCE, follow_redirects=True) as client:
        for file in files:
            bring(client, huggingface_hub.hf_hub_url(repository, file.name, revision=commit), file, folder)


def _begun(listing: Path) -> str:
    """Give the commit that an earlier try began with; empty: there was none."""
    try:
        return str(json.loads(listing.read_text("utf-8"))["revision"])
    except (OSError, ValueError, KeyError):
        return ""


def _list_again(repository: str, commit: str, patterns: Sequence[str]) -> tuple[str, list[RemoteFile]] | None:
    try:
        return list_files(repository, commit, patterns) if commit else None
    except HfHubHTTPError:  # the hub has it no more
        return None


def _remove_finished(folder: Path) -> None:
    """Remove files of another commit; parts say by their names what they are of."""
    for file in (file for file in folder.rglob("*") if file.is_file() and file.suffix != ".part"):
        file.unlink()


def _append(client: httpx.Client, url: str, part: Path) -> httpx.TransportError | None:
    """Append what comes now to `part`; give what cut it off, if anything did."""
    start = _size(part)
    try:
        with client.stream("GET", url, headers={"Range": f"bytes={start}-"} if start else {}) as response:
            response.raise_for_status()
            goes_on = response.status_code == httpx.codes.PARTIAL_CONTENT
            with part.open("ab" if goes_on else "wb") as output:
                for chunk in response.iter_raw():  # as it comes: nothing is lost in a cut
                    output.write(chunk)
    except httpx.TransportError as fault:
        return fault
    return None


def _headers() -> Mapping[str, str]:
    """Give what every request says: the user's own token, if there is one, goes to the hub and not to where it redirects."""
    token = huggingface_hub.get_token()
    return {"Accept-Encoding": "identity", **({"Authorization": f"Bearer {token}"} if token else {})}


def _size(part: Path) -> int:
    return part.stat().st_size if part.exists() else 0


def _check_room(files: Sequence[RemoteFile], folder: Path) -> None:
    missing = sum(file.size for file in files) - sum(map(_size, filter(Path.is_file, folder.rglob("*"))))
    free = shutil.disk_usage(folder).free
    if missing > free:
        sys.exit(f"ERROR: {missing / 1e9:.1f} GB are still to come, {free / 1e9:.1f} GB are free in {folder}; make room there")


if __name__ == "__main__":
    try:
        main(sys.argv[1], sys.argv[2], Path(sys.argv[3]), sys.argv[4:])
    except Exception as error:  # whatever the libraries raise, the last line says it
        sys.exit(f"ERROR: {' '.join(str(error).split())[:250] or type(error).__name__}")
