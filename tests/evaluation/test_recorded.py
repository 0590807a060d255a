"""The exchanges of a problem are kept as they were asked for."""

from __future__ import annotations

from jupyter_oci.config import SamplingParams
from jupyter_oci.evaluation.recorded import RecordedModel
from jupyter_oci.model.base import Message
from jupyter_oci.model.scripted import ScriptedModel

QUESTIONS = [[Message("user", word)] for word in ("one", "two", "three")]


def test_several_replies_are_kept_but_for_what_was_not_begun() -> None:
    model = RecordedModel(
        ScriptedModel(
            {
                "one": ["1111"],
                "two": [
                    "2222",
                ],
                "three": ["3333"],
            }
        )
    )
    steps = model.candidates(QUESTIONS, [SamplingParams()] * 3)
    enough = None
    try:
        while True:
            item = steps.send(enough)
            enough = {0, 1, 2} if item == (1, "2222") else None
    except StopIteration:
        pass
    exchanges = model.take()
    assert [exchange.reply for exchange in exchanges] == ["1111", "2222"]
    assert [exchange.messages for exchange in exchanges] == [tuple(question) for question in QUESTIONS[:2]]
    assert [exchange.usage.completion_tokens for exchange in exchanges] == [1, 1]
    assert model.take() == ()


def test_several_replies_are_passed_on_as_they_are() -> None:
    model = ScriptedModel(["12345678"])
    plain, recorded = (
        [
            item
            for item in each.candidates(QUESTIONS, [SamplingParams()] * 3)
            if isinstance(item, tuple) and isinstance(item[1], str)
        ]
        for each in (model, RecordedModel(model))
    )
    assert recorded == plain
