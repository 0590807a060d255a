from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tiny_models import tiny_tokenizer

from jupyter_oci.model.reply_text import Reply, ReplyText

TOKENIZER = tiny_tokenizer()
END = TOKENIZER.convert_tokens_to_ids("<|im_end|>")


def tokens_of(text: str) -> list[int]:
    return list(TOKENIZER(text)["input_ids"])


@given(st.text(st.characters(exclude_categories=["Cs"])), st.integers(1, 5))
def test_text_comes_in_whole_characters_and_complete(text: str, width: int) -> None:
    tokens, reply = tokens_of(text), ReplyText(TOKENIZER)
    parts = [reply.push(tokens[start : start + width]) for start in range(0, len(tokens), width)]
    assert "".join([*parts, reply.flush()]) == text
    assert all("\ufffd" not in part for part in parts if "\ufffd" not in text)


def test_a_character_waits_for_its_last_byte() -> None:
    reply = ReplyText(TOKENIZER)
    assert [reply.push([token]) for token in tokens_of("é!")] == ["", "é", "!"]


def test_a_cut_character_is_shown_as_such_at_the_end() -> None:
    reply = Reply(TOKENIZER, {END}, 1)
    assert "".join(reply.read([tokens_of("é")])) == "\ufffd"


def test_a_stop_token_ends_the_reply_within_a_step() -> None:
    reply = Reply(TOKENIZER, {END}, 100)
    assert "".join(reply.read([tokens_of("ab"), [*tokens_of("c"), END, *tokens_of("never")]])) == "abc"
    assert (reply.stop_reason, len(reply.tokens)) == ("stop", 3)


def test_the_limit_holds_within_a_step() -> None:
    reply = Reply(TOKENIZER, {END}, 3)
    assert "".join(reply.read([tokens_of("ab"), tokens_of("cdef")])) == "abc"
    assert reply.stop_reason == "length"


def test_going_round_in_circles_ends_the_reply() -> None:
    reply = Reply(TOKENIZER, {END}, 10_000)
    text = "".join(reply.read([token] for token in tokens_of("Well. " + "and so on, " * 300)))
    assert len(text) < 600
    assert reply.stop_reason == "length"


@pytest.mark.parametrize(
    "text", ["".join(f"row {number:03}: 0.0, 0.0, 0.0\n" for number in range(60)), "[0, 0, 0, 0, 0, 0, 0, 0, 0, 0],\n" * 12]
)
def test_a_table_of_alike_lines_goes_through(text: str) -> None:
    assert "".join(Reply(TOKENIZER, {END}, 10_000).read([token] for token in tokens_of(text))) == text
