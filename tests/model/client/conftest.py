"""WorkerModel and its process, with a real process and a small model in it."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from jupyter_oci.config import ModelConfig
from jupyter_oci.model.client import WorkerModel

HERE = Path(__file__).parents[1]


@pytest.fixture(autouse=True)
def _the_process_finds_the_host(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(HERE.parents[1]), str(HERE)]))


@pytest.fixture
def make(tmp_path: Path) -> Iterator[Callable[..., WorkerModel]]:
    made: list[WorkerModel] = []

    def make(order: str = "fine", idle_unload: float | None = None, **options: Any) -> WorkerModel:
        weights = tmp_path / "weights.gguf"
        weights.write_text(order)
        config = ModelConfig(str(weights), idle_unload=idle_unload)
        made.append(WorkerModel(config, tmp_path / "cache", host="hosts:ObedientHost", **options))
        return made[-1]

    yield make
    for model in made:
        model.close()


@pytest.fixture
def model(make: Callable[..., WorkerModel]) -> WorkerModel:
    return make()
