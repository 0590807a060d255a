from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

import jupyter_oci
from jupyter_oci.errors import Stopped
from jupyter_oci.model.scripted import ScriptedModel

HEAVY = ("torch", "transformers", "huggingface_hub", "numpy", "pandas")


def test_the_server_extension_imports_nothing_heavy():
    program = f"import sys, jupyter_oci.server.app; print([name for name in {HEAVY} if name in sys.modules])"
    checkout = Path(jupyter_oci.__path__[0]).parent
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, cwd=checkout)
    assert done.stdout.strip() == "[]"


def test_jupyter_finds_the_extension_and_the_front_end():
    assert [point["app"].name for point in jupyter_oci._jupyter_server_extension_points()] == ["jupyter_oci"]
    assert jupyter_oci._jupyter_labextension_paths() == [{"src": "labextension", "dest": "jupyter-oci"}]


async def test_the_settings_are_those_of_the_administrator(jp_fetch):
    settings = json.loads((await jp_fetch("jupyter-oci", "settings")).body)
    assert settings["mode"] == "auto"
    assert settings["version"] == jupyter_oci.__version__
    assert settings["limits"] == {"max_rounds": 10}


async def card(jp_fetch, name):
    models = json.loads((await jp_fetch("jupyter-oci", "models")).body)
    return models["current"], next(card for card in models["models"] if card["name"] == name)


async def post(jp_fetch, *route, **fields):
    return await jp_fetch("jupyter-oci", *route, method="POST", body=json.dumps(fields))


SMALL = "qwen2.5-coder-0.5b-instruct"


async def test_models_have_cards_and_one_is_current(jp_fetch):
    models = json.loads((await jp_fetch("jupyter-oci", "models")).body)
    shown = {card["name"] for card in models["models"]}
    assert models["current"] in shown
    assert SMALL in shown
    facts = "name title license base parameters context_window host is_local"
    sizes = "download_bytes kept_bytes memory_bytes disk_bytes gpu_memory_bytes gpu_4bit_bytes"
    here = "fits obstacle tokens_per_second state detail fraction"
    assert all(set(card) == {*facts.split(), *sizes.split(), *here.split()} for card in models["models"])


@pytest.mark.parametrize("settings", [{}, {"endpoint": "http://127.0.0.1:9"}], ids=["ours", "a server's"])
async def test_the_memory_is_only_timed_for_models_that_compute_here(jp_fetch, monkeypatch, settings):
    timed = threading.Event()
    monkeypatch.setattr("jupyter_oci.server.models.measured_bandwidth", lambda _: timed.set())
    await jp_fetch("jupyter-oci", "models")
    assert timed.wait(1.0) == (settings == {})


async def test_a_card_says_what_a_model_takes(jp_fetch):
    large = (await card(jp_fetch, "m-a-p/OpenCodeInterpreter-DS-6.7B"))[1]
    sizes = ("download_bytes", "memory_bytes", "disk_bytes", "gpu_memory_bytes", "gpu_4bit_bytes")
    assert [round(large[size] / 1e9, 1) for size in sizes] == [13.5, 8.7, 26.3, 17.6, 7.8]
    assert (await card(jp_fetch, SMALL))[1]["gpu_4bit_bytes"] == 0  # of a GGUF file there are no fewer bits on a card


async def test_another_model_is_hosted_from_the_next_run_on(page, jp_fetch):
    await post(jp_fetch, "models", "current", name=SMALL)
    await page.events(await page.ask())
    assert await card(jp_fetch, SMALL) == (SMALL, {**(await card(jp_fetch, SMALL))[1], "state": "ready"})


async def test_an_unknown_model_is_refused(page):
    assert await page.refused("models", "current", name="no such model") == (404, "unknown_model")
    assert await page.refused("models", "action", name="no such model", action="load") == (404, "unknown_model")


async def test_a_model_at_work_is_not_removed(page, jp_fetch):
    await post(jp_fetch, "models", "current", name=SMALL)
    run_id = await page.ask(mode="ask")
    await page.until(run_id, "approval_requested")
    assert await page.refused("models", "action", name=SMALL, action="remove") == (409, "model_in_use")
    await page.post("runs", run_id, "stop")
    await page.events(run_id)


async def test_a_failed_action_is_told_in_the_card(jp_fetch, tmp_path):
    """Removing the user's own file is refused in the background; the reason must be seen."""
    weights = tmp_path / "mine.gguf"
    weights.write_bytes(b"GGUF")
    await post(jp_fetch, "models", "current", name=str(weights))
    await post(jp_fetch, "models", "action", name=str(weights), action="remove")
    while (shown := (await card(jp_fetch, str(weights)))[1])["state"] != "failed":
        await asyncio.sleep(0.02)
    assert str(weights) in shown["detail"]
    assert weights.exists()


async def test_a_download_is_cancelled_and_what_came_is_kept(page, jp_fetch, monkeypatch, tmp_path):
    def endless(spec, cache_dir, report, cancelled, *, mirror):
        partial = cache_dir / "partial" / spec.name
        partial.mkdir(parents=True)
        (partial / "part").write_bytes(b"came")
        report("Downloading", 0.25)
        while not cancelled():
            time.sleep(0.01)
        raise Stopped

    monkeypatch.setattr("jupyter_oci.server.models.fetch", endless)
    await page.post("models", "action", name=SMALL, action="download")
    while (await card(jp_fetch, SMALL))[1]["fraction"] != 0.25:
        await asyncio.sleep(0.02)
    await page.post("models", "action", name=SMALL, action="cancel")
    while (shown := (await card(jp_fetch, SMALL))[1])["state"] != "absent":
        await asyncio.sleep(0.02)
    assert shown["kept_bytes"] == 4
    assert await page.refused("models", "action", name=SMALL, action="cancel") == (409, "not_coming")


async def test_a_load_is_cancelled_too(page, jp_fetch, monkeypatch):
    closed = []

    def endless(self):
        try:
            while True:
                time.sleep(0.01)
                yield None
        finally:
            closed.append(True)

    monkeypatch.setattr(ScriptedModel, "load", endless)
    await page.post("models", "action", name=SMALL, action="load")
    while (await card(jp_fetch, SMALL))[0] != SMALL:
        await asyncio.sleep(0.02)
    await page.post("models", "action", name=SMALL, action="cancel")
    while not closed:
        await asyncio.sleep(0.02)


async def test_what_was_downloaded_by_a_name_has_a_card_and_is_removed(page, jp_fetch, tmp_path):
    (files := tmp_path / "models" / "models" / "owner--name" / "files").mkdir(parents=True)
    (files / "model.safetensors").write_bytes(b"12345678")
    shown = (await card(jp_fetch, "owner/name"))[1]
    assert (shown["state"], shown["download_bytes"]) == ("available", 8)
    await page.post("models", "action", name="owner/name", action="remove")
    while any(card["name"] == "owner/name" for card in (await page.get("models"))["models"]):
        await asyncio.sleep(0.02)
    assert not files.exists()
