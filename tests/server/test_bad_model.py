"""A model that cannot be used is said to be so, and the one before it answers on, without being loaded again."""

from __future__ import annotations

import asyncio
import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from tornado.httpclient import HTTPClientError

from jupyter_oci.config import ModelConfig
from jupyter_oci.model.base import ChatModel
from jupyter_oci.model.client import WorkerModel
from jupyter_oci.model.scripted import ScriptedModel

GOOD = "qwen2.5-coder-0.5b-instruct"


@pytest.fixture
def bad(tmp_path: Path) -> Path:
    folder = tmp_path / "bad"
    folder.mkdir()
    (folder / "config.json").write_text(json.dumps({"model_type": "gpt2"}))
    (folder / "model.safetensors").write_bytes(b"")
    return folder


@pytest.fixture
def made() -> list[Any]:
    """What the factory made, in that order: the good ones note that they were ended."""
    return []


class Noted(ScriptedModel):
    """A scripted model that says whether it was ended."""

    ended = False

    def close(self) -> None:
        self.ended = True


@pytest.fixture
def settings(made: list[Any], tmp_path: Path, script: Any) -> dict[str, Any]:
    """A scripted model by the good one's name; any other is hosted as it would be."""

    def make(config: ModelConfig) -> ChatModel:
        made.append(Noted(script) if config.name == GOOD else WorkerModel(config, tmp_path / "models"))
        return made[-1]

    return {"mode": "auto", "model": GOOD, "model_factory": make}


async def current(jp_fetch: Any) -> tuple[str, dict[str, dict[str, Any]]]:
    models = json.loads((await jp_fetch("jupyter-oci", "models")).body)
    return models["current"], {card["name"]: card for card in models["models"]}


async def test_after_a_model_that_cannot_be_loaded_the_former_one_answers(
    page: Any, jp_fetch: Any, bad: Path, made: list[Any]
) -> None:
    await page.events(await page.ask())
    await page.post("models", "current", name=str(bad))
    failed = (await page.events(await page.ask()))[-1]
    assert (failed["status"], failed["reason"]) == ("failed", "model_load_error")
    assert failed["message"].endswith("is empty; fetch the model again.")
    while (await current(jp_fetch))[0] != GOOD:
        await asyncio.sleep(0.02)
    assert (await page.events(await page.ask()))[-1]["status"] == "done"
    assert [type(model) for model in made] == [Noted, WorkerModel]
    assert not made[0].ended


async def test_who_changes_their_mind_finds_the_former_one_as_it_was(
    page: Any, jp_fetch: Any, bad: Path, made: list[Any]
) -> None:
    await page.events(await page.ask())
    await page.post("models", "current", name=str(bad))
    assert (await current(jp_fetch))[1][GOOD]["state"] == "ready"
    await page.post("models", "current", name=GOOD)
    assert (await page.events(await page.ask()))[-1]["status"] == "done"
    assert len(made) == 1


async def test_the_first_model_of_all_stays_chosen_with_its_reason(page: Any, jp_fetch: Any, bad: Path) -> None:
    await page.post("models", "action", name=str(bad), action="load")
    while (shown := (await current(jp_fetch))[1][str(bad)])["state"] != "failed":
        await asyncio.sleep(0.02)
    assert shown["detail"].endswith("is empty; fetch the model again.")


async def test_a_disk_that_is_too_full_is_said_with_what_is_needed(
    page: Any, jp_fetch: Any, monkeypatch: pytest.MonkeyPatch, made: list[Any], tmp_path: Path
) -> None:
    await page.events(await page.ask())
    name = "qwen2.5-coder-1.5b-instruct"
    (tmp_path / "models" / "models" / name / f"{name}-q4_k_m.gguf").mkdir(parents=True)
    monkeypatch.setattr("jupyter_oci.model.machine._free_disk", lambda _: 10**9)
    await page.post("models", "current", name=name)
    failed = (await page.events(await page.ask()))[-1]
    assert (failed["status"], failed["reason"]) == ("failed", "model_load_error")
    assert "takes 1.4 GB more" in failed["message"]
    assert "1.0 GB are free; make room there" in failed["message"]
    chosen, cards = await current(jp_fetch)
    assert (chosen, cards[name]["state"]) == (GOOD, "failed")
    assert not made[0].ended


async def test_the_disk_is_not_asked_for_a_model_of_the_administrators_making(
    page: Any, jp_fetch: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("jupyter_oci.model.machine._free_disk", lambda _: 0)
    assert (await page.events(await page.ask()))[-1]["status"] == "done"


async def test_a_model_whose_folder_is_gone_says_so_and_another_can_be_chosen(page: Any, jp_fetch: Any, bad: Path) -> None:
    await page.post("models", "current", name=str(bad))
    shutil.rmtree(bad)
    chosen, cards = await current(jp_fetch)
    assert (chosen, cards[str(bad)]["title"], cards[str(bad)]["state"]) == (str(bad), "bad", "failed")
    assert cards[str(bad)]["detail"].startswith(f"There is no model '{bad}'.")
    await page.post("models", "current", name=GOOD)
    assert (await page.events(await page.ask()))[-1]["status"] == "done"


async def test_a_request_to_a_model_whose_folder_is_gone_is_refused_and_the_former_one_answers(
    page: Any, jp_fetch: Any, bad: Path
) -> None:
    await page.events(await page.ask())
    await page.post("models", "current", name=str(bad))
    shutil.rmtree(bad)
    with pytest.raises(HTTPClientError) as refused:
        await page.ask()
    assert f"There is no model '{bad}'." in refused.value.response.body.decode()
    chosen, cards = await current(jp_fetch)
    assert (chosen, cards[GOOD]["state"]) == (GOOD, "ready")
    assert (await page.events(await page.ask()))[-1]["status"] == "done"
