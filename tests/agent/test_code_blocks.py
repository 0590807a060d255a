from __future__ import annotations

import ast
import json
import warnings
from collections import Counter
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jupyter_oci.agent.code_blocks import BlockClosed, BlockSplitter, Code, Piece, Prose, extract
from jupyter_oci.agent.python_text import parses

from .replies import REPLIES

RECORDED = Path(__file__).parents[3] / "shared" / "data" / "mint_oci_transcripts"


def split(reply: str, size: int) -> list[Piece]:
    """Feed in pieces of `size` characters; join what belongs together."""
    splitter = BlockSplitter()
    pieces = [piece for start in range(0, len(reply), size) for piece in splitter.feed(reply[start : start + size])]
    joined: list[Piece] = []
    for piece in [*pieces, *splitter.finish()]:
        last = joined[-1] if joined else None
        if isinstance(piece, Prose) and isinstance(last, Prose):
            joined[-1] = Prose(last.text + piece.text)
        elif isinstance(piece, Code) and isinstance(last, Code):
            joined[-1] = Code(last.text + piece.text)
        else:
            joined.append(piece)
    return joined


@pytest.mark.parametrize(("reply", "code"), REPLIES)
def test_code_is_found_in_every_shape_of_reply(reply, code):
    assert extract(reply) == code


@pytest.mark.parametrize("reply", [reply for reply, _ in REPLIES])
@pytest.mark.parametrize("size", [1, 3, 7])
def test_a_stream_gives_the_pieces_of_the_whole(reply, size):
    assert split(reply, size) == split(reply, len(reply) or 1)


@pytest.mark.parametrize("reply", [reply for reply, _ in REPLIES])
def test_what_is_shown_of_a_block_is_its_code(reply):
    pieces = split(reply, 2)
    for shown, closed in pairwise(pieces):
        if isinstance(closed, BlockClosed):
            assert isinstance(shown, Code)
            assert shown.text.startswith(closed.code)


def test_prose_is_passed_on_whole():
    assert split("Two *words*.\n\nAnd `code`.\n", 1) == [Prose("Two *words*.\n\nAnd `code`.\n")]


def test_prose_and_code_stream_before_their_line_ends():
    splitter = BlockSplitter()
    assert list(splitter.feed("The mean")) == []
    assert list(splitter.feed(" of it ")) == [Prose("The mean of it ")]
    assert [*splitter.feed("is:\n```python\ntot")] == [Prose("is:\n"), Code("tot")]
    assert [*splitter.feed("al = 1")] == [Code("al = 1")]


def test_a_block_in_another_language_stays_in_the_prose():
    assert split("Do:\n```bash\nls\n```\nok", 1) == [Prose("Do:\n```bash\nls\n```\nok")]


def test_a_block_that_the_reply_did_not_close_is_marked():
    assert split("```python\nx = 1", 4)[-1] == BlockClosed("x = 1", complete=False)
    assert split("```python\nx = 1\n```", 4)[-1] == BlockClosed("x = 1", complete=True)


LINES = st.sampled_from(
    [
        "x = 1",
        "def f(a):",
        "    return a",
        "'''",
        '"""',
        "```",
        "```python",
        "~~~",
        "# ```",
        "s = '```'",
        "\\",
        "  ",
        "",
        "%%time",
        "x = '''",
    ]
)


@given(st.one_of(st.lists(LINES).map("\n".join), st.text()), st.sampled_from(["```", "~~~", "````"]))
def test_any_code_that_parses_comes_back_from_a_block(code, fence):
    code = code.strip("\n")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            ast.parse(code)
        except (SyntaxError, ValueError):
            return
    if code.strip():
        assert extract(f"Here:\n{fence}python\n{code}\n{fence}\nThat was it.") == code


@given(st.text(alphabet="`~ \npython<execut>/x=1'\""), st.integers(1, 5))
def test_no_reply_breaks_the_splitter_and_pieces_do_not_matter(reply, size):
    assert split(reply, size) == split(reply, len(reply) or 1)


@pytest.mark.skipif(not RECORDED.is_dir(), reason="the recorded replies of OpenCodeInterpreter are not at hand")
def test_recorded_replies_give_code_that_parses():
    found: Counter[str] = Counter()
    for path in sorted(RECORDED.glob("*/*.jsonl")):
        for line in path.read_text().splitlines():
            history = json.loads(line)["state"]["history"]
            for message in history:
                if message["role"] == "assistant":
                    found[_kind(message["content"].removeprefix("Assistant:\n"))] += 1
    assert found["fenced"] > 1200
    assert found["bare"] > 150
    assert found["broken"] <= 0.03 * (found["fenced"] + found["bare"])
    assert found["missed"] == 0


def _kind(reply: str) -> str:
    code = extract(reply)
    if code is None:
        return "missed" if "```python" in reply and reply.count("```") > 1 else "prose"
    if not parses(code):
        return "broken"
    return "fenced" if "```" in reply else "bare"
