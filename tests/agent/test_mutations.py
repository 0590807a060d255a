"""Small changes of a cell: which there are, that each changes one place alone, and which of them a fix proposes."""

from __future__ import annotations

import pytest

from jupyter_oci.agent.mutations import mutations
from jupyter_oci.agent.only_computes import only_computes
from jupyter_oci.agent.problem import problem_of
from jupyter_oci.agent.python_text import parses
from jupyter_oci.agent.trial import SEARCH_SECONDS, Trial
from jupyter_oci.events import ContextBuilt, Decision, FixProposed
from jupyter_oci.kernel.session import KernelSession
from jupyter_oci.request import Cell

from .fixing import BUGGY, FIXED, said

COUNT = '''# all of them
def count(values: list, most: int = 3) -> int:
    """Count.

    >>> count([1, 4])
    1
    """
    found = 0   # so far
    for value in values:
        if value < most and not value == 7:  # small
            found += 1
    return (found)
'''


def changed(source: str) -> list[str]:
    return [change.of(source) for change in mutations(source)]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("value < most", "value <= most"),
        ("value < most", "most < most"),
        ("value < most and not value == 7", "(value < most)"),
        ("value < most and not", "value < most or not"),
        ("not value == 7", "(value == 7)"),
        ("value == 7", "value == 8"),
        ("found += 1", "found -= 1"),
        ("found += 1", "found = 1"),
        ("found += 1", "most += 1"),
        ("found = 0", "found = 1"),
        ("most: int = 3", "most: int = 4"),
        ("in values", "in sorted(values)"),
        ("return (found)", "return (value)"),
        ("return (found)", "return ((found + 1))"),
        ("            found += 1\n", "            pass\n"),
        ("    found = 0   # so far\n", ""),
    ],
)
def test_a_slip_of_each_kind_is_mended_where_it_stands(old, new):
    assert COUNT.count(old) == 1
    assert COUNT.replace(old, new) in changed(COUNT)


@pytest.mark.parametrize(
    ("source", "fixed"),
    [
        ("def f(a, b):\n    return a - b", "def f(a, b):\n    return (b - a)"),
        ("def f(a, b):\n    return pow(a, b)", "def f(a, b):\n    return pow(b, a)"),
        ("def f(a):\n    return a.upper()", "def f(a):\n    return a.lower()"),
        ("def f(a):\n    return min(a)", "def f(a):\n    return max(a)"),
        ("def f(a):\n    return a[1]", "def f(a):\n    return a[2]"),
        ("def f(a):\n    return a[1:]", "def f(a):\n    return a[:]"),
        ("def f(a):\n    return a[::2]", "def f(a):\n    return a[::-1]"),
        ("def f(a):\n    return sorted(a)", "def f(a):\n    return sorted(a)[::-1]"),
        ("def f(a):\n    return sorted(a, reverse=True)", "def f(a):\n    return sorted(a)"),
        ('def f(a):\n    return a + "yes" + "no"', 'def f(a):\n    return a + "no" + "no"'),
        ("def f(a):\n    return 'it\\'s' + \"b\"", "def f(a):\n    return 'it\\'s' + \"it's\""),
        ("def f(a):\n    return 1 if a else 2", "def f(a):\n    return (2 if a else 1)"),
        ("def f(a):\n    for b in a:\n        break", "def f(a):\n    for b in a:\n        continue"),
        (
            "class A:\n    def f(self, a):\n        return a not in self",
            "class A:\n    def f(self, a):\n        return a in self",
        ),
        ("größe = 1\nñ = größe * 3", "größe = 1\nñ = größe + 3"),
    ],
)
def test_so_are_other_kinds(source, fixed):
    assert fixed in changed(source)


def test_every_change_is_another_one_and_only_computes_if_the_cell_does():
    sources = changed(COUNT)
    assert len(sources) == len(set(sources)) > 50
    assert COUNT not in sources
    assert only_computes(COUNT)
    assert all(only_computes(source) for source in sources if parses(source))
    assert sum(map(parses, sources)) > 0.9 * len(sources)


def test_what_says_what_must_hold_is_never_changed():
    source = COUNT + "\nassert count([1, 2, 9]) == 2\n"
    for each in changed(source):
        assert "\nassert count([1, 2, 9]) == 2\n" in each
        assert "    >>> count([1, 4])\n    1\n" in each
        assert "(values: list, most: int = " in each


def test_a_variable_that_is_called_as_what_does_more_never_takes_anothers_place():
    source = "def outer(text, plain):\n    def inner(eval):\n        return eval\n    return plain(text)"
    assert only_computes(source.replace("eval", "other"))
    assert not [each for each in changed(source) if "eval(text)" in each]
    assert [each for each in changed(source.replace("eval", "other")) if "other(text)" in each]


@pytest.mark.parametrize("source", ["%time x = 1", "x = (", "", "'\x00'", "x = 1\n" * 3000])
def test_there_is_none_of_what_is_no_python_or_long(source):
    assert mutations(source) == []


def test_the_likeliest_come_first_and_parentheses_that_are_not_needed_are_left_out():
    source = "def f(n):\n    return sum(range(n)) > 1"
    found = mutations(source)
    assert found[0].of(source) == source.replace(">", "<")
    wider = next(change for change in found if change.new == "(n + 1)" and change.line == 2)
    assert wider.tidied(source).of(source) == source.replace("range(n)", "range(n + 1)")
    assert wider.tidied(source).summary == "Line 2: `n` becomes `n + 1`. Found by trying small changes."
    product = "def f(n):\n    return n * 2"
    needed = next(change for change in mutations(product) if change.new == "(n + 1)" and change.line == 2)
    assert needed.tidied(product).of(product) == "def f(n):\n    return (n + 1) * 2"


# In the kernel


def holding(kernel: KernelSession, source: str, sentence: str, mode: str = "auto") -> list[str]:
    problem = problem_of([Cell("cell", "code", source)], 0, sentence, kernel.variables())
    steps = Trial(kernel, lambda: mode).mutations(problem)
    while True:
        try:
            next(steps)
        except StopIteration as end:
            return [each.change.of(source) for each in end.value]


def test_those_that_meet_the_check_are_found(shared_kernel):
    source = "def longest(words):\n    return min(words, key=len)"
    assert holding(shared_kernel, source, "longest(['a', 'bbb', 'cc']) should be 'bbb'") == [source.replace("min", "max")]
    assert holding(shared_kernel, source, "longest(['a']) should be 7") == []


def test_of_changes_that_answer_alike_one_stands_for_all_and_what_most_answer_comes_first(shared_kernel):
    source = "def parity(n):\n    return 'odd' if n % 2 == 0 else 'even'"
    found = holding(shared_kernel, source, "parity(2) should be 'even' and parity(7) should be 'odd'")
    assert found == [source.replace("== 0", "== 1")]  # and not `!=`, `>`, or the branches exchanged, which do the same


def test_nothing_is_searched_of_what_may_do_more_than_compute(shared_kernel):
    source = "import os\ndef half(x):\n    return x // 2"
    assert holding(shared_kernel, source, "half(3) should be 1.5") == []


def test_nothing_is_searched_where_nothing_may_run(shared_kernel):
    source = "def half(x):\n    return x // 2"
    assert holding(shared_kernel, source, "half(3) should be 1.5", mode="suggest") == []
    assert holding(shared_kernel, source, "half(3) should be 1.5") != []


def test_changes_that_do_not_end_do_not_keep_from_those_that_do(shared_kernel):
    source = "def count(n):\n    total = 0\n    while n > 0:\n        n -= 1\n        total += 2\n    return total"
    assert SEARCH_SECONDS < 10
    assert source.replace("+= 2", "+= 1") in holding(shared_kernel, source, "count(5) should be 5")


LONGEST = "def longest(words):\n    # by length\n    return min(words, key=len)"


def test_the_only_small_change_that_meets_several_examples_is_proposed_without_a_model(notebook):
    cell_id = notebook.add(LONGEST)
    notebook.add("assert longest(['a', 'bbb', 'cc']) == 'bbb'\nassert longest(['aa', 'b']) == 'aa'")
    run = notebook.fix(cell_id, [])
    assert run.ending == ("done", "fixed")
    [proposed] = run.of(FixProposed)
    assert proposed.source == LONGEST.replace("min", "max")
    assert proposed.summary == "Line 3: `min` becomes `max`. Found by trying small changes."
    assert not run.of(ContextBuilt)


TWICE = "def twice(x):\n    return x + 3"
SHIFTED = "def shifted(x):\n    return x + 3 - 1"


@pytest.mark.parametrize("sentence", ["twice(2) should be 4", "twice(0) should be 0 and twice(2) should be 4"])
def test_with_a_single_example_or_several_changes_the_model_is_asked(notebook, sentence):
    cell_id = notebook.add(TWICE)
    right = TWICE.replace("x + 3", "2 * x")
    run = notebook.fix(cell_id, [said(right)], sentence)
    assert [event.source for event in run.of(FixProposed)] == [right]


def test_the_likeliest_stands_in_for_a_model_that_has_nothing_that_holds(notebook):
    run = notebook.fix(notebook.add(TWICE), [said(TWICE.replace("x + 3", "2 * x"))], "twice(3) should be 9")
    assert [event.source for event in run.of(FixProposed)] == [TWICE.replace("+", "*")]
    assert "Found by trying" in run.of(FixProposed)[0].summary


def test_a_small_change_that_does_what_the_model_wrote_takes_its_place_in_its_words(notebook):
    source = (
        "def total(prices):\n    # of all\n    result = 1\n    for price in prices:\n        result += price\n    return result"
    )
    anew = "def total(prices):\n    return sum(price for price in prices)"
    run = notebook.fix(notebook.add(source), [said(anew, "It starts from one.")], "total([1, 2]) should be 3")
    [proposed] = run.of(FixProposed)
    assert (proposed.source, proposed.summary) == (source.replace("result = 1", "result = 0"), "It starts from one.")


def test_no_change_is_proposed_twice_and_the_model_is_asked_each_time(notebook):
    cell_id = notebook.add(SHIFTED)
    another = lambda asked: Decision("another", asked.source)  # noqa: E731
    mine = SHIFTED.replace("x + 3 - 1", "x * 3")
    run = notebook.fix(cell_id, [said(mine)], "shifted(2) should be 6", mode="ask", decide=another)
    sources = [event.source for event in run.of(FixProposed)]
    assert sources == [mine, SHIFTED.replace("-", "+")]
    assert run.ending == ("gave_up", "no_fix")


UNTRIED = "import os\n" + BUGGY.replace("sum(xs)", "sum(xs) / (os.cpu_count() * 0 + 5)")


@pytest.mark.parametrize(("anew", "proposed"), [(FIXED, FIXED), ("no idea", UNTRIED)])
def test_what_cannot_be_tried_comes_after_all_that_can(notebook, anew, proposed):
    cell_id = notebook.add(BUGGY)
    replies = {"Write what is missing": [said(anew)], "": [said(UNTRIED)]}
    run = notebook.fix(cell_id, replies, "mean([1, 3, 5, 7, 24]) should be 8")
    assert [event.source for event in run.of(FixProposed)] == [proposed]
