"""Where a suite's file comes from: what the user gives, what was downloaded, or its origin, verified."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from jupyter_oci.errors import ConfigError
from jupyter_oci.evaluation.data import DSEVAL, HUMANEVAL_FIX, HUMANEVAL_PLUS, Files, SuiteFile, are_published
from jupyter_oci.evaluation.sessions.origin import Origin
from jupyter_oci.evaluation.sessions.suite import read_sessions

CONTENT = b'{"task_id": "a/1"}\n'
SHA256 = hashlib.sha256(CONTENT).hexdigest()


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *args: object) -> None:
        """Say nothing."""


@pytest.fixture
def origin(tmp_path: Path) -> Iterator[str]:
    """Serve a file over HTTP."""
    folder = tmp_path / "origin"
    folder.mkdir()
    (folder / "problems.jsonl").write_bytes(CONTENT)
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(_Quiet, directory=str(folder))) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/problems.jsonl"
        server.shutdown()


def test_a_file_is_downloaded_once_verified_and_kept(origin: str, tmp_path: Path) -> None:
    file = SuiteFile("suite", "problems.jsonl", SHA256, origin)
    files = Files(cache=tmp_path / "cache")
    path = files.path(file)
    assert path.read_bytes() == CONTENT
    assert files.used == {"problems.jsonl": SHA256}
    (tmp_path / "origin" / "problems.jsonl").unlink()
    assert Files(cache=tmp_path / "cache").path(file) == path


def test_a_file_that_was_changed_is_downloaded_again(origin: str, tmp_path: Path) -> None:
    file = SuiteFile("suite", "problems.jsonl", SHA256, origin)
    path = Files(cache=tmp_path).path(file)
    path.write_bytes(b"changed")
    assert Files(cache=tmp_path).path(file).read_bytes() == CONTENT


@pytest.mark.parametrize(
    ("sha256", "place", "message"),
    [("0" * 64, "problems.jsonl", "not the published file"), (SHA256, "gone.jsonl", "cannot be downloaded")],
)
def test_what_is_not_the_published_file_is_not_kept(origin: str, tmp_path: Path, sha256: str, place: str, message: str) -> None:
    file = SuiteFile("suite", "problems.jsonl", sha256, origin.replace("problems.jsonl", place))
    with pytest.raises(ConfigError, match=message):
        Files(cache=tmp_path / "cache").path(file)
    assert not list((tmp_path / "cache").rglob("*.jsonl"))


def test_a_file_without_an_origin_is_asked_for(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="say with --data where your copy of dseval is"):
        Files(cache=tmp_path).path(SuiteFile("dseval", "mine.jsonl"))


@pytest.mark.parametrize("part", DSEVAL)
def test_every_part_of_dseval_that_is_offered_can_be_downloaded(part: str) -> None:
    assert DSEVAL[part].make is not None
    assert DSEVAL[part].url.endswith(f"/benchmarks/{part}")


def test_a_given_folder_or_file_is_read_in_place(tmp_path: Path) -> None:
    name = HUMANEVAL_PLUS.name
    (tmp_path / name).write_bytes(b"flat")
    assert Files(tmp_path).path(HUMANEVAL_PLUS) == tmp_path / name
    (tmp_path / "humanevalplus").mkdir()
    (tmp_path / "humanevalplus" / name).write_bytes(b"in a folder")
    assert Files(tmp_path).path(HUMANEVAL_PLUS) == tmp_path / "humanevalplus" / name
    mine = tmp_path / "mine.jsonl"
    mine.write_bytes(CONTENT)
    assert Files(mine).path(HUMANEVAL_PLUS) == mine
    assert Files(mine).path_if_given(HUMANEVAL_FIX) is None
    assert Files(tmp_path).path_if_given(HUMANEVAL_FIX) is None
    with pytest.raises(ConfigError, match=r"there is no .*humanevalfix.* or .*humanevalpack_python"):
        Files(tmp_path).path(HUMANEVAL_FIX)


def test_what_sessions_read_is_part_of_what_results_are_of(tmp_path: Path) -> None:
    inputs = tmp_path / "dseval" / "inputs" / "exercise"
    inputs.mkdir(parents=True)
    (inputs.parents[1] / "exercise.jsonl").write_bytes(CONTENT)
    (inputs / "drinks.csv").write_bytes(CONTENT)
    files = Files(tmp_path)
    files.path(DSEVAL["exercise"])
    assert files.used == {"exercise.jsonl": SHA256, "inputs/drinks.csv": SHA256}
    published = {"exercise.jsonl": DSEVAL["exercise"].sha256}
    (drinks,) = [each.sha256 for each in DSEVAL["exercise"].beside if each.name == "drinks.csv"]
    assert are_published(published | {"inputs/drinks.csv": drinks, "inputs/US_Baby_Names_right.csv": SHA256})
    assert not are_published(published | {"inputs/drinks.csv": SHA256})
    assert not are_published({"mine.jsonl": SHA256})


PROGRAM = '''\
# %%
import pandas as pd

# %%
"""
question: |
  How many
  are there?

validator:
  result:
    value_only: true
execution:
  max_time: 3
"""

len(table)

# %%
"""
question: And now?
"""
table.head()
'''


def test_sessions_are_made_of_the_benchmarks_own_programs(origin: str, tmp_path: Path) -> None:
    host = origin.rpartition("/")[0]
    (tmp_path / "origin" / "towns.py").write_text(PROGRAM)
    made = Origin(host, "Small", ("towns",), {})
    content = made.assembled(lambda url: (tmp_path / "origin" / url.rpartition("/")[2]).read_bytes())
    beside = SuiteFile("dseval/inputs/small", "problems.jsonl", SHA256, origin)
    file = SuiteFile("dseval", "small.jsonl", hashlib.sha256(content).hexdigest(), host, made.assembled, (beside,))
    path = Files(cache=tmp_path / "cache").path(file)
    assert (path.parent / "inputs" / "small" / "problems.jsonl").read_bytes() == CONTENT
    (session,) = read_sessions(path)
    assert [cell.question for cell in session.cells] == ["", "How many\nare there?\n", "And now?"]
    assert [cell.code for cell in session.cells] == ["import pandas as pd", "len(table)", "table.head()"]
    assert session.cells[1].seconds == 3
    assert session.cells[1].validators == {"crash": None, "namespace_intact": None, "result": {"value_only": True}}
    assert list(session.problems) == ["towns/1", "towns/2"]
