from __future__ import annotations

import asyncio
import json
import os
import signal

import pytest
from page import HANG, Page, code

from jupyter_oci.server.announce import RUN_STARTED


def kinds(events):
    return [event["type"] for event in events]


def printed(events):
    messages = [event["message"] for event in events if event["type"] == "kernel_output"]
    return "".join(message["content"]["text"] for message in messages if message["msg_type"] == "stream")


async def test_a_run_writes_a_cell_runs_it_and_ends_well(page):
    events = await page.events(await page.ask())
    assert kinds(events)[0] == "run_started"
    assert printed(events) == "hello 42\n"
    assert (events[-1]["type"], events[-1]["status"]) == ("run_finished", "done")
    assert [event["seq"] for event in events] == list(range(1, len(events) + 1))


async def test_a_failing_cell_is_revised_in_the_live_kernel(page):
    events = await page.events(await page.ask("fail"))
    finished = [event for event in events if event["type"] == "execution_finished"]
    assert [event["status"] for event in finished] == ["error", "ok"]
    assert finished[0]["cell_id"] == finished[1]["cell_id"]
    assert printed(events) == "repaired\n"


@pytest.mark.parametrize("settings", [{"mode": "auto", "execution_timeout": 4.0}])
async def test_a_run_whose_limit_of_time_is_lifted_lets_its_cell_run_on(page):
    run_id = await page.ask("long")
    limited = await page.until(run_id, "status_changed", limit=4.0)
    assert limited["phase"] == "running"
    await page.post("runs", run_id, "no-limit")
    events = await page.events(run_id)
    assert printed(events) == "came to its end\n"
    assert (events[-1]["status"], events[-1]["reason"]) == ("done", "answered")


@pytest.mark.parametrize("settings", [{"mode": "auto", "execution_timeout": 2.0, "locked": {"execution_timeout"}}])
async def test_a_limit_of_time_that_the_administrator_fixed_stays(page):
    run_id = await page.ask("long")
    assert await page.refused("runs", run_id, "no-limit") == (403, "locked")
    assert (await page.events(run_id))[-1]["reason"] == "timeout"


async def test_following_from_any_event_has_no_gap_and_no_duplicate(page):
    run_id = await page.ask()
    events = await page.events(run_id)
    for after in (0, 1, len(events) // 2, len(events) - 1, len(events)):
        assert await page.events(run_id, after) == events[after:]
    assert (await page.get("runs", run_id))["events"] == events


@pytest.mark.parametrize("delay", [0.01])
async def test_a_socket_that_is_cut_while_the_run_goes_on_resumes_where_it_was(page):
    run_id = await page.ask("talk")
    seen = []
    while not seen or seen[-1]["type"] != "run_finished":
        taken = 0
        async for event in page.follow(run_id, len(seen)):
            seen.append(event)
            taken += 1
            if taken == 100:
                break
    assert seen == (await page.get("runs", run_id))["events"]


async def test_the_list_of_runs_is_oldest_first_and_says_how_each_ended(page):
    first = await page.ask()
    await page.events(first)
    second = await page.ask("fail")
    last = (await page.events(second))[-1]
    runs = (await page.get("runs", path=page.path))["runs"]
    assert [run["run_id"] for run in runs] == [first, second]
    assert runs[1]["status"] == last["status"]
    assert runs[1]["last_seq"] == last["seq"]
    assert (await page.get("runs", path="other.ipynb"))["runs"] == []


async def test_a_run_gets_the_chat_that_went_before(page):
    await page.events(await page.ask("the first request"))
    shown = await page.post("preview", **page.asking("the second request"))
    sent = " ".join(message["content"] for message in shown["messages"])
    assert "the first request" in sent
    assert "It printed 42." in sent
    assert shown["total_tokens"] <= shown["window"]
    assert shown["exact"] is True


async def test_a_preview_names_what_the_kernel_holds_and_what_lies_beside_it(page, jp_root_dir):
    (jp_root_dir / "sales.csv").write_text("day,amount\n")
    await page.events(await page.ask("hold"))
    shown = await page.post("preview", **page.asking("again"))
    assert all(message["tokens"] > 0 for message in shown["messages"])
    sent = shown["messages"][-1]["content"]
    for part in ("a = 1", "held: list length 2 of int", "# Files in the folder\n- sales.csv: day,amount\n"):
        assert part in sent


@pytest.mark.parametrize("delay", [0.02])
async def test_stop_while_the_model_writes(page):
    run_id = await page.ask("talk")
    await page.until(run_id, "text_delta")
    await page.post("runs", run_id, "stop")
    events = await page.events(run_id)
    assert events[-1]["status"] == "stopped"
    assert "execution_started" not in kinds(events)


async def test_stop_while_the_cell_runs_leaves_the_kernel_usable(page):
    run_id = await page.ask("sleep")
    await page.until(run_id, "kernel_output")
    await page.post("runs", run_id, "stop")
    events = await page.events(run_id)
    assert events[-1]["status"] == "stopped"
    assert [event["status"] for event in events if event["type"] == "execution_finished"] == ["interrupted"]
    assert (await page.events(await page.ask()))[-1]["status"] == "done"


async def test_stop_while_waiting_for_an_approval_and_once_more_after_the_end(page):
    run_id = await page.ask(mode="ask")
    await page.until(run_id, "approval_requested")
    await page.post("runs", run_id, "stop")
    events = await page.events(run_id)
    await page.post("runs", run_id, "stop")
    assert events[-1]["status"] == "stopped"
    assert (await page.get("runs", run_id))["events"] == events


async def test_a_second_run_in_the_notebook_or_on_its_kernel_is_refused(page):
    run_id = await page.ask(mode="ask")
    assert await page.refused("runs", **page.asking()) == (409, "run_active")
    assert await page.refused("runs", **page.asking(path="other.ipynb")) == (409, "run_active")
    await page.post("runs", run_id, "stop")
    await page.events(run_id)
    assert (await page.events(await page.ask()))[-1]["status"] == "done"


@pytest.mark.parametrize("settings", [{"max_queue": 1}])
async def test_more_runs_than_the_queue_holds_are_refused(page, notebook):
    run_id = await page.ask("sleep")
    other = await notebook("other.ipynb")
    asking = page.asking(path="other.ipynb", kernel_id=other["kernel"]["id"])
    assert await page.refused("runs", **asking) == (429, "queue_full")
    await page.post("runs", run_id, "stop")
    await page.events(run_id)
    assert (await page.post("runs", **asking))["status"] == "running"


@pytest.mark.parametrize("settings", [{"max_queue": 1}])
async def test_a_run_that_waits_for_an_approval_keeps_no_other_one_out(page, notebook, jp_fetch, jp_ws_fetch):
    waiting = await page.ask(mode="ask")
    await page.until(waiting, "approval_requested")
    other = Page(jp_fetch, jp_ws_fetch, (await notebook("other.ipynb"))["kernel"]["id"], "other.ipynb")
    assert (await other.events(await other.ask(mode="auto")))[-1]["status"] == "done"
    await page.post("runs", waiting, "stop")
    await page.events(waiting)


async def test_two_notebooks_are_served_at_once(page, notebook, jp_fetch, jp_ws_fetch):
    other = Page(jp_fetch, jp_ws_fetch, (await notebook("other.ipynb"))["kernel"]["id"], "other.ipynb")
    waiting = await page.ask(mode="ask")
    await page.until(waiting, "approval_requested")
    assert (await other.events(await other.ask()))[-1]["status"] == "done"
    await page.post("runs", waiting, "stop")
    await page.events(waiting)


async def test_an_unknown_kernel_is_refused_with_what_to_do(page):
    assert await page.refused("runs", **page.asking(kernel_id="nobody")) == (404, "unknown_kernel")


async def test_a_closed_tab_stops_nothing_up_to_the_next_approval(page):
    run_id = await page.ask(mode="ask")
    socket = await page.socket(run_id)
    await socket.read_message()
    socket.close()
    request = await page.until(run_id, "approval_requested")
    assert (await page.get("runs", run_id))["status"] == "running"
    await page.approve(run_id, request)
    assert (await page.events(run_id))[-1]["status"] == "done"


@pytest.mark.parametrize("method", ["restart", "kill"])
async def test_a_kernel_that_goes_away_ends_the_run_with_a_sentence(page, jp_fetch, jp_serverapp, method):
    run_id = await page.ask("sleep")
    await page.until(run_id, "kernel_output")
    if method == "restart":
        await jp_fetch("api", "kernels", page.kernel_id, "restart", method="POST", body="{}")
    else:
        os.kill(jp_serverapp.kernel_manager.get_kernel(page.kernel_id).provisioner.pid, signal.SIGKILL)
    last = (await page.events(run_id))[-1]
    assert (last["type"], last["status"]) == ("run_finished", "failed")
    assert last["reason"] in ("kernel_died", "kernel_restarted")
    assert "variables are gone" in last["message"]


async def test_code_that_kills_its_kernel_is_not_run_again(page):
    run_id = await page.ask("die")
    await page.approve(run_id, await page.until(run_id, "approval_requested"))  # even in Auto mode: it ends a process
    events = await page.events(run_id)
    assert events[-1]["status"] == "failed"
    assert kinds(events).count("execution_started") == 1


@pytest.mark.parametrize("route", [[], ["restart"]])
async def test_a_kernel_that_goes_away_while_the_run_waits_ends_it(page, jp_fetch, route):
    run_id = await page.ask(mode="ask")
    await page.until(run_id, "approval_requested")
    how = {"method": "POST", "body": "{}"} if route else {"method": "DELETE"}
    await jp_fetch("api", "kernels", page.kernel_id, *route, **how)
    last = (await page.events(run_id))[-1]
    assert last["status"] == "failed"
    assert last["reason"] in ("kernel_died", "kernel_restarted")


async def test_the_tabs_own_kernel_connection_sees_the_same_outputs(page, jp_ws_fetch):
    tab = await jp_ws_fetch("api", "kernels", page.kernel_id, "channels", params={"session_id": "tab"})
    events = await page.events(await page.ask())
    execution_id = next(event["execution_id"] for event in events if event["type"] == "execution_started")
    seen = ""
    while seen != "hello 42\n":
        message = json.loads(await asyncio.wait_for(tab.read_message(), HANG))
        if message["parent_header"].get("msg_id") == execution_id and message["msg_type"] == "stream":
            seen += message["content"]["text"]
    tab.close()


async def test_a_notebook_saved_under_another_name_keeps_its_runs_and_its_mode(page, session, jp_fetch):
    await page.post("notebook", method="PUT", path=page.path, mode="suggest")
    run_id = await page.ask()
    await page.events(run_id)
    await jp_fetch("api", "sessions", session["id"], method="PATCH", body=json.dumps({"path": "new name.ipynb"}))
    assert [run["run_id"] for run in (await page.get("runs", path="new name.ipynb"))["runs"]] == [run_id]
    assert (await page.get("runs", path=page.path))["runs"] == []
    assert (await page.get("notebook", path="new name.ipynb"))["mode"] == "suggest"


async def test_a_second_notebook_on_the_same_kernel_does_not_take_the_runs(page, jp_fetch):
    run_id = await page.ask()
    await page.events(run_id)
    shared = {"path": "b.ipynb", "type": "notebook", "name": "b", "kernel": {"id": page.kernel_id}}
    await jp_fetch("api", "sessions", method="POST", body=json.dumps(shared))
    assert (await page.get("runs", path="b.ipynb"))["runs"] == []
    assert [run["run_id"] for run in (await page.get("runs", path=page.path))["runs"]] == [run_id]


async def test_forgetting_leaves_the_run_that_goes_on(page, jp_fetch):
    await page.events(await page.ask())
    active = await page.ask(mode="ask")
    await jp_fetch("jupyter-oci", "runs", method="DELETE", params={"path": page.path})
    assert [run["run_id"] for run in (await page.get("runs", path=page.path))["runs"]] == [active]
    await page.post("runs", active, "stop")
    await page.events(active)


@pytest.mark.parametrize("script", [[code("undefined_name"), RuntimeError("the model's own fault")]])
async def test_a_fault_of_ours_ends_the_run_with_a_sentence_and_goes_to_the_log(page, caplog):
    last = (await page.events(await page.ask()))[-1]
    assert (last["status"], last["reason"]) == ("failed", "internal_error")
    assert "A run ended unexpectedly" in caplog.text
    assert (await page.get("runs", path=page.path))["runs"][0]["status"] == "failed"


async def test_every_page_hears_of_a_run_that_has_begun(page, jp_serverapp):
    heard = []

    async def listen(logger, schema_id, data):
        heard.append((schema_id, data))

    jp_serverapp.event_logger.add_listener(schema_id=RUN_STARTED, listener=listen)
    run_id = await page.ask()
    await page.events(run_id)
    assert heard == [(RUN_STARTED, {"run_id": run_id, "path": "nb.ipynb"})]
