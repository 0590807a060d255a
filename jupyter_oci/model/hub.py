"""Bring files of a Hugging Face Hub repository, going on where a cut left off.

Run as `python -m jupyter_oci.model.hub REPOSITORY REVISION FOLDER PATTERN…` in a process that can be ended at any moment. The
library's own download begins a file anew each time, which with weights of many gigabytes may never come to an end.
"""

from __future__ import annotations

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

LISTING = "listing.json"
_PATIENCE = httpx.Timeout(30.0, connect=5.0)
_TRIES = 5


@dataclass(frozen=True, slots=True)
class RemoteFile:
    """A file of a repository; `sha256` is empty for small files, which the hub keeps in git itself."""

    name: str
    size: int
    sha256: str


def list_files(repository: str, revision: str, patterns: Sequence[str]) -> tuple[str, list[RemoteFile]]:
    """Give the commit that `revision` means now, and its files that are one of `patterns`, or at the top and fit one."""
    found = huggingface_hub.HfApi().model_info(repository, revision=revision, files_metadata=True, timeout=5)
    files = [
        RemoteFile(file.rfilename, file.size or 0, file.lfs.sha256 if file.lfs else "")
        for file in found.siblings or ()
        if file.rfilename in patterns or ("/" not in file.rfilename and any(fnmatchcase(file.rfilename, p) for p in patterns))
    ]
    return str(found.sha), files


def bring(client: httpx.Client, url: str, file: RemoteFile, folder: Path) -> None:
    """Bring one file, from where an earlier try ended.

    Raises:
        httpx.HTTPError: the hub refuses, or several tries in a row brought nothing.
    """
    place = folder / file.name
    place.parent.mkdir(parents=True, exist_ok=True)
    if file.sha256 and place.exists() and place.stat().st_size == file.size:
        return
    part = folder / f"{file.name}.{file.sha256[:12] or 'small'}.part"
    if not file.sha256:
        part.unlink(missing_ok=True)  # nothing tells whether its beginning is of this revision
    failures = 0
    while (before := _size(part)) < file.size:
        fault = _append(client, url, part)
        failures = 0 if _size(part) > before else failures + 1
        if failures == _TRIES:
            raise fault or httpx.ReadError(f"{file.name} has no end")
        time.sleep(failures)
    part.touch()
    part.replace(place)


def main(repository: str, revision: str, folder: Path, patterns: Sequence[str]) -> None:
    """Write the listing beside `folder`, then bring the files into it."""
    commit, files = list_files(repository, revision, patterns)
    folder.mkdir(parents=True, exist_ok=True)
    listing = {"revision": commit, "files": [asdict(file) for file in files]}
    (folder.parent / LISTING).write_text(json.dumps(listing), "utf-8")
    _check_room(files, folder)
    with httpx.Client(headers=_headers(), timeout=_PATIENCE, follow_redirects=True) as client:
        for file in files:
            bring(client, huggingface_hub.hf_hub_url(repository, file.name, revision=commit), file, folder)


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
