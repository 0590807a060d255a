"""A model takes another's place only when it is seen to be one that can be loaded."""

from __future__ import annotations

from collections.abc import Generator
from typing import Any

import pytest

from jupyter_oci.config import ModelConfig, SamplingParams
from jupyter_oci.errors import ModelLoadError
from jupyter_oci.events import StatusChanged
from jupyter_oci.model.base import Message
from jupyter_oci.model.client import WorkerModel
from jupyter_oci.model.memory import available_memory
from jupyter_oci.model.scripted import ScriptedModel
from jupyter_oci.server.successor import Former, Successor

HELLO = [Message("user", "Hello")]


class Vetted(WorkerModel):
    """Finds that the model takes so many bytes, or what is wrong with it, with no process."""

    def __init__(self, found: int | str) -> None:
        super().__init__(ModelConfig())
        self._found = found

    def load(self) -> Generator[StatusChanged | None, None, int]:
        yield StatusChanged("loading", "Looking")
        if isinstance(self._found, str):
            raise ModelLoadError(self._found)
        return self._found


class Loaded(ScriptedModel):
    """Notes when it is loaded."""

    def __init__(self, log: list[str]) -> None:
        super().__init__(["Hi."])
        self._log = log

    def load(self) -> Generator[StatusChanged | None, None, int]:
        self._log.append("loaded")
        return (yield from super().load())


def succeeding(log: list[str], vetting: WorkerModel | None, former_memory: int = 0) -> Successor:
    return Successor(Loaded(log), vetting, Former(lambda: former_memory, lambda: log.append("former ended")))


def drained(steps: Generator[Any, Any, Any]) -> list[Any]:
    return list(steps)


def test_what_is_asked_for_several_replies_takes_over_too() -> None:
    model = succeeding(log := [], Vetted(0))
    parts = drained(model.candidates([HELLO, HELLO], [SamplingParams()] * 2))
    assert log == ["former ended"]
    assert [part for part in parts if isinstance(part, tuple) and isinstance(part[1], str)] == [(0, "Hi."), (1, "Hi.")]


def test_what_passes_is_loaded_when_the_former_one_has_ended() -> None:
    model = succeeding(log := [], Vetted(0))
    assert drained(model.load())[0] == StatusChanged("loading", "Looking")
    assert drained(model.load())[0] != StatusChanged("loading", "Looking")
    assert log == ["former ended", "loaded", "loaded"]
    assert model.card()["state"] == "ready"


def test_what_has_no_process_of_ours_is_loaded_before_the_former_one_ends() -> None:
    drained(succeeding(log := [], None).load())
    assert log[:2] == ["loaded", "former ended"]


@pytest.mark.parametrize("use", [lambda model: model.load(), lambda model: model.generate(HELLO, SamplingParams())])
def test_what_is_refused_leaves_the_former_one_alone(use: Any) -> None:
    model = succeeding(log := [], Vetted("Fetch it again."))
    with pytest.raises(ModelLoadError, match="Fetch it again"):
        drained(use(model))
    assert log == []
    assert model.card() == {"state": "failed", "detail": "Fetch it again.", "fraction": None}


def test_the_memory_of_the_former_one_counts_as_free() -> None:
    needed = available_memory() + 10**12
    with pytest.raises(ModelLoadError, match="too large for this machine"):
        drained(succeeding(log := [], Vetted(needed)).load())
    assert log == []
    drained(succeeding(log, Vetted(needed), former_memory=2 * 10**12).load())
    assert log == ["former ended", "loaded"]


def test_a_request_that_comes_while_another_takes_over_counts_no_memory_again() -> None:
    log: list[str] = []
    former = Former(lambda: 0 if log else 2 * 10**12, lambda: log.append("former ended"))
    model = Successor(Loaded(log), Vetted(available_memory() + 10**12), former)
    first, second = model.load(), model.load()
    next(first)
    next(second)
    drained(first)
    drained(second)
    assert model.card()["state"] == "ready"


def test_a_stop_meanwhile_leaves_the_former_one_alone() -> None:
    steps = (model := succeeding(log := [], Vetted(0))).load()
    next(steps)
    steps.close()
    assert log == []
    assert model.card()["state"] in ("absent", "available")
