"""`jupyter oci run` on real kernels, with a scripted model."""

import errno
import io
import json
import os
import sys
import tempfile
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbformat import NotebookNode, v4

from jupyter_oci.cli import main
from jupyter_oci.cli.files import NotebookFile
from jupyter_oci.config import ModelConfig
from jupyter_oci.model.scripted import ScriptedModel

FAILS = "```python\nprint(number / 0)\n```"
WORKS = "```python\nprint('the answer', number * 2)\n```"
SUMMARY = "It is 42."


@pytest.fixture
def path(tmp_path: Path) -> Path:
    file = tmp_path / "work.ipynb"
    save(file, v4.new_notebook(cells=[v4.new_code_cell("number = 21", id="given")]))
    return file


def save(file: Path, notebook: NotebookNode) -> None:
    nbformat.write(notebook, file)


def read(file: Path) -> NotebookNode:
    return nbformat.read(file, as_version=4)


def oci(*words: object, replies: Any = (WORKS, SUMMARY)) -> int:
    return main([str(word) for word in words], model_factory=lambda config: ScriptedModel(replies))


def events(printed: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in printed.splitlines()]


def test_the_notebook_gets_the_cell_and_its_output(path: Path) -> None:
    assert oci("run", path, "double it") == 0
    given, written = read(path).cells
    assert given.id == "given"
    assert written.source == "print('the answer', number * 2)"
    assert written.outputs[0].text == "the answer 42\n"
    assert written.execution_count


def test_a_failing_cell_is_revised_in_place(path: Path) -> None:
    assert oci("run", path, "double it", replies=(FAILS, WORKS, SUMMARY)) == 0
    assert [cell.source for cell in read(path).cells] == ["number = 21", "print('the answer', number * 2)"]


def test_the_exit_code_tells_that_the_code_never_ran_well(path: Path) -> None:
    assert oci("run", path, "double it", "--rounds", 1, replies=(FAILS,)) == 1
    assert "ZeroDivisionError" in json.dumps(read(path).cells[1].outputs)


def test_an_answer_without_code_is_no_success_of_code(path: Path) -> None:
    assert oci("run", path, "what is this?", replies=(SUMMARY,)) == 1
    assert len(read(path).cells) == 1


def test_the_terminal_says_which_variables_were_made_and_changed(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code = "```python\nnumber = 3\nother = 4\nprint(number)\n```"
    assert oci("run", path, "set it", replies=(code, "It is 3.")) == 0
    assert "Variables since the request: number: 21 → 3 other: int 4" in " ".join(capsys.readouterr().out.split())


def test_json_lines_end_with_run_finished_and_hold_nothing_else(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert oci("run", path, "double it", "--json") == 0
    lines = events(capsys.readouterr().out)
    assert [line["seq"] for line in lines] == list(range(1, len(lines) + 1))
    assert lines[0]["type"] == "run_started"
    assert (lines[-1]["type"], lines[-1]["status"]) == ("run_finished", "done")
    assert lines[-1]["rounds"] >= 1


def test_output_goes_elsewhere_and_leaves_the_notebook_as_it_is(path: Path, tmp_path: Path) -> None:
    before = path.read_bytes()
    assert oci("run", path, "double it", "--output", tmp_path / "other.ipynb") == 0
    assert path.read_bytes() == before
    assert len(read(tmp_path / "other.ipynb").cells) == 2


def test_without_replay_only_the_cells_run_that_are_needed(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    unneeded = v4.new_code_cell("print('unneeded')", id="unneeded")
    save(path, v4.new_notebook(cells=[v4.new_code_cell("number = 21", id="given"), unneeded]))
    assert oci("run", path, "double it", "--no-replay") == 0
    given, unneeded, written = read(path).cells
    assert (given.execution_count, unneeded.execution_count, written.execution_count) == (2, None, 3)
    printed = " ".join(capsys.readouterr().out.split())
    assert "`number` comes from another cell, cell `number = 21`, which has not been run: it runs first." in printed
    assert "your cell" in printed
    assert "Writing it anew" in printed


def test_a_cell_that_fails_in_the_replay_is_reported_and_the_run_goes_on(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    save(path, v4.new_notebook(cells=[v4.new_code_cell("1 / 0", id="bad"), v4.new_code_cell("number = 21", id="given")]))
    assert oci("run", path, "double it") == 0
    assert "Cell 1 of the notebook failed: ZeroDivisionError" in capsys.readouterr().err


def test_outputs_that_the_file_holds_survive_the_replay(path: Path) -> None:
    output = v4.new_output("stream", name="stdout", text="from last week\n")
    save(path, v4.new_notebook(cells=[v4.new_code_cell("number = 21", id="given", outputs=[output])]))
    assert oci("run", path, "double it") == 0
    assert read(path).cells[0].outputs[0].text == "from last week\n"


def test_new_cells_go_below_the_cell_that_is_named(path: Path) -> None:
    save(path, v4.new_notebook(cells=[v4.new_code_cell("number = 21", id="one"), v4.new_markdown_cell("end", id="two")]))
    assert oci("run", path, "double it", "--cell", "one") == 0
    assert [cell.cell_type for cell in read(path).cells] == ["code", "code", "markdown"]


def test_what_needs_an_approval_is_skipped_where_nobody_can_be_asked(path: Path, tmp_path: Path) -> None:
    victim = tmp_path / "victim.txt"
    victim.write_text("precious")
    code = f"import os\nos.remove({str(victim)!r})"
    assert oci("run", path, "clean up", replies=(f"```python\n{code}\n```", SUMMARY)) == 1
    assert victim.exists()


@pytest.mark.skipif(find_spec("squarify") is not None, reason="squarify is installed")
def test_a_package_that_nobody_can_be_asked_about_is_done_without(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert oci("run", path, "double it", replies=("```python\nimport squarify\n```", WORKS, SUMMARY)) == 0
    assert "It installs or removes packages: squarify." in capsys.readouterr().err
    assert [cell.source for cell in read(path).cells] == ["number = 21", "print('the answer', number * 2)"]


def test_what_is_typed_at_a_question_and_is_no_answer_changes_the_cell(
    path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    terminal = io.StringIO("print it twice\n y \n")
    monkeypatch.setattr(terminal, "isatty", lambda: True)
    monkeypatch.setattr("sys.stdin", terminal)
    twice = "```python\nprint(number * 2)\nprint(number * 2)\n```"
    assert oci("run", path, "double it", "--ask", replies={"print it twice": [twice, SUMMARY], "": [WORKS]}) == 0
    assert read(path).cells[1].outputs[0].text == "42\n42\n"
    assert "[y/N, or say what to change]" in capsys.readouterr().err


@pytest.mark.parametrize("content", [b"not json", b"[]", b"{}", b'{"nbformat": 4, "cells": 3}', b"\xff\xfe\x00"])
def test_what_is_no_notebook_is_refused_and_left_alone(path: Path, content: bytes, capsys: pytest.CaptureFixture[str]) -> None:
    path.write_bytes(content)
    assert oci("run", path, "double it") == 2
    assert path.read_bytes() == content
    assert capsys.readouterr().err.count("\n") == 1


@pytest.mark.parametrize(
    "words",
    [
        ("run", "{missing}", "go"),
        ("run", "{path}", "go", "--cell", "nowhere"),
        ("run", "{path}", " "),
        ("run", "{path}", "go", "--kernel", "conda-env-old"),
        ("run", "{path}", "go", "--ask"),
        ("run", "{path}", "go", "--output", "{folder}"),
        ("models", "download", "no such model"),
        ("bench", "nothing"),
    ],
)
def test_a_wrong_request_gets_one_clear_line(
    words: tuple[str, ...], path: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = path.read_bytes()
    places = {"path": path, "folder": tmp_path, "missing": tmp_path / "missing.ipynb"}
    assert oci(*(word.format(**places) for word in words)) == 2
    captured = capsys.readouterr()
    assert captured.err.count("\n") == 1
    assert captured.err.startswith("jupyter oci: ")
    assert path.read_bytes() == before


@pytest.mark.parametrize(
    "words", [("run", "n.ipynb", "go", "--rounds", "0"), ("run", "n.ipynb", "go", "--window", "-3"), ("bench", "--threads", "-1")]
)
def test_a_number_below_one_is_refused(words: tuple[str, ...], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="2"):
        oci(*words)
    assert f"argument {words[-2]}: must be a whole number from 1 on" in capsys.readouterr().err


def test_a_notebook_of_another_machine_runs_in_a_kernel_that_is_named(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    notebook = read(path)
    notebook.metadata["kernelspec"] = {"name": "conda-env-old", "display_name": "Old", "language": "python"}
    save(path, notebook)
    assert oci("run", path, "double it") == 2
    assert "no kernel 'conda-env-old' here. Name another one with --kernel (" in capsys.readouterr().err
    assert oci("run", path, "double it", "--kernel", "python3") == 0


def test_a_cell_that_ends_the_kernel_is_named(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    save(path, v4.new_notebook(cells=[v4.new_markdown_cell("Stop here:"), v4.new_code_cell("exit()")]))
    assert oci("run", path, "double it") == 2
    assert "Cell 2 of the notebook ended the kernel. Take it out, or give --no-replay." in capsys.readouterr().err


def test_a_notebook_with_a_byte_order_mark_is_read(path: Path) -> None:
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())
    assert [cell.id for cell in NotebookFile.read(path).notebook.cells] == ["given"]


@pytest.mark.skipif(sys.platform == "win32", reason="there are no such modes")
def test_a_new_file_is_as_private_as_the_notebook(path: Path, tmp_path: Path) -> None:
    path.chmod(0o600)
    written = NotebookFile.read(path).save(tmp_path / "other.ipynb")
    assert written.stat().st_mode & 0o777 == 0o600


def test_a_notebook_of_another_language_is_refused(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    save(path, v4.new_notebook(metadata={"language_info": {"name": "julia"}}))
    assert oci("run", path, "go") == 2
    assert "julia" in capsys.readouterr().err


def test_a_file_changed_by_someone_else_meanwhile_is_not_overwritten(path: Path) -> None:
    theirs = json.dumps(v4.new_notebook())
    code = f"open({str(path)!r}, 'w').write({theirs!r})"
    save(path, v4.new_notebook(cells=[v4.new_code_cell(f"number = 21\n{code}", id="given")]))
    assert oci("run", path, "double it") == 0
    assert path.read_text() == theirs
    assert len(read(path.with_name("work-oci.ipynb")).cells) == 2


def make_read_only(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As a file system that is mounted so: permissions keep nothing from root."""
    unhindered = os.open

    def refusing(name: Any, flags: int, *rest: Any, **named: Any) -> int:
        if flags & (os.O_WRONLY | os.O_RDWR) and folder in (Path(name), Path(name).parent):
            raise OSError(errno.EROFS, os.strerror(errno.EROFS), name)
        return unhindered(name, flags, *rest, **named)

    monkeypatch.setattr(os, "open", refusing)


def test_a_folder_that_cannot_be_written_is_told_of_before_the_work(
    path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    make_read_only(path.parent, monkeypatch)
    assert oci("run", path, "double it") == 2
    out, err = capsys.readouterr()
    assert (out, err.count("\n")) == ("", 1)
    assert "Read-only file system" in err


def test_a_folder_that_cannot_be_written_any_more_leaves_the_work_elsewhere(
    path: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    monkeypatch.setattr(tempfile, "tempdir", str(elsewhere))

    def model(config: ModelConfig) -> ScriptedModel:
        make_read_only(path.parent, monkeypatch)
        return ScriptedModel((WORKS, SUMMARY))

    assert main(["run", str(path), "double it", "--json"], model_factory=model) == 1
    out, err = capsys.readouterr()
    (kept,) = elsewhere.glob("*.ipynb")
    assert events(out)[-1]["type"] == "run_finished"
    assert "Read-only file system" in err
    assert str(kept) in err
    assert read(kept).cells[1].outputs[0].text == "the answer 42\n"


def test_what_the_outputs_code_page_lacks_is_replaced(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    printed = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(printed, encoding="cp1252", write_through=True))
    assert oci("run", path, "double it") == 0
    assert b"? double it" in printed.getvalue()
