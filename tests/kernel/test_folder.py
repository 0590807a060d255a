"""The files of data in the kernel's folder, read without a line of the user's code."""

import os
import time
from pathlib import Path

import pytest

from jupyter_oci.kernel import folder
from jupyter_oci.kernel.base import DataFile
from jupyter_oci.kernel.launch import launch_kernel


@pytest.fixture
def data(tmp_path: Path) -> Path:
    files = {
        "sales.csv": "\ufeffday,amount\n2024-01-01,3\n",
        "raw/shops.tsv": "id\tcity\n",
        "config.json": "{}",
        "latin.csv": b"caf\xe9,b\n",
        "notes.ipynb": "{}",
        ".hidden.csv": "a",
        "raw/deep/er.csv": "a",
        ".cache/x.csv": "a",
    }
    for age, (name, text) in enumerate(files.items()):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True, parents=True)
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        os.utime(path, (1e9 - age, 1e9 - age))
    (tmp_path / "a folder.csv").mkdir()
    (tmp_path / "gone.csv").symlink_to(tmp_path / "nowhere")
    os.mkfifo(tmp_path / "pipe.csv")
    return tmp_path


FOUND = [
    DataFile("sales.csv", "day,amount"),
    DataFile("raw/shops.tsv", "id\tcity"),
    DataFile("config.json"),
    DataFile("latin.csv"),
]


def test_a_kernel_tells_the_files_of_data_in_its_folder_newest_first(data: Path):
    with launch_kernel(cwd=data) as session:
        assert list(session.files()) == FOUND
        steps = session.execute("cell", "import os, time; os.chdir('raw'); time.sleep(1.5)")
        while next(steps) is None or not session.files():
            pass  # a busy kernel tells them as well
        list(steps)
        assert [file.path for file in session.files()] == ["shops.tsv", "deep/er.csv"]
        names = [
            event.message for event in session.execute("cell", "dir()") if event is not None and event.type == "kernel_output"
        ]
        assert "folder" not in str(names)
        assert "data_files" not in str(names)


def test_a_folder_of_many_files_costs_the_time_that_it_may(data: Path, monkeypatch: pytest.MonkeyPatch):
    for number in range(3000):
        (data / f"{number}.csv").write_text("a,b")
    monkeypatch.chdir(data)
    began = time.monotonic()
    assert len(folder.answer(10.0)) > folder.MOST_FILES
    assert folder.answer(0.0) == "[]"
    assert time.monotonic() - began < 10


def test_a_folder_that_cannot_be_read_holds_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    inner = tmp_path / "inner"
    inner.mkdir()
    monkeypatch.chdir(inner)
    inner.rmdir()
    assert folder.answer(1.0) == "[]"
