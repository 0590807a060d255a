"""What a request says must hold: found in it, and kept to by a run."""

from __future__ import annotations

import pytest

from jupyter_oci.agent.request_check import check_in, check_in_turns, corrected, is_about
from jupyter_oci.events import ExecutionStarted, FeedbackGiven
from jupyter_oci.request import Request

from .driving import block

STUB = '''Complete this function:

```python
def double(x: int) -> int:
    """Double it.
    >>> double(2)
    4
    >>> double(0)
    0
    """
```'''
DOUBLE = "def double(x):\n    return 2 * x"
WRONG = "def double(x):\n    return x ** 2"
SQUARED_TOO = "def double(x):\n    return x * x"


@pytest.mark.parametrize(
    ("prompt", "code"),
    [
        (STUB, "assert double(2) == 4\nassert double(0) == 0"),
        ("Write double.\nassert double(2) == 4\n`assert double(0) == 0`", "assert double(2) == 4\nassert double(0) == 0"),
        (
            "Write double, like\n\n>>> double(2)\n4\n>>> double('a')\n'aa'\n\nand so on",
            "assert double(2) == 4\nassert double('a') == 'aa'",
        ),
        (
            "For example:\n>>> find(1)\n>>> find(2) is None\nTrue\n>>> first([])\nNone",
            "assert (find(2) is None) == True\nassert first([]) is None",
        ),
        (">>> show()\n<Figure size 1>\n>>> x = 3\n>>> double(x)\n6", "x = 3\nassert double(x) == 6"),
        ("Sort it\n>>> data = [3, 1]\n>>> sort(data)\n[1, 3]", "data = [3, 1]\nassert sort(data) == [1, 3]"),
        (
            ">>> s = Stack()\n>>> s.push(1)\n>>> s.push(1)\n>>> s.pop()\n1",
            "s = Stack()\ns.push(1)\ns.push(1)\nassert s.pop() == 1",
        ),
        ("With\nxs = [1]\nassert f(xs) == 1\nand\nys = 2", "xs = [1]\nassert f(xs) == 1"),
        ("```python\nimport os\ndef f(x): ...\nxs = [1]\nassert f(xs) == 1\n```", "xs = [1]\nassert f(xs) == 1"),
        (">>> import shutil\n>>> x = shutil.rmtree('a')\n>>> f(x)\n2", ""),
        ("Write double.\n```python\n>>> double(2)\n4\n```", "assert double(2) == 4"),
        (">>> print(double(2))\n4\n>>> print(double('a'), 1)\naa 1", "assert str(double(2)) == '4'"),
        (">>> print(Point())\n<Point object at 0x7f>", ""),
        ("```\nx = await fetch(2)\nassert x == 4\nassert f(1) == 1\n```", "assert f(1) == 1"),
        ("assert await fetch(2) == 4\n>>> await fetch(2)\n4", ""),
        (">>> list(range(10))  # doctest: +ELLIPSIS\n[0, 1, ..., 9]", ""),
        ("assert open('a').read() == ''\nassert os.remove('a') is None", "assert open('a').read() == ''"),
        ("I assert double(2) == 4", ""),
        ("What is the mean of prices?", ""),
        ("", ""),
    ],
)
def test_asserts_and_examples_are_found(prompt, code):
    check = check_in(prompt)
    assert (check.code, check.origin) == (code, "user" if code else "")


@pytest.mark.parametrize(
    ("source", "held", "is_it"),
    [
        (DOUBLE, [], True),
        ("def triple(x):\n    return 3 * x", ["double"], False),
        (DOUBLE, ["other"], True),
        ("import math", [], False),
    ],
)
def test_it_is_about_code_that_sets_its_names(source, held, is_it):
    assert is_about(check_in(STUB), source, held) is is_it


def test_what_needs_more_than_there_is_does_not_run():
    check = check_in("assert double(start) == 4")
    assert not is_about(check, DOUBLE, [])
    assert is_about(check, DOUBLE, ["start"])


def test_a_function_that_does_not_meet_the_examples_of_its_request_is_revised(ask):
    wrong = "def double(x):\n    y = str(x)\n    return y"
    run = ask([block(wrong), block(DOUBLE), "It doubles."], request=Request(STUB.replace("double(0)\n    0", "double(3)\n    6")))
    assert run.ending == ("done", "checked")
    assert [event.source for event in run.of(ExecutionStarted)] == [wrong, DOUBLE]
    first, second = (event.text for event in run.of(FeedbackGiven))
    assert "But the check fails: `double(2)` is '2', expected 4." in first
    assert "write the whole corrected cell" in first
    assert "But" not in second


def test_a_revision_that_fails_in_the_same_way_is_the_last(ask):
    run = ask([block(WRONG), block(SQUARED_TOO), block(DOUBLE)], request=Request("assert double(3) == 6"))
    assert run.ending == ("gave_up", "same_error")


def test_an_error_of_the_code_comes_before_what_must_hold(ask):
    run = ask(
        [block("def double(x):\n    return 2 * x\ndouble()"), block(DOUBLE), "It doubles."],
        request=Request("assert double(3) == 6"),
    )
    assert run.ending == ("done", "checked")
    assert "TypeError" in run.of(FeedbackGiven)[0].text
    assert "But" not in run.of(FeedbackGiven)[0].text


def test_of_an_error_in_a_library_the_users_line_is_named(ask):
    code = "import statistics\ndef middle(xs):\n    return statistics.median(xs)"
    run = ask([block(code), "no more"], request=Request("assert middle([]) == 0"))
    assert (
        "But the check raises StatisticsError: no median for empty data in `return statistics.median(xs)`."
        in run.of(FeedbackGiven)[0].text
    )


def test_a_later_comment_corrects_what_it_says_of_the_same_and_leaves_the_rest():
    check = check_in("Make f.\n\nassert f(1) == 1\nassert f(3) == 3")
    for comment in ("assert f(1) == 2", "name the argument n", "assert 4 == f(4)", "assert not f(0)", "assert f(0)"):
        check = corrected(check, comment)
    assert check.code.splitlines() == ["assert f(3) == 3", "assert f(1) == 2", "assert 4 == f(4)", "assert f(0)"]
    assert check_in_turns("assert f(1) == 1\n\nassert f(1) == 2\n\nquickly").code == "assert f(1) == 2"


@pytest.mark.parametrize(
    "prompt",
    [
        "assert 2 == f(1)\n\nassert 2 == f(5)",
        ">>> next(c)\n0\n>>> next(c)\n1\n\n>>> next(c)\n2",
        ">>> c.pop()\n0\n\n>>> c.pop()\n2",
    ],
)
def test_what_is_said_of_a_request_at_once_all_holds(prompt):
    check = check_in(prompt)
    assert check.code.count("assert") == prompt.count("assert") + prompt.count(">>>")
    later = corrected(check, prompt.rpartition("\n\n")[2])
    assert later.code.splitlines() == check.code.splitlines()
