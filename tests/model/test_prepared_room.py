"""Weights that cannot be prepared for want of disk: one sentence, no half file, and what was there before stays."""

from __future__ import annotations

import errno
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from tiny_models import save_tiny

from jupyter_oci.errors import ModelLoadError
from jupyter_oci.model import int8, prepared
from jupyter_oci.model.checkpoint import Checkpoint, count_weights
from jupyter_oci.model.local import LocalModel
from jupyter_oci.model.needs import packed_bytes
from jupyter_oci.model.prepared import load_prepared, prepare

in_8 = pytest.mark.skipif(not int8.is_exact(), reason="no exact 8-bit kernel for this CPU")


@pytest.fixture
def checkpoint(tmp_path: Path) -> Checkpoint:
    return Checkpoint.find(save_tiny(tmp_path / "model"))


def quiet(detail: str, fraction: float | None) -> None:
    pass


def free_disk(monkeypatch: pytest.MonkeyPatch, free: int) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=free))


@contextmanager
def files_no_larger_than(size: int) -> Iterator[None]:
    """Have every write beyond fail, as it does on a full disk."""
    import resource

    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


@pytest.mark.skipif(sys.platform == "win32", reason="limits of a process")
@pytest.mark.parametrize("share", [0.5, 0.01], ids=["weights", "tokenizer"])
def test_what_cannot_be_written_is_said_and_leaves_nothing(checkpoint: Checkpoint, tmp_path: Path, share: float) -> None:
    size = (prepare(checkpoint, tmp_path / "elsewhere", quiet, 4) / "int4.safetensors").stat().st_size
    cannot = r"cannot be stored in .*prepared \(.*too large.*\)\. Make room there, or choose the device 'cpu-16bit'"
    with files_no_larger_than(int(share * size)), pytest.raises(ModelLoadError, match=cannot):
        prepare(checkpoint, tmp_path / "cache", quiet, 4)
    assert not list((tmp_path / "cache" / "prepared").iterdir())
    assert prepare(checkpoint, tmp_path / "cache", quiet, 4).is_dir()


@pytest.mark.skipif(sys.platform == "win32", reason="its folders cannot be closed so")
def test_a_folder_that_cannot_be_made_is_said(checkpoint: Checkpoint, tmp_path: Path) -> None:
    (tmp_path / "cache").touch()
    with pytest.raises(ModelLoadError, match="cannot be stored in"):
        prepare(checkpoint, tmp_path / "cache", quiet, 4)


@in_8
def test_the_4_bits_stay_where_the_8_bits_cannot_be_finished(
    checkpoint: Checkpoint, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(folder: Path) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    place = prepare(checkpoint, tmp_path, quiet, 4)
    before = (place / "int4.safetensors").read_bytes()
    monkeypatch.setattr(prepared, "write_through", full)
    with pytest.raises(ModelLoadError, match="No space left on device"):
        prepare(checkpoint, tmp_path, quiet, 8)
    assert (place / "int4.safetensors").read_bytes() == before
    assert list(place.parent.iterdir()) == [place]


@in_8
def test_the_8_bits_are_left_out_where_the_disk_has_no_room_for_them(
    checkpoint: Checkpoint, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    reports: list[str] = []

    def prepared_in_8() -> Path:
        reports.clear()
        return prepare(checkpoint, tmp_path, lambda detail, _: reports.append(detail), 8)

    free_disk(monkeypatch, packed_bytes(count_weights(checkpoint.config()), 8) - 1)
    place = prepared_in_8()
    assert [file.name for file in place.glob("*.safetensors")] == ["int4.safetensors"]
    assert any("no room for the weights in 8 bits" in report for report in reports)
    free_disk(monkeypatch, 0)
    prepared_in_8()
    assert not any("first time" in report for report in reports), "the model is not read again for what cannot be stored"
    assert prepared._with_room(8, place) == 4
    load_prepared(place, 4)
    monkeypatch.undo()
    prepared_in_8()
    assert (place / "int8.safetensors").is_file()


def test_a_disk_without_room_for_the_4_bits_is_said_before_the_weights_are_read(
    checkpoint: Checkpoint, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unread(*_: Any) -> None:
        raise AssertionError("the weights were read")

    monkeypatch.setattr(Checkpoint, "weights", unread)
    free_disk(monkeypatch, 1000)
    with pytest.raises(ModelLoadError, match=r"need 0\.0 GB in .*, only 0\.0 GB are free\. Make room there, or choose"):
        prepare(checkpoint, tmp_path, quiet, 4)


def test_the_cure_needs_no_room(checkpoint: Checkpoint, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    free_disk(monkeypatch, 0)
    LocalModel.load(checkpoint.path, 1, tmp_path / "cache", quiet, 2048, "cpu-16bit")
    assert not (tmp_path / "cache").exists()
