from __future__ import annotations

import pytest

from jupyter_oci.agent.prose import ProseGate
from jupyter_oci.agent.results import Results

RESULTS = Results.of(["430"])


def passed(gate: ProseGate, text: str, size: int) -> str:
    shown = [gate.feed(text[at : at + size]) for at in range(0, len(text), size)]
    return "".join(shown) + gate.finish()


@pytest.mark.parametrize("size", [1, 3, 7, 1000])
@pytest.mark.parametrize("results", [None, RESULTS])
@pytest.mark.parametrize("text", ["", "It is 430.", "Two.\nExecution of it\n\nExecution", "One. Two! Three? e.g. 5.", "\n\n"])
def test_honest_prose_passes_whole(text, results, size):
    assert passed(ProseGate(results), text, size) == text


@pytest.mark.parametrize("size", [1, 3, 7, 1000])
@pytest.mark.parametrize("results", [None, RESULTS])
def test_nothing_passes_from_a_made_up_result_on(results, size):
    gate = ProseGate(results)
    assert passed(gate, "I ran it.\n  Execution result:\n430\nIt is 430.", size).strip() == "I ran it."
    assert gate.forged


@pytest.mark.parametrize("size", [1, 3, 7, 1000])
def test_nothing_passes_from_the_first_sentence_with_an_unfounded_number_on(size):
    gate = ProseGate(RESULTS)
    assert passed(gate, "The north has 430. The south has 77. That is 430.", size) == "The north has 430. "
    assert gate.unfounded == "No result shows 77."


def test_before_anything_ran_words_pass_as_they_come_and_numbers_are_free():
    gate = ProseGate(None)
    assert [gate.feed(word) for word in ("A list ", "of 99", " items")] == ["A list ", "of 99", " items"]


def test_after_a_result_a_sentence_passes_when_it_is_whole():
    gate = ProseGate(RESULTS)
    assert [gate.feed(word) for word in ("It is ", "430.", " And", " more")] == ["", "", "It is 430. ", ""]
    assert gate.finish() == "And more"
