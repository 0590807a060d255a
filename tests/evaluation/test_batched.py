"""Requests of several threads are written as one batch, and each gets its own reply."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Generator, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from jupyter_oci.config import ModelConfig, SamplingParams
from jupyter_oci.errors import ContextOverflow, ModelError
from jupyter_oci.evaluation.batched import BatchedModel, batched
from jupyter_oci.model.base import Message, Usage
from jupyter_oci.model.client import WorkerModel
from jupyter_oci.model.scripted import ScriptedModel

SIZES: list[int] = []


class Batches(WorkerModel):
    """Counts what comes as one batch; replies with the words of the request, one at a time, and "forever" until it is enough."""

    def __init__(self) -> None:
        pass

    @property
    def name(self) -> str:
        return "batches"

    def candidates(self, conversations: Any, samplings: Any) -> Generator[Any, Any, None]:
        SIZES.append(len(conversations))
        words = [messages[-1].content.split() for messages in conversations]
        if ["long"] in words:
            raise ContextOverflow("It is too long.")
        if ["fail"] in words:
            raise ModelError("The model failed.")
        if ["odd"] in words:
            raise ValueError("Nobody thought of it.")
        enough, ended = set[int](), set[int]()
        for turn in itertools.count():
            for place in set(range(len(words))) - ended:
                said = words[place]
                if place in enough or (turn == len(said) and said != ["forever"]):
                    ended.add(place)
                    enough.update((yield place, Usage(1, 0, turn, 0.0)) or ())
                else:
                    enough.update((yield place, f"{said[turn % len(said)]} ") or ())
            if len(ended) == len(words):
                return


@pytest.fixture
def model() -> BatchedModel:
    SIZES.clear()
    return BatchedModel(Batches(), 3)


def replied(model: BatchedModel, text: str, enough_after: int = 1000) -> tuple[str, Usage]:
    steps, said, enough = model.generate([Message("user", text)], SamplingParams()), "", None
    while True:
        try:
            piece = steps.send(enough)
        except StopIteration as stop:
            return said, stop.value
        enough = None
        if piece:
            said += str(piece)
            enough = len(said.split()) >= enough_after or None


def asked_together(model: BatchedModel, *texts: str) -> list[Any]:
    """Ask for several replies in one request; of the second one the first word is enough."""
    conversations = [[Message("user", text)] for text in texts]
    steps, said, enough = model.candidates(conversations, [SamplingParams()] * len(texts)), [], None
    while True:
        try:
            item = steps.send(enough)
        except StopIteration:
            return said
        said += [item] if item else []
        enough = {1} if any(place == 1 for place, _ in said) else None


def all_replied(model: BatchedModel, texts: list[str]) -> Iterator[tuple[str, Usage]]:
    with ThreadPoolExecutor(len(texts)) as pool:
        yield from pool.map(lambda text: replied(model, text), texts)


def test_requests_that_come_together_are_one_batch_and_each_gets_its_own_reply(model: BatchedModel) -> None:
    told = list(all_replied(model, ["a b c", "d", "e f"]))
    assert [text for text, _ in told] == ["a b c ", "d ", "e f "]
    assert [usage.completion_tokens for _, usage in told] == [3, 1, 2]
    assert SIZES == [3]


def test_a_request_for_several_replies_is_one_part_of_the_batch(model: BatchedModel) -> None:
    with ThreadPoolExecutor(3) as pool:
        several = pool.submit(asked_together, model, "a b", "forever", "c")
        assert [each.result(20)[0] for each in [pool.submit(replied, model, text) for text in ("d", "e f")]] == ["d ", "e f "]
        said = several.result(20)
    assert SIZES == [5]
    assert [part for place, part in said if place == 0] == ["a ", "b ", Usage(1, 0, 2, 0.0)]
    assert [part for place, part in said if place == 2] == ["c ", Usage(1, 0, 1, 0.0)]
    assert isinstance(said[-1][1], Usage)


def test_of_several_replies_one_that_cannot_be_read_fails_the_request(model: BatchedModel) -> None:
    with ThreadPoolExecutor(3) as pool:
        others = [pool.submit(replied, model, text) for text in ("a", "b")]
        with pytest.raises(ContextOverflow, match="too long"):
            asked_together(model, "c", "long")
        assert [each.result(20)[0] for each in others] == ["a ", "b "]


def test_a_request_that_stays_alone_does_not_wait_for_ever(model: BatchedModel, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("jupyter_oci.evaluation.batched._PATIENCE", 0.05)
    assert replied(model, "a b")[0] == "a b "
    assert SIZES == [1]


@pytest.mark.parametrize(("word", "kind", "message"), [("fail", ModelError, "The model failed"), ("odd", ValueError, "Nobody")])
def test_a_failure_is_told_to_all_of_the_batch_and_the_next_one_is_written(
    model: BatchedModel, word: str, kind: type[Exception], message: str
) -> None:
    def fails(text: str) -> bool:
        with pytest.raises(kind, match=message):
            replied(model, text)
        return True

    with ThreadPoolExecutor(3) as pool:
        assert all(pool.map(fails, ["a", word, "b"]))
    assert [text for text, _ in all_replied(model, ["a", "b", "c"])] == ["a ", "b ", "c "]


def test_a_prompt_that_is_too_long_fails_for_itself_alone(model: BatchedModel) -> None:
    with ThreadPoolExecutor(3) as pool:
        others = [pool.submit(replied, model, text) for text in ("a", "b")]
        with pytest.raises(ContextOverflow, match="too long"):
            replied(model, "long")
        assert [each.result(20)[0] for each in others] == ["a ", "b "]


def test_what_was_closed_or_is_enough_ends_and_the_others_go_on(model: BatchedModel) -> None:
    closed = model.generate([Message("user", "x " * 900)], SamplingParams())
    with ThreadPoolExecutor(2) as pool:
        one = pool.submit(replied, model, "a b c", 2)
        other = pool.submit(replied, model, "d e f g h")
        assert next(piece for piece in closed if piece) == "x "
        closed.close()
        assert other.result(20)[0] == "d e f g h "
        assert one.result(20)[0].startswith("a b ")


def test_only_models_of_this_machine_are_batched_by_us(tmp_path: Path) -> None:
    other, alone = ScriptedModel({}), WorkerModel(ModelConfig(), tmp_path)
    assert batched(other, 4) is other
    assert batched(alone, 1) is alone
    threads = threading.active_count()
    assert isinstance(two := batched(alone, 2), BatchedModel)
    assert two.computed is alone.computed
    assert threading.active_count() == threads + 1
