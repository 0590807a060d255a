from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from jupyter_oci.model.prompt_lookup import DraftLength, PromptLookup

COSTS = {1: 1.0, 2: 1.05, 4: 1.2, 8: 1.6, 16: 2.5}


def test_what_followed_the_same_tokens_is_drafted() -> None:
    assert PromptLookup([1, 2, 3, 4, 5, 9, 1, 2, 3]).draft(3) == [4, 5, 9]


def test_a_given_text_is_drafted_from_before_the_conversation() -> None:
    assert PromptLookup([1, 2, 3, 4, 8, 1, 2, 3], [[1, 2, 3, 7, 7]]).draft(1) == [7]


def test_the_place_whose_past_agrees_most_is_chosen() -> None:
    assert PromptLookup([5, 1, 2, 3, 40, 6, 1, 2, 3, 41, 5, 1, 2, 3]).draft(1) == [40]


def test_nothing_known_means_nothing_drafted() -> None:
    assert PromptLookup([1, 2, 3, 4]).draft(4) == []
    assert PromptLookup([1, 2]).draft(4) == []
    assert PromptLookup([1, 2, 3, 4, 1, 2, 3]).draft(0) == []


def test_what_was_said_becomes_known() -> None:
    lookup = PromptLookup([1, 2])
    lookup.extend([3, 4, 1, 2, 3])
    assert lookup.draft(2) == [4, 1]


@given(st.lists(st.integers(0, 3), max_size=40), st.integers(0, 10))
def test_a_draft_is_always_something_that_was_there(tokens: list[int], length: int) -> None:
    draft = PromptLookup(tokens).draft(length)
    assert len(draft) <= length
    assert any(tokens[start : start + len(draft)] == draft for start in range(len(tokens) + 1))


def test_drafts_grow_while_they_are_accepted_and_stop_when_they_are_not() -> None:
    length = DraftLength(COSTS)
    for _ in range(5):
        length.learn(8, 8)
    assert length.choose() == 15
    for _ in range(30):
        length.learn(length.choose(), 0)
    assert length.choose() <= 1


def test_after_a_while_a_longer_draft_is_tried_again() -> None:
    length = DraftLength(COSTS)
    for _ in range(30):
        length.learn(4, 0)
    assert max(length.choose() for _ in range(300)) > 1


def test_no_drafts_where_each_row_costs_a_step_of_its_own() -> None:
    length = DraftLength({rows: float(rows) for rows in (1, 2, 4, 8)})
    length.learn(4, 1)
    assert length.choose() == 0
