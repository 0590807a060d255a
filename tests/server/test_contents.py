from __future__ import annotations

import json

import pytest
from page import Page, extension, journal_files


@pytest.fixture
def settings():
    return {"mode": "ask"}


@pytest.fixture
def disk(jp_root_dir):
    """Put the notebooks on the disk: the sessions need none."""
    (jp_root_dir / "nb.ipynb").write_text("{}")
    (jp_root_dir / "course").mkdir()
    (jp_root_dir / "course" / "one.ipynb").write_text("{}")


@pytest.fixture
def contents(jp_fetch, disk):
    """Give what the file browser does to a file or folder: rename it, or delete it where no new path is given."""

    async def change(path, new_path=None):
        how = {"method": "PATCH", "body": json.dumps({"path": new_path})} if new_path else {"method": "DELETE"}
        await jp_fetch("api", "contents", *path.split("/"), **how)

    return change


async def runs(page, path):
    return [run["run_id"] for run in (await page.get("runs", path=path))["runs"]]


async def mode(page, path):
    return (await page.get("notebook", path=path))["mode"]


async def finished(page):
    run_id = await page.ask(mode="auto")
    await page.events(run_id)
    return run_id


async def test_the_next_notebook_of_a_renamed_ones_name_has_not_its_mode(page, contents):
    await page.post("notebook", method="PUT", path="nb.ipynb", mode="auto")
    await contents("nb.ipynb", "analysis.ipynb")
    assert await mode(page, "nb.ipynb") == "ask"
    assert await mode(page, "analysis.ipynb") == "auto"


async def test_the_next_notebook_of_a_deleted_ones_name_has_nothing_of_it(page, contents, tmp_path):
    await page.post("notebook", method="PUT", path="nb.ipynb", mode="auto")
    await finished(page)
    waiting = await page.ask(mode="ask")
    socket = page.follow(waiting)
    async for event in socket:
        if event["type"] == "approval_requested":
            await contents("nb.ipynb")
    assert (event["type"], event["status"]) == ("run_finished", "stopped")
    assert await mode(page, "nb.ipynb") == "ask"
    assert await runs(page, "nb.ipynb") == []
    assert not journal_files(tmp_path)


async def test_a_renamed_notebook_keeps_the_runs_of_former_kernels_too(page, session, contents, jp_serverapp, jp_fetch):
    async def change_session(**fields):
        answer = await jp_fetch("api", "sessions", session["id"], method="PATCH", body=json.dumps(fields))
        return json.loads(answer.body)

    run_ids = [await finished(page)]
    page.kernel_id = (await change_session(kernel={"name": "python3"}))["kernel"]["id"]
    run_ids.append(await finished(page))
    await contents("nb.ipynb", "analysis.ipynb")
    await change_session(path="analysis.ipynb")
    assert await runs(page, "analysis.ipynb") == run_ids
    assert await runs(page, "nb.ipynb") == []
    after_restart = await extension(jp_serverapp).make_parts().runs.of_notebook("", "analysis.ipynb")
    assert [run.header.run_id for run in after_restart] == run_ids


async def test_a_renamed_or_deleted_folder_takes_its_notebooks_along(page, contents, jp_fetch, jp_ws_fetch):
    inside = Page(jp_fetch, jp_ws_fetch, page.kernel_id, "course/one.ipynb")
    await page.post("notebook", method="PUT", path="course/one.ipynb", mode="auto")
    run_id = await finished(inside)
    await contents("course", "old course")
    assert (await runs(page, "course/one.ipynb"), await mode(page, "course/one.ipynb")) == ([], "ask")
    assert (await runs(page, "old course/one.ipynb"), await mode(page, "old course/one.ipynb")) == ([run_id], "auto")
    await contents("old course/one.ipynb")
    assert (await runs(page, "old course/one.ipynb"), await mode(page, "old course/one.ipynb")) == ([], "ask")
