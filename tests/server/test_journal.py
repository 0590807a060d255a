from __future__ import annotations

import logging
import resource

import pytest

from jupyter_oci.events import KernelOutput, RunFinished, TextDelta, to_json
from jupyter_oci.server.journal import MAX_OUTPUT_BYTES, MAX_RUNS_PER_NOTEBOOK, Header, Journal
from jupyter_oci.server.run import Run

LOG = logging.getLogger("test")


@pytest.fixture
def journal(tmp_path):
    return Journal(tmp_path, "/root/of/the/server", LOG)


def header(number=1, path="nb.ipynb"):
    return Header(f"{number:032x}", "", path, "kernel", "prompt", "ask", "model", float(number), "page")


def stamped(seq, event):
    return {"seq": seq, "time": float(seq), **to_json(event)}


def write(journal, header, events):
    file = journal.create(header)
    for event in events:
        file.append(event)
    file.close()


EVENTS = [stamped(1, TextDelta("a")), stamped(2, TextDelta("\ud800 é \u2028")), stamped(3, RunFinished("done", 1, "answered"))]


def test_what_was_written_is_read_back(journal):
    write(journal, header(), EVENTS)
    (record,) = journal.read("nb.ipynb")
    assert record.header == header()
    assert list(record.events) == EVENTS
    assert not record.settled


def test_notebooks_of_the_same_path_in_two_servers_are_apart(journal, tmp_path):
    write(journal, header(), EVENTS)
    assert Journal(tmp_path, "/another/root", LOG).read("nb.ipynb") == []


@pytest.mark.parametrize("cut", [1, 5, 40])
def test_a_torn_last_line_costs_that_line_only(journal, tmp_path, cut):
    write(journal, header(), EVENTS)
    (file,) = tmp_path.rglob("*.jsonl")
    file.write_bytes(file.read_bytes()[:-cut])
    journal.settle("nb.ipynb", header().run_id)
    (record,) = journal.read("nb.ipynb")
    assert list(record.events) == (EVENTS if cut == 1 else EVENTS[:2])
    assert record.settled


def test_a_file_without_a_header_is_passed_over(journal, tmp_path):
    write(journal, header(1), EVENTS)
    write(journal, header(2), EVENTS)
    next(tmp_path.rglob(f"{header(1).run_id}.jsonl")).write_bytes(b"\xff\xfe nothing of ours")
    assert [record.header.run_id for record in journal.read("nb.ipynb")] == [header(2).run_id]


def test_the_oldest_runs_of_a_notebook_are_dropped(journal):
    for number in range(1, MAX_RUNS_PER_NOTEBOOK + 3):
        write(journal, header(number), EVENTS)
    kept = [record.header.started for record in journal.read("nb.ipynb")]
    assert kept == [float(number) for number in range(3, MAX_RUNS_PER_NOTEBOOK + 3)]


def test_each_execution_may_write_its_share_of_output(journal):
    message = {"msg_type": "stream", "content": {"name": "stdout", "text": "x" * (MAX_OUTPUT_BYTES - 1000)}, "metadata": {}}
    outputs = [KernelOutput("cell", execution, message) for execution in ("one", "one", "two")]
    write(journal, header(), [stamped(seq, output) for seq, output in enumerate(outputs, 1)])
    (record,) = journal.read("nb.ipynb")
    assert [event["type"] for event in record.events] == ["kernel_output", "status_changed", "kernel_output"]
    assert [event["seq"] for event in record.events] == [1, 2, 3]


def test_a_moved_run_is_found_under_the_new_path(journal):
    write(journal, header(), EVENTS)
    journal.move(header().run_id, "nb.ipynb", "new.ipynb")
    assert journal.read("nb.ipynb") == []
    assert [record.header.path for record in journal.read("new.ipynb")] == ["new.ipynb"]


def test_what_was_in_a_folder_goes_where_the_folder_goes(journal):
    write(journal, header(1, "a/nb.ipynb"), EVENTS)
    write(journal, header(2, "b/c/nb.ipynb"), EVENTS)
    journal.rename("a", "b/c")
    assert journal.read("a/nb.ipynb") == []
    assert [record.header.run_id for record in journal.read("b/c/nb.ipynb")] == [header(1).run_id]
    journal.drop("b")
    assert journal.read("b/c/nb.ipynb") == []


def test_a_full_disk_ends_the_file_but_raises_nothing(journal, caplog):
    file = journal.create(header())
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (2000, hard))
    try:
        for seq in range(1, 200):
            file.append(stamped(seq, TextDelta("x" * 50)))
        file.close()
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert caplog.text.count("no longer written") == 1
    (record,) = journal.read("nb.ipynb")
    run = Run.from_record(record)
    assert [event["seq"] for event in run.events] == list(range(1, len(run.events) + 1))
    assert run.events[-1]["reason"] == "server_restarted"
