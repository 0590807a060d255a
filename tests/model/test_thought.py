from __future__ import annotations

import json
from typing import Any

import pytest
from faulty_server import DONE, Asked, chunk, faulty
from hypothesis import given
from hypothesis import strategies as st
from tiny_models import CHATML, tiny_tokenizer

from jupyter_oci.config import ModelConfig, SamplingParams
from jupyter_oci.events import StatusChanged
from jupyter_oci.model.base import Message, Usage
from jupyter_oci.model.endpoint import EndpointModel
from jupyter_oci.model.reply_text import Reply
from jupyter_oci.model.templates import ChatTemplate
from jupyter_oci.model.thought import Answer, is_thinker

THOUGHT = "\nLet me try.\n```python\nx = 1/0\n```\nNo, that is wrong.\n"
ANSWER = "Here:\n```python\nx = 2\n```"
REPLIES = [  # what the model writes, whether its prompt has opened the thought, and the answer
    (f"<think>{THOUGHT}</think>\n\n{ANSWER}", False, ANSWER),
    (f"\n<think>{THOUGHT}</think>{ANSWER}", True, ANSWER),
    (f"{THOUGHT}</think>\n\n{ANSWER}", True, ANSWER),
    (f"</think>\n\n{ANSWER}", False, ANSWER),
    (f"<think>\n\n</think>\n\n{ANSWER}", False, ANSWER),
    (ANSWER, False, ANSWER),
    (ANSWER, True, ANSWER),
    ("<thinking is hard", False, "<thinking is hard"),
    ("<thi", False, "<thi"),
    ("  x = 1", False, "  x = 1"),
    (f"{ANSWER}\n<think>so</think>", False, f"{ANSWER}\n<think>so</think>"),
    (f"<think>{THOUGHT}", False, ""),
]
TOKENIZER = tiny_tokenizer()
END = TOKENIZER.convert_tokens_to_ids("<|im_end|>")


@pytest.mark.parametrize(("text", "opened", "answer"), REPLIES)
@pytest.mark.parametrize("size", [1, 5, 1000])
def test_the_answer_is_what_follows_the_thought(text: str, opened: bool, answer: str, size: int) -> None:
    reading = Answer(opened=opened)
    parts = [reading.feed(text[start : start + size]) for start in range(0, len(text), size)]
    assert "".join(parts) + reading.finish() == answer


@given(st.text(), st.integers(1, 4))
def test_a_reply_without_a_thought_is_as_it_was(text: str, size: int) -> None:
    reading = Answer()
    parts = [reading.feed(text[start : start + size]) for start in range(0, len(text), size)]
    assert "".join(parts) + reading.finish() == text


def test_what_is_cut_within_a_thought_has_no_answer() -> None:
    reading = Answer(opened=True)
    assert reading.feed("Hm, let me see") + reading.finish(cut=True) == ""


@pytest.mark.parametrize("name", ["deepseek-r1:7b", "DeepSeek-R1-Distill-Qwen-32B", "QwQ-32B", "Qwen3-4B-Thinking-2507"])
def test_models_that_always_think_are_known_by_their_names(name: str) -> None:
    assert is_thinker(name)
    assert not is_thinker(name.replace("R1", "V3").replace("r1", "v3").replace("QwQ", "Qwen").replace("Thinking", "Instruct"))


def test_of_a_model_on_this_machine_only_the_answer_is_taken() -> None:
    tokens = list(TOKENIZER(f"{THOUGHT}</think>\n\n{ANSWER}")["input_ids"])
    reply = Reply(TOKENIZER, {END}, 1000, in_thought=True)
    assert "".join(reply.read([[token] for token in [*tokens, END]])) == ANSWER
    assert reply.tokens == tokens
    cut = Reply(TOKENIZER, {END}, 20, in_thought=True)
    assert "".join(cut.read([tokens])) == ""
    assert cut.stop_reason == "length"


@pytest.mark.parametrize(("end", "opens"), [("<think>\n", True), ("<think>\n\n</think>\n\n", False), ("", False)])
def test_a_template_that_opens_the_thought_is_seen(end: str, opens: bool) -> None:
    template = CHATML.replace("assistant\n'", f"assistant\n{end}'")
    assert ChatTemplate(tiny_tokenizer(template)).opens_thought() is opens


def said(model: EndpointModel) -> str:
    steps = model.generate([Message("user", "Hello")], SamplingParams(1000))
    return "".join(item for item in steps if isinstance(item, str))


def stream(*texts: str) -> list[bytes]:
    return [*(chunk(text) for text in texts), chunk("", "stop"), DONE]


def test_what_a_server_leaves_of_the_thought_in_the_reply_is_taken_out() -> None:
    with faulty(lambda asked: asked.stream(*stream("<thi", f"nk>{THOUGHT}", "</th", f"ink>\n\n{ANSWER}"))) as (base, _):
        assert said(EndpointModel(ModelConfig(name=base))) == ANSWER


def test_without_the_beginning_of_a_thought_its_end_is_waited_for_where_the_model_is_known_to_think() -> None:
    def reply(asked: Asked) -> None:
        asked.stream(*stream(THOUGHT, f"</think>\n\n{ANSWER}"))

    with faulty(reply) as (base, _):
        assert said(EndpointModel(ModelConfig(name=f"{base}#thinker"))) == ANSWER
        model = EndpointModel(ModelConfig(name=base))
        assert said(model) == f"{THOUGHT}</think>\n\n{ANSWER}"
        assert said(model) == ANSWER


def test_where_the_server_sets_the_thought_apart_the_answer_is_not_held_back() -> None:
    thought = b'data: {"choices": [{"index": 0, "delta": {"reasoning": "Hm."}}]}\n\n'
    with faulty(lambda asked: asked.stream(thought, *stream("It ", "is 2."))) as (base, _):
        steps = EndpointModel(ModelConfig(name=f"{base}#thinker")).generate([Message("user", "Hello")], SamplingParams(1000))
        texts = [item for item in steps if isinstance(item, str)]
    assert texts == ["It ", "is 2."]


def test_thoughts_are_counted_where_the_server_counts_nothing() -> None:
    with faulty(lambda asked: asked.stream(*stream("<think>" + "hm " * 100 + "</think>", "2"))) as (base, _):
        steps, usage = EndpointModel(ModelConfig(name=base)).generate([Message("user", "Hello")], SamplingParams(1000)), None
        while usage is None:
            try:
                next(steps)
            except StopIteration as end:
                usage = end.value
    assert isinstance(usage, Usage)
    assert usage.completion_tokens > 100


def reasoning(text: str, finish: str | None = None) -> bytes:
    choice = {"index": 0, "delta": {"reasoning_content": text}, "finish_reason": finish}
    return b"data: " + json.dumps({"choices": [choice]}).encode() + b"\n\n"


def rooms(seen: list[Asked]) -> list[int]:
    return [asked.body["max_tokens"] for asked in seen if asked.path.endswith("/chat/completions")]


@pytest.mark.parametrize("thinking", [reasoning, lambda text, finish=None: chunk(f"<think>{text}", finish)])
def test_a_thought_that_uses_up_the_reply_gets_more_room_and_so_do_later_replies(thinking: Any) -> None:
    def reply(asked: Asked) -> None:
        if asked.body["max_tokens"] > 1000:
            asked.stream(thinking("Hm."), *stream("</think>It is 2." if thinking is not reasoning else "It is 2."))
        else:
            asked.stream(thinking("Hm.", "length"), DONE)

    with faulty(reply) as (base, seen):
        model = EndpointModel(ModelConfig(name=base, endpoint_window=100_000))
        assert [said(model), said(model)] == ["It is 2.", "It is 2."]
        assert rooms(seen) == [1000, 5096, 5096]


def test_a_thought_without_end_is_asked_for_twice_and_no_more() -> None:
    with faulty(lambda asked: asked.stream(reasoning("Hm.", "length"), DONE)) as (base, seen):
        model = EndpointModel(ModelConfig(name=base, endpoint_window=100_000))
        assert said(model) == ""
        assert rooms(seen) == [1000, 5096]


def test_a_reply_that_does_not_begin_with_a_thought_gets_no_more_room() -> None:
    with faulty(lambda asked: asked.stream(chunk("<think>\n\n</think>\n\nIt is", "length"), DONE)) as (base, seen):
        model = EndpointModel(ModelConfig(name=base, endpoint_window=100_000))
        assert [said(model), said(model)] == ["It is", "It is"]
        assert rooms(seen) == [1000, 1000]


def test_how_far_a_thought_is_is_told_now_and_then() -> None:
    with faulty(lambda asked: asked.stream(*[reasoning("x" * 100)] * 9, *stream("2"))) as (base, _):
        steps = EndpointModel(ModelConfig(name=base)).generate([Message("user", "Hello")], SamplingParams(1000))
        told = [item.detail for item in steps if isinstance(item, StatusChanged) and item.phase == "thinking"]
    assert told == ["", "400 characters so far", "800 characters so far"]
