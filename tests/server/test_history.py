from __future__ import annotations

import json
import stat

import pytest
from page import extension, journal_files


async def after_restart(jp_serverapp):
    """Give the notebook's runs as an extension sees them that has just been started."""
    return await extension(jp_serverapp).make_parts().runs.of_notebook("", "nb.ipynb")


async def test_a_restarted_server_has_the_same_events(page, jp_serverapp):
    events = await page.events(await page.ask("fail"))
    (run,) = await after_restart(jp_serverapp)
    assert run.events == events
    assert [run.card()] == (await page.get("runs", path=page.path))["runs"]


async def test_settled_runs_stay_settled(page, jp_serverapp):
    run_id = await page.ask()
    await page.events(run_id)
    await page.post("runs", run_id, "settled")
    assert [run.settled for run in await after_restart(jp_serverapp)] == [True]


async def test_a_forgotten_run_is_gone_from_the_disk(page, jp_fetch, tmp_path):
    await page.events(await page.ask())
    assert journal_files(tmp_path)
    await jp_fetch("jupyter-oci", "runs", method="DELETE", params={"path": page.path})
    assert not journal_files(tmp_path)


async def test_a_history_is_for_its_owners_eyes(page, tmp_path):
    await page.events(await page.ask())
    (file,) = journal_files(tmp_path)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700


async def test_a_run_that_the_servers_end_cut_off_has_failed(page, jp_serverapp, tmp_path):
    events = await page.events(await page.ask())
    (file,) = journal_files(tmp_path)
    lines = file.read_text().splitlines()
    file.write_text("\n".join([*lines[:-2], lines[-2][: len(lines[-2]) // 2]]))  # the last line is torn
    await extension(jp_serverapp).parts.runs.close()
    (run,) = await after_restart(jp_serverapp)
    seen = run.events
    assert run.card()["status"] == "failed"
    assert seen[:-1] == events[:-2]
    assert (seen[-1]["reason"], seen[-1]["seq"]) == ("server_restarted", len(events) - 1)
    assert "restarted" in seen[-1]["message"]


async def test_a_run_that_goes_on_in_another_server_is_neither_shown_as_cut_off_nor_forgotten_here(page, jp_serverapp, tmp_path):
    run_id = await page.ask("sleep")
    await page.until(run_id, "kernel_output")
    other = extension(jp_serverapp).make_parts().runs
    assert await other.of_notebook("", page.path) == []
    await other.forget("", page.path)
    assert journal_files(tmp_path)
    await page.post("runs", run_id, "stop")
    events = await page.events(run_id)
    (run,) = await other.of_notebook("", page.path)
    assert run.events == events


async def test_output_on_disk_is_bounded_and_the_rest_of_the_run_is_there(page, jp_serverapp):
    events = await page.events(await page.ask("flood"))
    (run,) = await after_restart(jp_serverapp)
    kept = run.events
    size = sum(len(json.dumps(event)) for event in kept if event["type"] == "kernel_output")
    assert size < 300 << 10
    assert [event["seq"] for event in kept] == [event["seq"] for event in events]
    assert kept[-1] == events[-1]


@pytest.mark.parametrize("settings", [{"mode": "auto", "journal_dir": "/proc/no/such/place"}])
async def test_a_run_goes_on_when_its_history_cannot_be_written(page, caplog):
    assert (await page.events(await page.ask()))[-1]["status"] == "done"
    assert "cannot be written" in caplog.text


async def test_the_end_of_the_server_stops_what_runs(page, jp_serverapp):
    run_id = await page.ask("sleep")
    await page.until(run_id, "kernel_output")
    await extension(jp_serverapp).stop_extension()
    assert (await page.events(run_id))[-1]["status"] == "stopped"
