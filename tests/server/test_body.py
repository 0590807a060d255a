from __future__ import annotations

import json
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jupyter_oci.errors import ProtocolError
from jupyter_oci.server.body import MAX_BODY_BYTES, SCHEMAS, read, read_ask

ASK = {
    "path": "nb.ipynb",
    "kernel_id": "k",
    "prompt": "plot it",
    "cells": [{"id": "a", "cell_type": "code", "source": ["x = 1\n", "x"], "outputs": [{"output_type": "stream", "text": "1"}]}],
    "active_cell_id": "a",
}
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from([*ASK, "mode", "id"]), inner, max_size=4),
    max_leaves=10,
)


def body(**changes):
    return json.dumps({**ASK, **changes}).encode()


def test_an_ask_is_read_into_values():
    ask = read_ask("ask", body())
    assert (ask.path, ask.mode, ask.max_rounds, ask.request.prompt) == ("nb.ipynb", None, None, "plot it")
    assert ask.request.cells[0].source == "x = 1\nx"
    assert ask.request.cells[0].outputs == ({"output_type": "stream", "text": "1"},)


@pytest.mark.parametrize(
    ("changes", "where"),
    [
        ({"prompt": ""}, "$.prompt"),
        ({"path": None}, "$.path"),
        ({"mode": "yolo"}, "$.mode"),
        ({"max_rounds": 0}, "$.max_rounds"),
        ({"max_rounds": True}, "$.max_rounds"),
        ({"cells": [{"id": "a", "cell_type": "code"}]}, "$.cells[0]"),
        ({"cells": [{"id": "a", "cell_type": "code", "source": 3}]}, "$.cells[0].source"),
        ({"cells": [ASK["cells"][0]] * 201}, "$.cells"),
    ],
)
def test_the_error_names_the_place(changes, where):
    with pytest.raises(ProtocolError) as refused:
        read_ask("ask", body(**changes))
    assert f" {where}: " in str(refused.value)
    assert len(str(refused.value)) < 400


def test_a_request_that_is_too_long_is_told_its_length():
    with pytest.raises(ProtocolError, match=r"^The prompt is too long: 100,001 characters, 100,000 at most\.$"):
        read_ask("ask", body(prompt="x" * 100_001))


@pytest.mark.parametrize("raw", [b"", b"no json", b"\xff", b"[" * 100_000, b"null", b"[]", b'"text"'])
def test_what_is_no_object_is_refused(raw):
    with pytest.raises(ProtocolError):
        read("ask", raw)


def test_a_long_body_is_refused_unread():
    with pytest.raises(ProtocolError, match="too long"):
        read("ask", b" " * (MAX_BODY_BYTES + 1))


@given(kind=st.sampled_from(sorted(SCHEMAS)), value=JSON)
def test_any_json_is_read_or_refused(kind, value):
    raw = json.dumps(value).encode()
    with suppress(ProtocolError):
        assert (read_ask if kind in ("ask", "preview") else read)(kind, raw)
