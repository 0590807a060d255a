"""The bound on what one execution may print."""

import json

from hypothesis import given
from hypothesis import strategies as st

from jupyter_oci.kernel.budget import OutputBudget, is_rich, measure, shorten
from jupyter_oci.kernel.wire import clean, encodable, stream_ends

LIMIT = 20_000
RICH_LIMIT = 60_000


def stream(text):
    return {"msg_type": "stream", "content": {"name": "stdout", "text": text}, "metadata": {}}


def display(data, metadata=None):
    return {"msg_type": "display_data", "content": {"data": data, "metadata": metadata or {}}, "metadata": {}}


def clear():
    return {"msg_type": "clear_output", "content": {"wait": True}, "metadata": {}}


def error(text):
    return {"msg_type": "error", "content": {"ename": "E", "evalue": text, "traceback": [text]}, "metadata": {}}


def passed(outputs):
    budget = OutputBudget(LIMIT, RICH_LIMIT)
    shown = [shown for output in outputs if (shown := budget.admit(output)) is not None]
    return shown + budget.finish(), budget


SIZES = st.integers(0, 30_000)
OUTPUTS = st.one_of(
    st.builds(lambda size, letter: stream(letter * size), SIZES, st.sampled_from("a\x00é€")),
    st.builds(lambda size: display({"text/plain": "p" * size, "text/html": "h" * (size // 2)}, {"m": "m" * size}), SIZES),
    st.builds(lambda size: display({"image/png": "i" * size}), SIZES),
    st.builds(clear),
)


@given(st.lists(OUTPUTS, max_size=30))
def test_no_more_than_the_limit_gets_through(outputs):
    shown, _ = passed(outputs)
    assert (
        sum(measure(output) for output in shown if not is_rich(output)) <= LIMIT + 300
    )  # and the line that says what was left out
    assert sum(measure(output) for output in shown if is_rich(output)) <= RICH_LIMIT


def test_what_fits_gets_through_as_it_is():
    outputs = [stream("a"), display({"text/plain": "b"}), clear(), stream("c")]
    shown, budget = passed(outputs)
    assert (shown, budget.dropped_bytes) == (outputs, 0)


def test_head_and_tail_are_kept_and_the_middle_is_counted():
    shown, budget = passed([stream(f"{number:04} " + "x" * 95) for number in range(1000)])
    text = "".join(output["content"]["text"] for output in shown)
    assert text.startswith("0000")
    assert "0999" in text
    assert f"{budget.dropped_bytes:,} bytes of output left out" in text
    assert budget.dropped_bytes > 80_000


def test_an_error_gets_through_a_full_budget_with_its_start_and_end():
    shown, _ = passed([stream("x" * 100) for _ in range(1000)] + [error("start" + "y" * 10**6 + "end")])
    (content,) = [output["content"] for output in shown if output["msg_type"] == "error"]
    assert content["evalue"].startswith("start")
    assert content["traceback"][-1].endswith("end")
    assert len(json.dumps(content)) < LIMIT


def test_a_picture_larger_than_all_text_may_be_is_shown_whole():
    picture = display({"image/png": "i" * (RICH_LIMIT // 2 - 1000), "text/plain": "<Figure>"}, {"image/png": {"width": 300}})
    shown, budget = passed([picture])
    assert (shown, budget.dropped_bytes) == ([picture], 0)


def test_a_picture_that_is_too_large_leaves_its_text_and_says_so():
    told = "[image/png (100,017 bytes) left out: run the cell yourself to see it]"
    shown, _ = passed([display({"image/png": "i" * 100_000, "text/plain": "<Figure>"})])
    assert [output["content"]["data"] for output in shown] == [{"text/plain": f"<Figure>\n{told}"}]
    shown, _ = passed([display({"image/png": "i" * 100_000})])
    assert [output["content"]["data"] for output in shown] == [{"text/plain": told}]


def test_what_fits_beside_the_largest_form_of_an_output_stays():
    shown, _ = passed([display({"text/html": "h" * 100_000, "image/png": "i" * 10_000})])
    data = shown[0]["content"]["data"]
    assert data["image/png"] == "i" * 10_000
    assert "text/html" not in data
    assert "text/html (100,017 bytes) left out" in data["text/plain"]


def test_a_long_text_beside_a_picture_costs_no_picture():
    data = passed([display({"image/png": "i" * 10_000, "text/plain": "p" * RICH_LIMIT})])[0][0]["content"]["data"]
    assert data["image/png"] == "i" * 10_000
    assert len(data["text/plain"]) < 10_000


def test_a_flood_of_text_pushes_out_no_picture_and_stays_in_its_order():
    picture = display({"image/png": "i" * 10_000})
    shown, _ = passed([stream("x" * 100) for _ in range(500)] + [picture] + [stream("y" * 100) for _ in range(500)])
    assert picture in shown
    assert shown[-1]["content"]["text"] == "y" * 100
    assert sum("x" in output["content"].get("text", "") for output in shown[shown.index(picture) :]) == 0


def test_many_pictures_end_on_the_newest():
    pictures = [display({"image/png": f"{number:04}" * 1000}) for number in range(100)]
    shown, budget = passed(pictures)
    assert shown[0] == pictures[0]
    assert shown[-1] == pictures[-1]
    assert budget.dropped_bytes > 300_000


@given(st.text(), st.integers(50, 200))
def test_shortening_keeps_both_ends(text, limit):
    short = shorten(text * 3, limit)
    assert len(short) <= max(limit, 60)
    assert short == text * 3 or (short[:5] == (text * 3)[:5] and short[-5:] == (text * 3)[-5:])


@given(st.text(alphabet=st.characters(), min_size=100), st.integers(40, 90), st.booleans())
def test_the_ends_of_a_packed_stream_are_read_without_unpacking_it(text, size, ascii_only):
    text = encodable(text)
    packed = json.dumps({"name": "stdout", "text": text}, ensure_ascii=ascii_only).encode()
    ends = stream_ends(packed, size)
    head, _, tail = ends["text"].partition("\n[...]\n")
    assert ends["name"] == "stdout"
    assert text.startswith(head.rstrip("\ufffd"))
    assert text.endswith(tail.lstrip("\ufffd"))


@given(st.recursive(st.text(st.characters(exclude_categories=())), lambda inner: st.dictionaries(st.text(), inner)))
def test_cleaned_contents_can_be_encoded(value):
    content = {"data": value}
    assert json.dumps(clean(content, json.dumps(content).encode()), ensure_ascii=False).encode()
