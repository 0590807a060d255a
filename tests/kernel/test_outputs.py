"""Messages folded into notebook outputs."""

import nbformat
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jupyter_oci.kernel.outputs import fold, overwrite


def stream(text, name="stdout"):
    return {"msg_type": "stream", "content": {"name": name, "text": text}, "metadata": {}}


def display(text, display_id=None, kind="display_data"):
    transient = {"display_id": display_id} if display_id else {}
    content = {"data": {"text/plain": text}, "metadata": {}, "transient": transient}
    return {"msg_type": kind, "content": content, "metadata": {}}


def clear(*, wait):
    return {"msg_type": "clear_output", "content": {"wait": wait}, "metadata": {}}


def texts(outputs):
    return [output.get("text") or output["data"]["text/plain"] for output in outputs]


def test_neighbouring_streams_of_one_name_become_one_output():
    outputs = fold([stream("a"), stream("b"), stream("c", "stderr"), stream("d")])
    assert [(output["name"], output["text"]) for output in outputs] == [("stdout", "ab"), ("stderr", "c"), ("stdout", "d")]


@pytest.mark.parametrize(
    ("printed", "shown"),
    [
        ("10%\r20%\r100%", "100%"),
        ("long line\rshort", "shortline"),
        ("windows\r\nlines\r\n", "windows\nlines\n"),
        ("abc\b\bX", "aX"),
        ("\b\b", ""),
        ("one\n\btwo", "one\ntwo"),
        ("kept\n", "kept\n"),
    ],
)
def test_carriage_returns_and_backspaces_overwrite(printed, shown):
    assert overwrite(printed) == shown


def test_a_carriage_return_overwrites_across_messages():
    assert texts(fold([stream("10%"), stream("\r20%"), stream("\r30%\n"), stream("done")])) == ["30%\ndone"]


def test_overwriting_is_quick_for_hostile_text():
    size = 300_000
    assert overwrite("x" * size + "\b" * size) == ""
    assert overwrite("x" * size + "\ry" * size) == "y" + "x" * (size - 1)


def test_clear_output_empties_at_once_or_with_the_next_output():
    assert fold([stream("a"), clear(wait=False)]) == ()
    assert texts(fold([stream("a"), clear(wait=True)])) == ["a"]
    assert texts(fold([stream("a"), clear(wait=True), stream("b")])) == ["b"]
    assert texts(fold([stream("a"), clear(wait=True), clear(wait=False), stream("b"), stream("c")])) == ["bc"]


def test_an_update_changes_every_display_with_its_id():
    outputs = fold([display("1", "x"), display("2", "x"), display("3", "y"), display("new", "x", "update_display_data")])
    assert texts(outputs) == ["new", "new", "3"]


def test_an_update_of_a_display_that_was_cleared_changes_nothing():
    outputs = fold([display("1", "x"), clear(wait=False), display("2"), display("new", "x", "update_display_data")])
    assert texts(outputs) == ["2"]


MESSAGES = st.one_of(
    st.builds(stream, st.text(), st.sampled_from(["stdout", "stderr"])),
    st.builds(display, st.text(), st.sampled_from([None, "a", "b"]), st.sampled_from(["display_data", "update_display_data"])),
    st.builds(clear, wait=st.booleans()),
    st.just({"msg_type": "error", "content": {"ename": "E", "evalue": "v", "traceback": ["t"]}, "metadata": {}}),
    st.just(
        {"msg_type": "execute_result", "content": {"data": {}, "metadata": {}, "execution_count": 3}, "metadata": {}},
    ),
    st.just({"msg_type": "status", "content": {"execution_state": "busy"}, "metadata": {}}),
)


@given(st.lists(MESSAGES))
def test_whatever_comes_is_a_valid_notebook_cell(messages):
    cell = nbformat.v4.new_code_cell(outputs=[nbformat.from_dict(output) for output in fold(messages)])
    nbformat.validate(nbformat.v4.new_notebook(cells=[cell]))


@given(st.lists(MESSAGES))
def test_folding_leaves_the_messages_as_they_were(messages):
    assert fold(messages) == fold(messages)
