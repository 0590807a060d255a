from __future__ import annotations

import json
import logging
import resource
import subprocess
import sys
from dataclasses import asdict

import pytest

from jupyter_oci.events import KernelOutput, RunFinished, TextDelta, to_json
from jupyter_oci.server.journal import MAX_RUNS_PER_NOTEBOOK, Header, Journal
from jupyter_oci.server.kept_output import MAX_HISTORY_BYTES, MAX_RUN_BYTES, KeptOutput
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


SERVER = """
import logging, sys
from pathlib import Path
from jupyter_oci.server.journal import Header, Journal

journal = Journal(Path(sys.argv[1]), "/root/of/the/server", logging.getLogger())
journal.create(Header("1" * 32, "", "nb.ipynb", "kernel", "prompt", "ask", "model", 1.0, "page"))
print("created", flush=True)
input()
"""


def test_a_run_goes_on_elsewhere_until_its_server_is_killed(journal, tmp_path):
    server = subprocess.Popen([sys.executable, "-c", SERVER, tmp_path], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert server.stdout.readline() == b"created\n"
    (record,) = journal.read("nb.ipynb")
    assert journal.goes_on_elsewhere(record)
    server.kill()
    server.communicate()
    assert not journal.goes_on_elsewhere(record)
    assert not list((tmp_path / "servers").iterdir())


def test_a_run_of_this_server_or_of_one_that_said_no_name_goes_on_nowhere_else(journal, tmp_path):
    write(journal, header(), EVENTS[:1])
    (own,) = journal.read("nb.ipynb")
    assert own.server
    assert not journal.goes_on_elsewhere(own)
    (file,) = tmp_path.glob("*/*/*.jsonl")
    file.write_text(json.dumps({"header": asdict(header())}))  # as an earlier version wrote it
    (old,) = journal.read("nb.ipynb")
    assert (old.server, journal.goes_on_elsewhere(old)) == ("", False)


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
    message = {"msg_type": "stream", "content": {"name": "stdout", "text": "x" * (MAX_HISTORY_BYTES - 1000)}, "metadata": {}}
    outputs = [KernelOutput("cell", execution, message) for execution in ("one", "one", "two")]
    write(journal, header(), [stamped(seq, output) for seq, output in enumerate(outputs, 1)])
    (record,) = journal.read("nb.ipynb")
    assert [event["type"] for event in record.events] == ["kernel_output", "status_changed", "kernel_output"]
    assert [event["seq"] for event in record.events] == [1, 2, 3]


def picture(execution, size):
    data = {"image/png": "i" * size, "text/plain": "<Figure>"}
    return KernelOutput(
        "cell", execution, {"msg_type": "display_data", "content": {"data": data, "metadata": {}}, "metadata": {}}
    )


def test_a_picture_that_the_history_does_not_keep_is_told_there_and_what_comes_after_it_is_kept(journal):
    after = KernelOutput("cell", "one", {"msg_type": "stream", "content": {"name": "stdout", "text": "5"}, "metadata": {}})
    write(journal, header(), [stamped(1, picture("one", 1_000_000)), stamped(2, after)])
    ((large, small),) = [record.events for record in journal.read("nb.ipynb")]
    told = "[image/png (1,000,017 bytes) not kept in the history: run the cell to see it]"
    assert large["message"]["content"]["data"] == {"text/plain": f"<Figure>\n{told}"}
    assert small == stamped(2, after)


def test_a_run_keeps_a_bounded_amount_of_output_in_memory_and_says_what_is_left_out():
    kept = KeptOutput()
    events = [kept.of(stamped(seq, picture(str(seq), 5_000_000))) for seq in range(1, 50)]
    assert sum(len(json.dumps(event)) for event in events if event["type"] == "kernel_output") <= MAX_RUN_BYTES
    data = [event["message"]["content"]["data"] for event in events if event["type"] == "kernel_output"]
    assert ["image/png" in each for each in data[:7]] == [True] * 6 + [False]
    assert "left out: run the cell yourself" in data[6]["text/plain"]


def test_a_run_that_the_document_holds_keeps_no_more_in_memory_than_its_history_does(journal):
    events = [
        stamped(1, picture("one", 1_000_000)),
        stamped(2, picture("two", 100)),
        stamped(3, RunFinished("done", 1, "answered")),
    ]
    write(journal, header(), events)
    run = Run(header(), events)
    run.settle()
    (record,) = journal.read("nb.ipynb")
    assert run.settled
    assert tuple(run.events) == record.events


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
