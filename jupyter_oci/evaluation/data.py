"""Where the files of the suites are: what the user gives, what was downloaded before, or their public origin."""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

from ..errors import ConfigError
from ..model.download import default_cache_dir
from .sessions.origin import Fetch, read_origins
from .sessions.suite import inputs_of

_GITHUB = "https://raw.githubusercontent.com"
_PATIENCE = 60.0  # seconds without a byte


@dataclass(frozen=True, slots=True)
class SuiteFile:
    """A file of a suite: its place below a data folder, its digest as published, and its origin; empty: it has none.

    `make` makes it of other files, for which it is given what fetches them; `beside` are files that go with it.
    """

    folder: str
    name: str
    sha256: str = ""
    url: str = ""
    make: Callable[[Fetch], bytes] | None = None
    beside: tuple[SuiteFile, ...] = ()


HUMANEVAL = SuiteFile(
    "humaneval",
    "HumanEval.jsonl.gz",
    "b796127e635a67f93fb35c04f4cb03cf06f38c8072ee7cee8833d7bee06979ef",
    f"{_GITHUB}/openai/human-eval/6d43fb980f9fee3c892a914eda09951f772ad10d/data/HumanEval.jsonl.gz",
)
HUMANEVAL_PLUS = SuiteFile(
    "humanevalplus",
    "HumanEvalPlus-v0.1.9.jsonl.gz",
    "e62f4130146963d969da64553f407a66e52d095adbfed4ee6733b4d59e14a3ed",
    f"{_GITHUB}/evalplus/humanevalplus_release/1e96903185780a2659be407d0ecdc5650e3957e8/HumanEvalPlus.jsonl.gz",
)
MBPP_PLUS = SuiteFile(
    "mbppplus",
    "MbppPlus-v0.1.0.jsonl.gz",
    "57d639e77667d88930052b2b07212011c25c0bab94dfc1f19d15e1f7f558bfa9",
    f"{_GITHUB}/evalplus/mbppplus_release/3f0efe4ee7457d4718bd997c01697a1e9157e40c/MbppPlus.jsonl.gz",
)
HUMANEVAL_FIX = SuiteFile(
    "humanevalfix",
    "humanevalpack_python.jsonl",
    "b1376d72be4bd016a62ad043d9de3846edb8d63edf1222da802a31330c14c3a7",
    f"{_GITHUB}/bigcode-project/octopack/e17a8f6470264286bc6a52eb8263582083bf3bf6"
    "/evaluation/create/humaneval-x/data/python/data/humanevalpack.jsonl",
)


def _sessions(part: str, sha256: str) -> SuiteFile:
    origin = read_origins(_GITHUB)[part]
    folder = f"dseval/inputs/{part}"
    inputs = tuple(SuiteFile(folder, name, digest, f"{origin.url}/_inputs/{name}") for name, digest in origin.inputs.items())
    return SuiteFile("dseval", f"{part}.jsonl", sha256, origin.url, origin.assembled, inputs)


DSEVAL = {
    "exercise": _sessions("exercise", "45805085abbc7dc7a7eed99a42c1740924e13c67cee132d87e35a85fbec22e34"),
    "leetcode": _sessions("leetcode", "c500ee82d4aacd20c6459c0818019f783e3c5a1ce4e8a91c1eda7e935019f4af"),
    "so": _sessions("so", "e85da9746f419094a7f54ee1e9e6ae9149d4ec9794b95f34f0d0575f8da974ff"),
}
"""Sessions as JSON lines, made of the benchmark's own files. Kaggle, which scores models and hides names, is not done here."""

INPUTS = "inputs/"
"""What the names of files that sessions read begin with."""

PUBLISHED_FILES = {file.name: file.sha256 for file in (HUMANEVAL, HUMANEVAL_PLUS, MBPP_PLUS, HUMANEVAL_FIX, *DSEVAL.values())} | {
    f"{INPUTS}{each.name}": each.sha256 for file in DSEVAL.values() for each in file.beside
}


def are_published(files: Mapping[str, str]) -> bool:
    """Tell whether these files of suites, name to SHA-256, are all as published; inputs that nobody published may be any."""
    return all(PUBLISHED_FILES.get(name, sha256 if name.startswith(INPUTS) else "") == sha256 for name, sha256 in files.items())


class Files:
    """Finds the files of suites. `used` maps the name of each that was asked for to its SHA-256.

    `given` is a file, or a folder that holds the files as they are or in a folder per suite; it may hold other problems of the
    same form. Without it they are looked for in `cache`, and downloaded into it.
    """

    def __init__(self, given: Path | None = None, cache: Path | None = None) -> None:
        self.used: dict[str, str] = {}
        self._given = given
        self._cache = cache or default_cache_dir() / "evaluation"

    def path(self, file: SuiteFile) -> Path:
        """Give the file's path.

        Raises:
            ConfigError: it is not where the user said, or cannot be downloaded.
        """
        path = self._downloaded(file) if self._given is None else _found(file, self._given)
        self.used[file.name] = _digest(path)
        if file.beside:
            inputs = sorted(each for each in inputs_of(path).glob("*") if each.is_file())
            self.used |= {f"{INPUTS}{each.name}": _digest(each) for each in inputs}
        return path

    def path_if_given(self, file: SuiteFile) -> Path | None:
        """Give the path of a file that another one can do without; None: the user gave data and not this file."""
        absent = self._given is not None and (self._given.is_file() or not any(map(Path.is_file, _places(file, self._given))))
        return None if absent else self.path(file)

    def _downloaded(self, file: SuiteFile) -> Path:
        for each in file.beside:
            self._downloaded(each)
        path = self._cache / file.folder / file.name
        if not path.is_file() or _digest(path) != file.sha256:
            _download(file, path)
        return path


def _found(file: SuiteFile, given: Path) -> Path:
    places = _places(file, given)
    for place in places:
        if place.is_file():
            return place
    raise ConfigError(f"--data {given}: there is no {' or '.join(map(str, places))}.")


def _places(file: SuiteFile, given: Path) -> tuple[Path, ...]:
    return (given,) if given.is_file() else (given / file.folder / file.name, given / file.name)


def _download(file: SuiteFile, path: Path) -> None:
    """Bring the file to its place, whole and verified, or not at all."""
    if not file.url:
        raise ConfigError(f"{file.name} cannot be downloaded as it is: say with --data where your copy of {file.folder} is.")
    content = _fetched(file.url) if file.make is None else file.make(_fetched)
    if hashlib.sha256(content).hexdigest() != file.sha256:
        raise ConfigError(f"{file.url} is not the published file (its SHA-256 differs). Say with --data where your copy is.")
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent)
    with os.fdopen(handle, "wb") as staged:
        staged.write(content)
    Path(name).replace(path)


def _fetched(url: str) -> bytes:
    try:
        with urlopen(url, timeout=_PATIENCE) as response:  # noqa: S310 - one of the addresses above
            content: bytes = response.read()
    except (URLError, OSError) as error:
        reason = getattr(error, "reason", error)
        raise ConfigError(f"{url} cannot be downloaded ({reason}). Say with --data where your copy is.") from error
    return content


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
