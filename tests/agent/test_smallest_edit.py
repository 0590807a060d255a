from __future__ import annotations

import ast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jupyter_oci.agent.plain_text import plain
from jupyter_oci.agent.smallest_edit import changed_lines, smallest_edit, without_trials

MEAN = '''%matplotlib inline
# my mean
def mean(xs):
    """Mean.

    >>> mean([1, 3])
    2.0
    """
    total = 0  # running
    # loop
    for x in xs:
        total = x
    return total/len(xs)

mean([1,3])  # expected: 2.0
assert mean([2]) == 2'''
FUNCTIONS = "def f():\n    return 1\ndef g():\n    return f()\n"
REWRITTEN = '''def mean(xs):
    """Compute the mean of a list."""
    total = 0
    for x in xs:
        # add it
        total += x
    return total / len(xs)

mean([1, 3])
assert mean([2]) == 1
'''


def test_only_the_line_that_needs_it_is_changed():
    edited = smallest_edit(MEAN, REWRITTEN)
    assert edited == MEAN.replace("total = x", "total += x")
    assert changed_lines(MEAN, edited) == 1


@pytest.mark.parametrize(
    ("base", "answer", "edited"),
    [
        ("x = 1  # one\ny = x", "x = 2\ny = x", "x = 2  # one\ny = x"),
        ("x = 1  # one", "x = 2  # two", "x = 2  # two"),
        ("for i in 3, 4\n    print(i)  # a\n# b", "for i in 3, 4:\n    print(i)", "for i in 3, 4:\n    print(i)  # a\n# b"),
        ("a = 1\n# keep\nb = 2\nc = 3", "a = 1\nc = 4", "a = 1\n# keep\nc = 4"),
        ("f('a')\ng()", 'f("a")\n\n# now\ng(1)', "f('a')\ng(1)"),
        ("!ls\nx = 1/0", "x = 1/1", "!ls\nx = 1/1"),
        ("%%time\nx = 1/0", "x = 1/1", "%%time\nx = 1/1"),
        ("x = (\n    a\n    % b\n)\nx - 1", "x = (\n    a\n    % c\n)\nx + 1", "x = (\n    a\n    % c\n)\nx + 1"),
        ("b = 'ab\u200ec'\nx = 1/0", "b = 'abc'\nx = 1", "b = 'ab\u200ec'\nx = 1"),
        ("x\u200b = 1", "x = 1", "x = 1"),
        ("x = 1", "import math\n\nx = math.pi", "import math\n\nx = math.pi"),
        ("", "x = 1", "x = 1"),
        ("import a\ndef f():\n    return 1\nf()", "def f():\n    return 2", "import a\ndef f():\n    return 2\nf()"),
        ("def f():\n    return 1\ndef g():\n    return f()\nx = 1 / 0", "def f():\n    return 1\nx = 1", FUNCTIONS + "x = 1"),
        ("x = load()\nx = 0\nshow(x)", "x = load()\nshow(x)", "x = load()\nshow(x)"),
        ("x = 1\n\n\n# end", "x = 1", "x = 1\n\n\n# end"),
        ("%matplotlib inlin\n# now\nx = 1", "%matplotlib inline\nx = 1", "%matplotlib inline\n# now\nx = 1"),
        ("%timeit summ([1])", "%timeit sum([1])", "%timeit sum([1])"),
        ("x = 1\n%load_ext a\ny = 2", "x = 1\ny = 2", "x = 1\n%load_ext a\ny = 2"),
        ("x = 1", "!pip install a\nx = 1", "x = 1"),
        ("files = !lss  # all", "files = !ls", "files = !ls  # all"),
        ("%%bash\n# list\nls /nonexistent", "%%bash\n# list\nls /tmp > a", "%%bash\n# list\nls /tmp > a"),
        ("%%sqll\nselect 1", "%%sql\nselect 1", "%%sql\nselect 1"),
    ],
)
def test_comments_magics_and_the_users_own_form_stay(base, answer, edited):
    assert smallest_edit(base, answer) == edited


def test_an_assert_is_not_bent_to_make_it_pass():
    assert smallest_edit("assert f(1) == 2", "assert f(1) == 3") == "assert f(1) == 2"


def test_text_that_the_user_asks_for_is_taken_over():
    answer = "x = 1  # the first"
    assert smallest_edit("x = 1", answer, asked="add a comment") == answer


def test_a_new_function_keeps_its_docstring():
    answer = 'def g():\n    """Give one."""\n    return 1\n\n\nx = g()'
    assert smallest_edit("x = g()", answer) == answer


lines = st.lists(
    st.sampled_from(
        ["x = 1", "y = x  # why", "# note", "", "if x:\n    y = 2", "print(y)", "def f():\n    return 3", "assert x"]
    ),
    max_size=8,
).map("\n".join)


@given(lines, lines)
def test_the_edit_always_is_python_and_keeps_every_comment_line(base, answer):
    edited = smallest_edit(base, answer)
    ast.parse(edited)
    assert base.count("# note") <= edited.count("# note")


@given(lines)
def test_an_answer_that_changes_nothing_changes_nothing(base):
    assert smallest_edit(base, base).strip() == base.strip()


def test_what_a_model_adds_to_try_its_function_out_is_dropped():
    base = "def double(x):\n    return x"
    answer = "def double(x):\n    return 2 * x\n\nprint(double(1))\nif __name__ == '__main__':\n    double(2)\n"
    assert without_trials(base, answer).rstrip() == "def double(x):\n    return 2 * x"
    assert without_trials(base + "\ndouble(1)", answer) == answer
    assert without_trials(base, "def (") == "def ("


def test_a_model_is_shown_how_letters_and_parts_of_emoji_are_joined_which_is_seen():
    seen = "\u0645\u06cc\u200c\u062e \U0001f468\u200d\U0001f469 \u2764\ufe0f"
    assert plain(f"{seen} a\u200cb\u200b") == f"{seen} ab"
