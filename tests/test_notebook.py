"""A notebook as a request, and events written back into it."""

import nbformat
import pytest
from nbformat import NotebookNode, v4

from jupyter_oci.errors import ConfigError
from jupyter_oci.events import (
    CellOpened,
    ExecutionFinished,
    ExecutionStarted,
    KernelOutput,
    RunEvent,
    RunFinished,
    SourceFinished,
)
from jupyter_oci.kernel.outputs import OutputFold
from jupyter_oci.notebook import NotebookProjection, request_from, with_cell_ids


@pytest.fixture
def notebook() -> NotebookNode:
    return v4.new_notebook(cells=[v4.new_markdown_cell("# Title", id="title"), v4.new_code_cell("a = 1", id="first")])


def apply(notebook: NotebookNode, *events: RunEvent) -> NotebookNode:
    projection = NotebookProjection(notebook, OutputFold)
    for event in events:
        projection.apply(event)
    nbformat.validate(notebook)
    return notebook


def printed(text: str, cell_id: str = "new") -> KernelOutput:
    message = {"msg_type": "stream", "content": {"name": "stdout", "text": text}, "metadata": {}}
    return KernelOutput(cell_id, "execution", message)


def test_a_request_speaks_of_the_last_cell_unless_another_is_named(notebook: NotebookNode) -> None:
    assert request_from(notebook, "go").active_cell_id == "first"
    assert request_from(notebook, "go", "title").active_cell_id == "title"


def test_an_unknown_cell_is_refused_with_the_known_ones(notebook: NotebookNode) -> None:
    with pytest.raises(ConfigError, match="title, first"):
        request_from(notebook, "go", "nowhere")


def test_an_empty_notebook_can_be_asked_about() -> None:
    assert request_from(v4.new_notebook(), "go").active_cell_id is None


def test_the_language_of_the_notebook_is_told(notebook: NotebookNode) -> None:
    notebook.metadata.kernelspec = {"name": "ir", "display_name": "R", "language": "R"}
    assert request_from(notebook, "go").language == "r"


def test_cells_of_an_older_format_get_ids() -> None:
    old = nbformat.from_dict(
        {"nbformat": 4, "nbformat_minor": 2, "metadata": {}, "cells": [{"cell_type": "raw", "metadata": {}, "source": "x"}]}
    )
    assert with_cell_ids(old).cells[0].id


def test_a_new_cell_goes_below_the_named_one(notebook: NotebookNode) -> None:
    apply(notebook, CellOpened("new", "title"), SourceFinished("new", "b = 2", ""))
    assert [cell.id for cell in notebook.cells] == ["title", "new", "first"]
    assert notebook.cells[1].source == "b = 2"


def test_a_revised_cell_is_not_inserted_again(notebook: NotebookNode) -> None:
    apply(notebook, CellOpened("new", "first"), CellOpened("new", "first", revises=True), SourceFinished("new", "b = 3", ""))
    assert [cell.source for cell in notebook.cells] == ["# Title", "a = 1", "b = 3"]


def test_outputs_and_count_of_the_newest_execution_stay(notebook: NotebookNode) -> None:
    apply(
        notebook,
        CellOpened("new", "first"),
        ExecutionStarted("new", "execution", "print(1)"),
        printed("old\n"),
        ExecutionFinished("new", "execution", "error", 3, 0.1),
        ExecutionStarted("new", "execution", "print(1)"),
        printed("one\n"),
        printed("two\n"),
        ExecutionFinished("new", "execution", "ok", 4, 0.1),
    )
    cell = notebook.cells[2]
    assert (cell.execution_count, cell.source) == (4, "print(1)")
    assert [dict(output) for output in cell.outputs] == [{"output_type": "stream", "name": "stdout", "text": "one\ntwo\n"}]


def test_outputs_before_the_death_of_the_kernel_are_kept(notebook: NotebookNode) -> None:
    apply(
        notebook,
        CellOpened("new", None),
        ExecutionStarted("new", "execution", "work()"),
        printed("half way\n"),
        RunFinished("failed", 1, "KernelDied", "The kernel died."),
    )
    assert notebook.cells[2].outputs[0].text == "half way\n"
