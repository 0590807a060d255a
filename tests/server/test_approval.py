from __future__ import annotations

import hashlib

import pytest
from page import code

from jupyter_oci.server.journal import Header
from jupyter_oci.server.run import Run


def sha256(source):
    return hashlib.sha256(source.encode()).hexdigest()


@pytest.fixture
def settings():
    return {"mode": "ask"}


async def waiting(page, **fields):
    run_id = await page.ask(**fields)
    return run_id, await page.until(run_id, "approval_requested")


async def ran(page, run_id):
    """Give the sources that ran, up to the next approval or the end."""
    return [event["source"] for event in await page.events(run_id) if event["type"] == "execution_started"]


async def test_what_was_shown_runs_after_one_click(page):
    run_id, request = await waiting(page)
    assert request["sha256"] == sha256(request["source"])
    await page.approve(run_id, request)
    assert await ran(page, run_id) == [request["source"]]


async def test_an_edited_source_runs_exactly_as_it_was_approved(page):
    run_id, request = await waiting(page)
    edited = "print('from the user \U0001f600')"
    await page.approve(run_id, request, edited)
    assert await ran(page, run_id) == [edited]


async def test_a_skipped_cell_does_not_run(page):
    run_id, request = await waiting(page)
    await page.approve(run_id, request, decision="skip")
    assert await ran(page, run_id) == []


async def test_a_cell_that_the_user_ran_does_not_run_again(page):
    run_id, request = await waiting(page)
    await page.approve(run_id, request, decision="ran")
    events = await page.events(run_id)
    assert (events[-1]["status"], events[-1]["reason"]) == ("done", "ran")
    assert await ran(page, run_id) == []


async def test_a_source_that_is_not_the_hashed_one_is_refused(page):
    run_id, request = await waiting(page)
    fields = {"approval_id": request["approval_id"], "decision": "run", "source": "import os"}
    assert await page.refused("runs", run_id, "approve", sha256=request["sha256"], **fields) == (400, "wrong_hash")
    await page.approve(run_id, request)
    assert await ran(page, run_id) == [request["source"]]


CORRECTED = {"use the median": [code("median"), "It is 2."], "the median?": ["It is."], "": [code("mean")]}


@pytest.mark.parametrize("script", [CORRECTED])
async def test_a_word_of_correction_changes_the_waiting_cell_and_the_next_request_knows_of_it(page, jp_serverapp):
    run_id, request = await waiting(page)
    await page.approve(run_id, request, decision="another", comment="  use the median\n")
    resolved = await page.until(run_id, "approval_resolved", decision="another")
    assert resolved["comment"] == "use the median"
    again = await page.until(run_id, "approval_requested", source="median")
    assert again["cell_id"] == request["cell_id"]
    await page.approve(run_id, again, decision="skip")
    assert await ran(page, run_id) == []
    asked = await page.post("preview", **page.asking("the median?"))
    assert "- go\nuse the median" in asked["messages"][-1]["content"]


@pytest.mark.parametrize(
    ("decision", "comment", "reason"),
    [("run", "use the median", "not_another"), ("another", 3, "bad_request"), ("another", "x" * 2001, "bad_request")],
)
async def test_a_word_that_is_none_is_refused(page, decision, comment, reason):
    run_id, request = await waiting(page)
    fields = {key: request[key] for key in ("approval_id", "source", "sha256")}
    assert await page.refused("runs", run_id, "approve", decision=decision, comment=comment, **fields) == (400, reason)
    await page.approve(run_id, request, decision="skip")
    assert await ran(page, run_id) == []


async def test_another_approval_than_the_one_that_waits_is_refused(page):
    run_id, request = await waiting(page)
    fields = {"decision": "run", "source": request["source"], "sha256": request["sha256"]}
    assert await page.refused("runs", run_id, "approve", approval_id="0" * 32, **fields) == (409, "stale_approval")
    await page.post("runs", run_id, "stop")
    assert await ran(page, run_id) == []


async def test_a_second_click_does_not_run_the_cell_twice(page):
    run_id, request = await waiting(page)
    await page.approve(run_id, request)
    fields = {key: request[key] for key in ("approval_id", "source", "sha256")}
    assert await page.refused("runs", run_id, "approve", decision="run", **fields) == (409, "stale_approval")
    assert await ran(page, run_id) == [request["source"]]
    assert await page.refused("runs", run_id, "approve", decision="run", **fields) == (409, "stale_approval")


@pytest.mark.parametrize("delay", [0.05])
@pytest.mark.parametrize("settings", [{"mode": "auto"}])
@pytest.mark.parametrize("script", [[code("print('by the agent')\n" + "# more\n" * 20), "Done."]])
async def test_a_cell_that_the_user_edited_runs_only_after_an_approval(page):
    run_id = await page.ask()
    opened = await page.until(run_id, "cell_opened")
    await page.post("runs", run_id, "edited", cell_id=opened["cell_id"], source="print('by the user')")
    request = await page.until(run_id, "approval_requested")
    assert request["cell_id"] == opened["cell_id"]
    await page.approve(run_id, request, "print('by the user')")
    assert await ran(page, run_id) == ["print('by the user')"]


async def test_the_mode_of_a_notebook_is_remembered_until_the_server_ends(page):
    await page.post("notebook", method="PUT", path=page.path, mode="auto")
    assert await page.get("notebook", path=page.path) == {"path": page.path, "mode": "auto", "chosen": True}
    assert (await page.events(await page.ask()))[0]["mode"] == "auto"
    assert (await page.get("notebook", path="other.ipynb"))["mode"] == "ask"


async def test_the_default_mode_can_be_chosen_too(page):
    assert await page.get("notebook", path=page.path) == {"path": page.path, "mode": "ask", "chosen": False}
    await page.post("notebook", method="PUT", path=page.path, mode="ask")
    assert await page.get("notebook", path=page.path) == {"path": page.path, "mode": "ask", "chosen": True}


@pytest.mark.parametrize("settings", [{"mode": "ask", "locked": {"mode", "model", "max_rounds"}, "max_rounds": 2}])
async def test_what_the_administrator_fixed_stays(page):
    assert await page.refused("notebook", method="PUT", path=page.path, mode="auto") == (403, "locked")
    assert await page.refused("models", "current", name="auto") == (403, "locked")
    run_id = await page.ask(mode="auto", max_rounds=9)
    request = await page.until(run_id, "approval_requested")
    started = (await page.get("runs", run_id))["events"][0]
    assert (started["mode"], started["max_rounds"]) == ("ask", 2)
    assert (await page.get("settings"))["locked"] == ["max_rounds", "mode", "model"]
    await page.approve(run_id, request)
    await page.events(run_id)


@pytest.mark.parametrize("settings", [{"mode": "auto", "max_rounds_limit": 4}])
async def test_rounds_are_clamped_to_the_administrators_limit(page):
    events = await page.events(await page.ask(max_rounds=99))
    assert events[0]["max_rounds"] == 4
    assert (await page.get("settings"))["limits"] == {"max_rounds": 4}


TWO_CELLS = [code("first = 1"), code("second = 2"), "Done."]


@pytest.mark.parametrize("script", [TWO_CELLS])
async def test_a_run_that_waits_goes_on_in_auto_when_the_user_chooses_it(page):
    run_id, _ = await waiting(page)
    await page.post("notebook", method="PUT", path=page.path, mode="auto")
    assert await ran(page, run_id) == ["first = 1", "second = 2"]


@pytest.mark.parametrize("settings", [{"mode": "auto"}])
@pytest.mark.parametrize("script", [[code("import time\nprint('at work')\ntime.sleep(2)"), code("second = 2")]])
async def test_in_auto_nothing_more_runs_unasked_once_the_user_chooses_ask(page):
    run_id = await page.ask()
    await page.until(run_id, "kernel_output")
    await page.post("notebook", method="PUT", path=page.path, mode="ask")
    request = await page.until(run_id, "approval_requested")
    assert request["source"] == "second = 2"
    await page.approve(run_id, request, decision="skip")
    assert len(await ran(page, run_id)) == 1


@pytest.mark.parametrize("script", [[code("print('agent')"), "Done."]])
async def test_what_the_user_edited_is_asked_about_in_auto_too(page):
    run_id, request = await waiting(page)
    held = {"approval_id": request["approval_id"], "source": "print('mine')"}
    await page.post("notebook", method="PUT", path=page.path, mode="auto", waiting=held)
    again = await page.until(run_id, "approval_requested", reasons=["You changed this cell while the agent worked on it."])
    fields = {"decision": "run", "source": request["source"], "sha256": request["sha256"]}
    stale = await page.refused("runs", run_id, "approve", approval_id=request["approval_id"], **fields)
    assert stale == (409, "stale_approval")
    await page.approve(run_id, again, "print('mine')")
    assert await ran(page, run_id) == ["print('mine')"]


@pytest.mark.parametrize("settings", [{"mode": "ask", "locked": {"mode"}}])
async def test_a_run_stays_in_the_mode_that_the_administrator_fixed(page):
    run_id, request = await waiting(page)
    assert await page.refused("notebook", method="PUT", path=page.path, mode="auto") == (403, "locked")
    await page.approve(run_id, request, decision="skip")
    assert await ran(page, run_id) == []


async def test_another_notebooks_run_stays_in_its_mode(page):
    run_id, request = await waiting(page)
    await page.post("notebook", method="PUT", path="other.ipynb", mode="auto")
    await page.approve(run_id, request, decision="skip")
    assert await ran(page, run_id) == []


@pytest.mark.parametrize(("keeps_mode", "mode"), [(False, "auto"), (True, "suggest")])
def test_a_run_that_was_asked_for_in_a_mode_of_its_own_stays_in_it(keeps_mode, mode):
    run = Run(Header("0" * 32, "", "nb.ipynb", "kernel", "go", "suggest", "model", 0.0, ""), keeps_mode=keeps_mode)
    run.switch("auto", ("", ""))
    assert run.mode == mode
