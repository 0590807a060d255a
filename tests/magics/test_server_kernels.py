"""In a kernel that a real Jupyter server started."""

from __future__ import annotations

import json
import time

import pytest

from .live import live_server

ADDED = "print('total', 6)"


def test_the_magic_finds_its_server(any_server):
    kernel = any_server.notebook("found.ipynb")
    cell = kernel.run("%oci add them")
    assert (cell.status, cell.next_input) == ("ok", ADDED)
    assert "I add them up." in cell.text
    assert any_server.url.removeprefix("http://127.0.0.1") in kernel.run("%oci status").text


def test_of_several_servers_it_is_the_one_that_started_the_kernel(server, tmp_path):
    with live_server(tmp_path, token="other", base_url="/other/", runtime_dir=server.runtime_dir) as other:
        assert len(list(server.runtime_dir.glob("jpserver-*.json"))) == 2
        assert "/other/" in other.notebook("theirs.ipynb").run("%oci status").text
        assert "/base/" in server.notebook("ours.ipynb").run("%oci status").text


def test_a_program_that_a_kernel_starts_hosts_a_model_of_its_own(kernel):
    """It inherits the secret, but the server did not start it."""
    program = "from jupyter_client.manager import start_new_kernel as s; m, c = s(); "
    program += "c.execute_interactive('%load_ext jupyter_oci\\n%oci status', timeout=60); m.shutdown_kernel()"
    start = f"subprocess.run([sys.executable, '-c', {program!r}], capture_output=True, text=True)"
    cell = kernel.run(f"import subprocess, sys\nprint({start}.stdout)")
    assert "none started this kernel" in cell.text


def test_prose_is_one_display_that_is_updated(kernel):
    outputs = kernel.run("%oci add them").outputs
    assert [output["msg_type"] for output in outputs].count("display_data") == 1
    assert {output["msg_type"] for output in outputs} == {"display_data", "update_display_data"}


def test_the_agent_runs_when_the_asking_cell_has_ended(server, kernel, request):
    cell = kernel.run("%oci run add them\nimport time\ntime.sleep(1)\nasked = True", cell_id="the-asking-cell")
    assert cell.status == "ok"
    metadata = [output["content"]["metadata"] for output in cell.outputs if output["msg_type"] == "display_data"]
    run = server.finished_run(f"{request.node.name}.ipynb")
    assert metadata == [{"jupyter_oci": {"run_id": run["run_id"]}}]
    events = {event["type"]: event for event in run["events"]}
    assert run["status"] == "done"
    assert events["run_started"]["active_cell_id"] == "the-asking-cell"
    opened = next(event for event in run["events"] if event["type"] == "cell_opened")
    assert opened["after_cell_id"] == "the-asking-cell"
    assert events["kernel_output"]["message"]["content"]["text"] == "total 6\n"


def test_the_agent_only_inserts_when_told_so(server, kernel, request):
    kernel.run("%oci run --no-run add them")
    run = server.finished_run(f"{request.node.name}.ipynb")
    assert run["mode"] == "suggest"
    assert "execution_started" not in {event["type"] for event in run["events"]}


def test_a_cell_of_the_shells_history_is_named_where_new_code_needs_it(server, kernel, request):
    """The page could not find it, and so not approve it."""
    kernel.run("table = open('nope.csv')")
    kernel.run("%oci run show the table")
    run = server.finished_run(f"{request.node.name}.ipynb")
    assert run["events"][-1]["reason"] == "unrun_cell"
    assert "`table = open('nope.csv')`" in run["events"][-1]["message"]
    assert "fix_proposed" not in {event["type"] for event in run["events"]}


def test_a_console_runs_the_agent_right_there(server):
    console = server.notebook("console-1", kind="console")
    cell = console.run("%oci run add them", cell_id=None)
    assert cell.status == "ok"
    assert "total 6\n" in cell.text
    assert "The total is 6." in cell.text


def test_what_several_magics_write_comes_as_one_cell(kernel):
    assert kernel.run("%oci one\n%oci two\nx = 1").next_input == "first = 1\n\nsecond = 2"


def test_the_last_error_is_fixed_and_explained(server, kernel):
    assert kernel.run("def half(n):\n    return n / 0\nhalf(1)").status == "error"
    assert "divides by zero" in kernel.run("%oci explain").text
    fixed = kernel.run("%oci fix")
    assert fixed.next_input == "def half(n):\n    return n / 2\nhalf(1)"
    assert fixed.text == "Nothing is halved."
    asked = (server.runtime_dir / "asked").read_text()
    assert "----> 2" in asked
    assert "ZeroDivisionError" in asked


@pytest.mark.parametrize("line", ["%oci add them", "%oci run add them", "%oci fix In[2] it is wrong", "%oci explain In[2]"])
def test_where_a_teacher_allows_hints_alone_no_magic_asks_the_model(hinting_server, line, request):
    kernel = hinting_server.notebook(f"{len(request.node.name)}{line[5]}.ipynb")
    kernel.run("x = 1")
    cell = kernel.run(line)
    assert cell.status == "error"
    assert cell.text.splitlines()[-1] == "oci: On this server only hints are available: click into a cell and ask for a hint."


def test_a_notebook_that_allows_hints_alone_is_obeyed(server, request):
    path = f"{request.node.name}.ipynb"
    content = {"cells": [], "metadata": {"jupyter_oci": {"hint_only": True}}, "nbformat": 4, "nbformat_minor": 5}
    server.json("PUT", f"api/contents/{path}", json={"type": "notebook", "content": content})
    kernel = server.notebook(path)
    for line in ("%oci add them", "%oci run add them"):
        assert "In this notebook only hints are available" in kernel.run(line).text.splitlines()[-1]


def test_an_interrupt_stops_the_model_within_a_second(server, kernel):
    cell = kernel.run("%oci talk", when=lambda seen: "word" in seen.text, then=lambda: server.interrupt(kernel))
    assert server.idle_model() < 1
    assert (cell.status, cell.ename) == ("error", "MagicInterrupted")
    assert cell.text.splitlines()[-1].startswith("oci: The cell was interrupted")
    assert "Traceback" not in cell.text
    assert kernel.run("%oci add them").next_input == ADDED


def test_a_model_that_fails_is_told_in_one_line(kernel):
    cell = kernel.run("%oci break")
    assert cell.status == "error"
    assert cell.text.splitlines()[-1] == "oci: The model process ended. Send the request again."


def test_the_secret_stays_out_of_what_the_agent_reads_and_keeps(server, kernel, request):
    secret = kernel.run("import os; print(os.environ['JUPYTER_OCI_KERNEL_SECRET'])").text.partition(":")[2].strip()
    assert len(secret) > 20
    kernel.run("%oci run leak it")
    run = server.finished_run(f"{request.node.name}.ipynb")
    assert run["status"] == "done"
    assert "execution_finished" in {event["type"] for event in run["events"]}
    assert secret not in json.dumps(run)
    journal = [path for path in server.runtime_dir.parent.rglob("journal/**/*") if path.is_file()]
    assert journal
    assert not any(secret in path.read_text() for path in journal)
    assert secret not in (server.runtime_dir.parent / "log").read_text()


def test_tab_completes_subcommands_options_and_models(kernel):
    assert kernel.completions("%oci mo") == ["models", "model"]
    assert kernel.completions("%oci --m") == ["--model"]
    assert "qwen2.5-coder-0.5b-instruct" in kernel.completions("%oci model ")
    assert kernel.completions("%%oci run --model qwen2.5-coder-0") == ["qwen2.5-coder-0.5b-instruct"]


def test_a_model_is_chosen_for_the_server(server, kernel):
    assert "0.5b" in kernel.run("%oci model qwen2.5-coder-0.5b-instruct").text
    assert server.json("GET", "jupyter-oci/models")["current"] == "qwen2.5-coder-0.5b-instruct"
    assert "* qwen2.5-coder-0.5b-instruct" in kernel.run("%oci models").text


def test_a_second_run_in_the_same_notebook_is_refused_in_one_line(kernel):
    cell = kernel.run("%oci run add them\n%oci run add them")
    assert cell.status == "error"
    assert "already at work" in cell.text.splitlines()[-1]


def test_without_the_notebook_page_the_code_is_seen_in_the_output(kernel):
    assert "│ print('total', 6)" in kernel.run("%oci add them", cell_id=None).text


class TestRoutes:
    """What the secret opens, and what it does not."""

    @pytest.fixture
    def header(self, kernel):
        secret = kernel.run("import os; print(os.environ['JUPYTER_OCI_KERNEL_SECRET'])").text.partition(":")[2].strip()
        return {"X-Jupyter-OCI-Secret": secret, "Authorization": ""}

    @pytest.fixture
    def stranger(self, server):
        """Somebody without a login."""
        import requests

        with requests.Session() as session:
            session.trust_env = False
            yield lambda method, route, **options: session.request(
                method, server.url + route, timeout=30, allow_redirects=False, **options
            )

    @pytest.mark.parametrize("secret", ["", "wrong", "\N{SNOWMAN}".encode()])
    @pytest.mark.parametrize("route", ["model", "load", "count", "generate", "run"])
    def test_a_wrong_secret_gets_403(self, stranger, route, secret):
        answer = stranger("POST", f"jupyter-oci/magics/{route}", json={}, headers={"X-Jupyter-OCI-Secret": secret})
        assert (answer.status_code, answer.json()["reason"]) == (403, "wrong_secret")

    def test_a_login_does_not_stand_for_the_secret(self, server):
        assert server.call("GET", "jupyter-oci/magics/status").status_code == 403

    def test_the_secret_opens_nothing_else(self, stranger, header):
        assert stranger("GET", "jupyter-oci/magics/status", headers=header).status_code == 200
        for route in ("jupyter-oci/settings", "jupyter-oci/models", "api/kernels", "api/contents"):
            assert stranger("GET", route, headers=header).status_code == 403

    def test_a_page_of_another_site_gets_nowhere_even_with_the_secret(self, stranger, header):
        answer = stranger("POST", "jupyter-oci/magics/load", json={}, headers={**header, "Origin": "http://evil.example"})
        assert answer.status_code == 404

    def test_to_wait_for_a_run_in_the_own_kernel_is_refused(self, stranger, header, kernel):
        asked = {"kernel_id": kernel.kernel_id, "prompt": "add", "cells": [], "wait": True}
        answer = stranger("POST", "jupyter-oci/magics/run", json=asked, headers=header)
        assert (answer.status_code, answer.json()["reason"]) == (409, "would_deadlock")

    def test_a_kernel_can_not_raise_the_mode(self, stranger, header, kernel):
        asked = {"kernel_id": kernel.kernel_id, "prompt": "add", "cells": [], "mode": "auto"}
        assert stranger("POST", "jupyter-oci/magics/run", json=asked, headers=header).status_code == 400


def test_no_cell_ever_waits_for_the_agent(server, kernel, request):
    """The asking cell ends before anything of the run is executed, whatever it does after asking."""
    began = time.monotonic()
    cell = kernel.run("%oci run add them\nmark = 'asked'")
    assert cell.status == "ok"
    assert time.monotonic() - began < 20
    events = server.finished_run(f"{request.node.name}.ipynb")["events"]
    assert any(event["type"] == "execution_finished" and event["status"] == "ok" for event in events)
