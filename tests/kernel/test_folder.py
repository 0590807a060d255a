"""The files of data in the kernel's folder, read without a line of the user's code."""

import json
import os
import time
from pathlib import Path

import pytest

from jupyter_oci.config import KernelConfig
from jupyter_oci.kernel import folder
from jupyter_oci.kernel.base import DataFile
from jupyter_oci.kernel.launch import launch_kernel


@pytest.fixture
def data(tmp_path: Path) -> Path:
    files = {
        "sales.csv": "\ufeffday,amount\n2024-01-01,3\n",
        "raw/shops.tsv": "id\tcity\n",
        "config.json": "{}",
        "latin.csv": b"name,b\ncaf\xe9,1\n",
        "utf16.csv": "a,b\n".encode("utf-16"),
        "no_header.csv": "Ann,31\n",
        "rootkey.csv": "id,key\n",
        "wide.csv": ",".join(f"measurement_{number}" for number in range(30)),
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
    (tmp_path / "loop.csv").symlink_to(tmp_path / "loop.csv")
    (tmp_path / "two\nlines.csv").touch()
    Path(os.fsdecode(bytes(tmp_path) + b"/caf\xe9.csv")).touch()
    os.mkfifo(tmp_path / "pipe.csv")
    return tmp_path


FOUND = [
    DataFile("sales.csv", "day,amount"),
    DataFile("raw/shops.tsv", "id\tcity"),
    DataFile("config.json"),
    DataFile("latin.csv", "name,b"),
    DataFile("utf16.csv"),
    DataFile("no_header.csv"),
    DataFile("rootkey.csv"),
    DataFile("wide.csv", ",".join(f"measurement_{number}" for number in range(10)) + ",..."),
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


def test_no_code_of_the_users_runs(data: Path):
    with launch_kernel(cwd=data) as session:
        list(session.execute("cell", "import builtins; called = []; builtins.open = lambda *a, **k: called.append(a)"))
        assert list(session.files()) == FOUND
        told = [
            event.message for event in session.execute("cell", "called") if event is not None and event.type == "kernel_output"
        ]
        assert "'[]'" in str(told)


def test_the_newest_of_many_files_are_told(data: Path, monkeypatch: pytest.MonkeyPatch):
    for number in range(3000):
        (data / f"{number}.png").touch()
        os.utime(data / f"{number}.png", (1e9, 1e9 + number))
    monkeypatch.chdir(data)
    found = [path for path, *_ in json.loads(folder.answer(10.0))]
    assert found == [f"{number}.png" for number in range(2999, 2999 - folder.MOST_FILES, -1)]


def test_a_kernel_tells_what_is_in_files_that_a_request_names(data: Path):
    source = "def tidy(df): ...\nraise SystemExit('it was run')\n"
    (data / "helpers.py").write_text(source)
    os.utime(data / "helpers.py", (1e8, 1e8))
    with launch_kernel(KernelConfig(variables_budget=5.0), data) as session:
        told = list(session.files("tidy what is in sales.csv with helpers.py"))
    assert told == [
        DataFile("sales.csv", "day,amount", "day,amount\n2024-01-01,3"),
        *FOUND[1:],
        DataFile("helpers.py", "", source),
    ]


def test_a_file_that_is_named_is_told_among_many_newer_ones(data: Path, monkeypatch: pytest.MonkeyPatch):
    for number in range(60):
        (data / f"{number}.csv").touch()
    monkeypatch.chdir(data)
    assert ["latin.csv", "name,b", "name,b"] in json.loads(folder.answer(10.0, "latin.csv"))
    assert "latin.csv" not in folder.answer(10.0, "latin")


def test_a_folder_that_is_far_away_is_not_waited_for(monkeypatch: pytest.MonkeyPatch):
    def hang(_: str) -> None:
        time.sleep(1)
        raise TimeoutError

    monkeypatch.setattr(folder.os, "scandir", hang)
    began = time.monotonic()
    assert folder.answer(0.1) == "[]"
    assert time.monotonic() - began < 0.9


def test_a_folder_that_cannot_be_read_holds_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    inner = tmp_path / "inner"
    inner.mkdir()
    monkeypatch.chdir(inner)
    inner.rmdir()
    assert folder.answer(1.0) == "[]"
