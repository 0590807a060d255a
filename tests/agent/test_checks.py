from __future__ import annotations

import pytest

from jupyter_oci.agent.check_runner import CheckFailed, run_check
from jupyter_oci.agent.checks import own_check, users_check
from jupyter_oci.agent.expectations import from_comments, from_sentence
from jupyter_oci.request import Cell

MEAN = "def mean(xs):\n    return sum(xs)"


def cells(*sources: str) -> tuple[Cell, ...]:
    return tuple(Cell(f"c{index}", "code", source) for index, source in enumerate(sources))


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("total = f(2)  # expected: 4", ["assert total == 4"]),
        ("f(2)  # should be 4", ["assert f(2) == 4"]),
        ("print(f(2))\n# -> [1, 2]", ["assert f(2) == [1, 2]"]),
        ("f(2)  # => None", ["assert f(2) is None"]),
        ("f(2)  # returns 'a b', as it did", ["assert f(2) == 'a b'"]),
        ("x = 1  # one", []),
        ("stack.pop()  # -> 3", []),
        ("rows.append(4)  # returns None", []),
        ("cur.execute('INSERT')  # returns None", []),
        ("next(it)  # -> 3", []),
        ("x = 3  # -> 3\nx = x + 1  # -> 4", ["assert x == 4"]),
        ("sorted(xs)  # -> [1]\nxs.append(2)", []),
        ("f(2)  # should be 4 (not 5)", ["assert f(2) == 4"]),
        ("import a  # expected: 4", []),
        ("user = find('a')  # returns None if not found", []),
        ("f(2)  # returns 0 on success", []),
        ("top = df.head(n)  # should be 5 rows", []),
        ("f(2)  # returns 0, 1 or 2", []),
        ("f(2)  # expected: about four", []),
        ("x = = 1  # expected: 4", []),
    ],
)
def test_an_expected_value_in_a_comment_is_a_check(source, found):
    assert list(from_comments(source)) == found


@pytest.mark.parametrize(
    ("sentence", "found"),
    [
        ("mean([1, 3]) should be 2, not 4", ["assert mean([1, 3]) == 2"]),
        ("The call mean([1, 3]) must return 2.5.", ["assert mean([1, 3]) == 2.5"]),
        ("total should be 7", ["assert total == 7"]),
        ("the result should be 7", ["assert total == 7"]),
        ("expected 7", ["assert total == 7"]),
        ("total should be 7 instead of 4", ["assert total == 7"]),
        ("mean([1]) should be 1 and total should be 7", ["assert mean([1]) == 1", "assert total == 7"]),
        ("total must be 7 and not 4", ["assert total == 7"]),
        ("it should ignore missing values", []),
        ("total should be 2 decimals", []),
        ("it must be 18 or older", []),
        ("it should be faster", []),
        ("", []),
    ],
)
def test_an_expected_value_in_the_sentence_is_a_check(sentence, found):
    assert list(from_sentence(sentence, f"{MEAN}\ntotal = mean([3, 4])\nprint(total)")) == found


def test_asserts_of_neighbours_are_checks_with_what_they_need_and_no_more():
    neighbour = "import math\nvalues = [1, 3]\nplot(values)\nassert math.isclose(mean(values), 2)"
    check = users_check(cells(MEAN, neighbour, "assert other() == 1"), 0, "")
    assert check.code == "import math\nvalues = [1, 3]\nassert math.isclose(mean(values), 2)"
    assert check.origin == "user"


@pytest.mark.parametrize(
    "neighbour",
    [
        "s = Stack()\ns.push(1)\ns.push(2)\nassert s.pop() == 2",
        "out = []\nfor n in [1, 2]:\n    out.append(Stack(n))\nassert out",
        "held = {}\nheld['a'] = Stack()\nassert held['a'].size == 0",
    ],
)
def test_what_builds_up_what_a_neighbour_asserts_is_part_of_the_check(neighbour):
    assert users_check(cells("class Stack: pass", neighbour), 0, "").code == neighbour


def test_what_is_awaited_is_no_check():
    assert users_check(cells("async def f(): return 2\nassert await f() == 2", "assert await f() == 2"), 0, "").code == ""


@pytest.mark.parametrize(
    "sentence", ["It crashes when total == 0", "leave out rows where age == 0", "With total == 0 it fails", "age == 0"]
)
def test_a_condition_is_no_expected_value(sentence):
    assert list(from_sentence(sentence, "total = df.age.mean()\ntotal")) == []


def test_a_function_that_asserts_is_called_as_it_is_there():
    neighbour = "def check(mean):\n    assert mean([1, 3]) == 2\ncheck(mean)"
    assert users_check(cells(MEAN, neighbour), 0, "", {"mean"}).code == neighbour


def test_a_neighbour_that_cannot_run_now_is_no_check():
    neighbour = "assert mean(values) == 2"
    assert users_check(cells(MEAN, neighbour), 0, "", {"mean"}).code == ""
    assert users_check(cells(MEAN, neighbour), 0, "", {"mean", "values"}).code == neighbour


def test_nothing_to_check_is_no_check():
    assert users_check(cells("x = 1"), 0, "please").origin == ""


def test_only_asserts_about_the_cell_are_taken_as_the_agents_own():
    code = "import os\nassert mean([1, 3]) == 2\nos.remove('a')\nassert 1 == 1"
    assert own_check(code, MEAN).code == "assert mean([1, 3]) == 2"
    assert own_check("mean([1])", MEAN).origin == ""
    assert own_check(None, MEAN).origin == ""


def names(source: str) -> dict[str, object]:
    space: dict[str, object] = {}
    exec(source, space)
    return space


@pytest.mark.parametrize(
    ("code", "told"),
    [
        ("assert mean([1, 3]) == 2", "`mean([1, 3])` is 4, expected 2"),
        ("assert not mean([1])", "`not mean([1])` is False"),
        ("assert mean([1, 'a']) == 2", "raises TypeError: unsupported operand"),
        ("for n in (1, 2):\n    assert mean([n]) < n", "`mean([n]) < n` does not hold: `mean([n])` is 1, the other side is 1"),
        ("raise ValueError('x')", "raises ValueError: x"),
        ("assert 'a' * 10**6 == ''", "`'a' * 10 ** 6` is 'aaa"),
        ("import unittest\nunittest.TestCase().assertEqual(mean([1]), 2)", "the check fails: 1 != 2"),
        ("import numpy as np\nnp.testing.assert_allclose(mean([1, 3]), 2)", "`mean([1, 3])` is 4, expected 2"),
        (
            "import pandas as pd\na, b = pd.DataFrame([1]), pd.DataFrame([1], dtype='int8')\npd.testing.assert_frame_equal(a, b)",
            "int8",
        ),
    ],
)
def test_what_fails_is_told_with_expected_and_actual_values(code, told):
    with pytest.raises(CheckFailed) as caught:
        run_check(code, names(MEAN))
    assert told in str(caught.value)
    assert len(str(caught.value)) < 1000


def test_a_doctest_that_fails_is_told_as_doctest_tells_it():
    source = 'class A:\n    def two(self):\n        """\n        >>> A().two()\n        2\n        """\n        return 3'
    check = users_check(cells(source), 0, "")
    with pytest.raises(CheckFailed, match=r"(?s)A\(\).two\(\)\nExpected:\n    2\nGot:\n    3"):
        run_check(check.code, names(source))
    run_check(check.code, names(source.replace("return 3", "return 2")))


def test_a_check_leaves_the_users_names_alone():
    space = names("x = 1")
    before = dict(space)
    run_check("x = 2\nimport math\nassert x == 2", space)
    assert space == before


def test_the_cells_own_asserts_are_a_check():
    source = "def half(n):\n    assert n\n    return n // 2\n\nodd = 3\nassert half(odd) == 1.5"
    assert users_check(cells(source), 0, "").code == "assert half(odd) == 1.5"


@pytest.mark.parametrize("source", ["items = []\nassert items == []\nitems.append(1)", "it = iter([1])\nassert next(it) == 1"])
def test_an_assert_that_holds_only_where_it_stands_is_no_check(source):
    assert users_check(cells(source), 0, "").code == ""


def test_a_check_needs_no_name_that_the_user_may_have_taken():
    names = {"dict": 1, "exec": 2, "globals": 3, "x": 4}
    exec(users_check(cells("x = 4\nassert x == 4"), 0, "").runnable, names)
    assert set(names) == {"dict", "exec", "globals", "x", "__builtins__"}
