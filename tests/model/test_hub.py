"""Weights from a hub: at the commit that a revision means, checked, through a mirror, and going on after a cut."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
from pathlib import Path

import psutil
import pytest
from hub_server import COMMIT, Repository, hub

from jupyter_oci.errors import ModelLoadError, Stopped
from jupyter_oci.model.catalogue import find
from jupyter_oci.model.download import downloaded, fetch, is_available, remove, where_from
from jupyter_oci.model.integrity import Origin, check_checksums

SPEC = find("owner/name")
WEIGHTS = bytes(range(256)) * 40
FILES = {"config.json": b"{}", "model.safetensors": WEIGHTS, "README.md": b"not wanted", "pytorch_model.bin": b"a pickle"}


def silent(detail: str, fraction: float | None) -> None:
    """Report to nobody."""


def resumed(repository: Repository) -> list[str]:
    return [asked for path, asked in repository.asked if path.endswith("model.safetensors")]


def begin(cache: Path) -> Path:
    """Leave what a download of `FILES` had brought when it was cut off; give the folder."""
    (folder := cache / "partial" / "owner--name" / "hub" / "files").mkdir(parents=True)
    (folder.parent / "listing.json").write_text(json.dumps({"revision": COMMIT, "files": []}))
    (folder / "config.json").write_bytes(FILES["config.json"])
    (folder / f"model.safetensors.{hashlib.sha256(WEIGHTS).hexdigest()[:12]}.part").write_bytes(WEIGHTS[:5000])
    return folder


def test_what_is_wanted_comes_from_the_mirror_and_where_it_is_from_is_noted(tmp_path: Path) -> None:
    said: list[tuple[str, float | None]] = []
    with hub(Repository(FILES)) as url:
        folder = fetch(SPEC, tmp_path, lambda *progress: said.append(progress), mirror=url)
    assert {file.name for file in folder.iterdir()} == {"config.json", "model.safetensors", "origin.json"}
    assert (folder / "model.safetensors").read_bytes() == WEIGHTS
    sha256 = hashlib.sha256(WEIGHTS).hexdigest()
    assert where_from(SPEC, tmp_path) == Origin(f"{url}: owner/name", COMMIT, {"model.safetensors": sha256})
    assert said[-1] == ("Checking name", 1.0)


def test_a_file_in_a_folder_of_the_repository_is_brought_and_checked_later_too(tmp_path: Path) -> None:
    files = {"q8/some-q8_0.gguf": WEIGHTS, "q4/some-q8_0.gguf": b"another"}
    spec = find("owner/name/q8/some-q8_0.gguf")
    with hub(Repository(files, weights=tuple(files))) as url:
        file = fetch(spec, tmp_path, silent, mirror=url)
    assert (file.name, file.read_bytes()) == ("some-q8_0.gguf", WEIGHTS)
    check_checksums([file])
    file.write_bytes(WEIGHTS[:-1] + b"x")
    with pytest.raises(ModelLoadError, match="damaged"):
        check_checksums([file])


def test_a_cut_is_gone_on_from_at_once(tmp_path: Path) -> None:
    repository = Repository(FILES, cuts=2)
    with hub(repository) as url:
        folder = fetch(SPEC, tmp_path, silent, mirror=url)
    assert (folder / "model.safetensors").read_bytes() == WEIGHTS
    assert resumed(repository) == ["", "bytes=1000-", "bytes=2000-"]


def test_what_came_before_a_stop_is_not_fetched_again(tmp_path: Path) -> None:
    (partial := tmp_path / "partial" / "owner--name" / "hub" / "files").mkdir(parents=True)
    (partial / f"model.safetensors.{hashlib.sha256(WEIGHTS).hexdigest()[:12]}.part").write_bytes(WEIGHTS[:5000])
    with hub(Repository(FILES)) as url, pytest.raises(Stopped):
        fetch(SPEC, tmp_path, silent, lambda: True, mirror=url)
    assert not is_available(SPEC, tmp_path)
    with hub(whole := Repository(FILES)) as url:
        fetch(SPEC, tmp_path, silent, mirror=url)
    assert resumed(whole) == ["bytes=5000-"]


FETCHING = """
import sys
from pathlib import Path
from jupyter_oci.model.catalogue import find
from jupyter_oci.model.download import fetch

fetch(find("owner/name"), Path(sys.argv[1]), lambda *_: None, mirror=sys.argv[2])
"""


def test_a_download_ends_with_the_process_that_wanted_it(tmp_path: Path) -> None:
    with hub(repository := Repository(FILES, cuts=1, stalls=True)) as url:
        wanting = subprocess.Popen([sys.executable, "-c", FETCHING, tmp_path, url])
        assert repository.stalled.wait(60)
        children = psutil.Process(wanting.pid).children(recursive=True)
        assert "jupyter_oci.model.hub" in children[0].cmdline()
        wanting.kill()
        wanting.wait()
        assert psutil.wait_procs(children, timeout=20)[1] == []


def test_other_bytes_than_the_hub_says_never_become_the_model(tmp_path: Path) -> None:
    class Poisoned(Repository):
        def described(self, commit):
            known = super().described(commit)
            known["siblings"][1]["lfs"]["sha256"] = "0" * 64
            return known

    with hub(Poisoned(FILES)) as url, pytest.raises(ModelLoadError, match="not the published one"):
        fetch(SPEC, tmp_path, silent, mirror=url)
    assert not is_available(SPEC, tmp_path)
    with hub(whole := Repository(FILES)) as url:
        fetch(SPEC, tmp_path, silent, mirror=url)
    assert resumed(whole) == [""]


def test_a_small_file_that_is_not_the_one_that_the_hub_names_is_refused(tmp_path: Path) -> None:
    class Changed(Repository):
        def at(self, commit):
            return (
                {**super().at(commit), "config.json": b"[]"} if self.asked[-1][0].endswith("config.json") else super().at(commit)
            )

    with hub(Changed(FILES)) as url, pytest.raises(ModelLoadError, match=r"config\.json is not the published one"):
        fetch(SPEC, tmp_path, silent, mirror=url)
    assert not is_available(SPEC, tmp_path)
    with hub(Repository(FILES)) as url:
        assert (fetch(SPEC, tmp_path, silent, mirror=url) / "config.json").read_bytes() == b"{}"


def test_what_was_begun_is_gone_on_with_at_its_commit(tmp_path: Path) -> None:
    begin(tmp_path)
    newer = {**FILES, "config.json": b"[1]", "model.safetensors": WEIGHTS[::-1]}
    with hub(later := Repository(newer, commit="f" * 40, earlier={COMMIT: FILES})) as url:
        folder = fetch(SPEC, tmp_path, silent, mirror=url)
    assert (folder / "config.json").read_bytes() == b"{}"
    assert (folder / "model.safetensors").read_bytes() == WEIGHTS
    assert resumed(later) == ["bytes=5000-"]
    assert "config.json" not in {path.rpartition("/")[2] for path, _ in later.asked}
    assert (origin := where_from(SPEC, tmp_path)) is not None
    assert origin.revision == COMMIT


def test_a_commit_that_the_hub_has_no_more_gives_way_to_the_newest(tmp_path: Path) -> None:
    (begin(tmp_path) / "model.safetensors").write_bytes(WEIGHTS)
    newer = {"config.json": b"[1]", "model.safetensors": WEIGHTS[::-1]}
    with hub(Repository(newer, commit="f" * 40)) as url:
        folder = fetch(SPEC, tmp_path, silent, mirror=url)
    assert {name: (folder / name).read_bytes() for name in newer} == newer
    assert (origin := where_from(SPEC, tmp_path)) is not None
    assert origin.revision == "f" * 40


@pytest.mark.parametrize("files", [{}, {"config.json": b"{}", "pytorch_model.bin": b"a pickle"}])
def test_a_repository_without_weights_of_ours_is_said(tmp_path: Path, files: dict[str, bytes]) -> None:
    with hub(Repository(files)) as url, pytest.raises(ModelLoadError, match=r"owner/name holds no safetensors weights"):
        fetch(SPEC, tmp_path, silent, mirror=url)


def test_a_name_that_the_hub_does_not_know_is_said(tmp_path: Path) -> None:
    with hub(Repository(FILES)) as url, pytest.raises(ModelLoadError, match=r"Hugging Face Hub: .*404"):
        fetch(find("owner/other"), tmp_path, silent, mirror=url)


@pytest.mark.parametrize("name", ["owner/name", "owner/name@v1.0", "owner/name/some-q8_0.gguf"])
def test_what_was_downloaded_by_a_name_is_listed_by_it_until_it_is_removed(tmp_path: Path, name: str) -> None:
    assert downloaded(tmp_path) == []
    with hub(Repository({**FILES, "some-q8_0.gguf": WEIGHTS}, weights=("model.safetensors", "some-q8_0.gguf"))) as url:
        fetch(find(name), tmp_path, silent, mirror=url)
    (spec,) = downloaded(tmp_path)
    assert (spec.name, spec.sources) == (name, find(name).sources)
    assert spec.download_bytes >= len(WEIGHTS)
    assert spec.memory_bytes > 0
    remove(spec, tmp_path)
    assert downloaded(tmp_path) == []


def test_neither_the_catalogue_nor_what_lies_about_is_listed_again(tmp_path: Path) -> None:
    for name in ("m-a-p--OpenCodeInterpreter-DS-6.7B", "owner--name", "some--thing--else"):
        (tmp_path / "models" / name).mkdir(parents=True)
    (tmp_path / "models" / "m-a-p--OpenCodeInterpreter-DS-6.7B" / "files").mkdir()
    assert downloaded(tmp_path) == []
