from __future__ import annotations

import asyncio
import json

import pytest
from page import HANG, rest

from jupyter_oci.server import socket as events_socket


async def frame(socket):
    """Give the next frame."""
    return json.loads(await asyncio.wait_for(socket.read_message(), HANG))


async def lease(socket):
    """Give the next frame about the lease, passing over events."""
    while (value := await frame(socket))["type"] != "lease":
        pass
    return value["driver"]


@pytest.fixture
def settings():
    return {"mode": "ask"}


async def test_two_tabs_have_one_driver_and_the_lease_is_handed_over(page):
    run_id = await page.ask(client_id="starter")
    other = await page.socket(run_id, client_id="other")
    assert await lease(other) is True
    starter = await page.socket(run_id, client_id="starter")
    assert await lease(starter) is True
    assert await lease(other) is False
    starter.close()
    assert await lease(other) is True
    other.close()
    await page.post("runs", run_id, "stop")
    await page.events(run_id)


async def test_the_lease_tells_how_far_the_run_has_come(page):
    run_id = await page.ask(client_id="starter")
    request = await page.until(run_id, "approval_requested")
    socket = await page.socket(run_id, client_id="starter")
    assert await frame(socket) == {"type": "lease", "driver": True, "last_seq": request["seq"]}
    socket.close()
    await page.post("runs", run_id, "stop")
    await page.events(run_id)


async def test_a_client_without_an_id_only_watches(page):
    run_id = await page.ask()
    watcher = await page.socket(run_id, client_id="")
    await page.until(run_id, "approval_requested")
    await page.post("runs", run_id, "stop")
    seen = [frame["type"] for frame in await rest(watcher)]
    assert "lease" not in seen
    assert seen[-1] == "run_finished"


async def test_the_socket_closes_normally_after_the_last_event(page):
    run_id = await page.ask(mode="auto")
    socket = await page.socket(run_id)
    assert (await rest(socket))[-1]["type"] == "run_finished"
    assert socket.close_code == 1000


async def test_a_client_that_connects_again_replaces_its_former_socket(page):
    run_id = await page.ask()
    former = await page.socket(run_id)
    assert await lease(former) is True
    latter = await page.socket(run_id)
    assert await lease(latter) is True
    await rest(former)
    assert former.close_code == events_socket.REPLACED
    latter.close()
    await page.post("runs", run_id, "stop")
    await page.events(run_id)


async def test_a_silent_run_is_kept_alive_by_pings(page, monkeypatch):
    monkeypatch.setattr(events_socket, "PING_SECONDS", 0.1)
    run_id = await page.ask()
    request = await page.until(run_id, "approval_requested")
    socket = await page.socket(run_id, after=request["seq"])
    while (await frame(socket))["type"] != "ping":
        pass
    socket.close()
    await page.post("runs", run_id, "stop")
    await page.events(run_id)
