"""Calls with other values than a check's."""

from __future__ import annotations

import pytest

from jupyter_oci.agent.variations import variations


def test_one_value_of_a_call_is_changed_at_a_time_and_the_calls_take_turns():
    found = variations(["assert f([1, 2], 'ab') == 3", "g(True)"], {"f", "g"})
    assert found[:2] == ["f([1], 'ab')", "g(False)"]
    assert {"f([2], 'ab')", "f([2, 1], 'ab')", "f([], 'ab')", "f([1, 3], 'ab')", "f([1, 2], 'a')", "f([1, 2], '')"} <= set(found)
    assert len(found) == len(set(found))
    assert "f([1, 2], 'ab')" not in found


@pytest.mark.parametrize(
    ("value", "other"),
    [
        ("3", "4"),
        ("-2", "0"),
        ("1.5", "-1.5"),
        ("(1, 2)", "(2, 1)"),
        ("{'a': 1}", "{'a': 2}"),
        ("{'a': 1}", "{}"),
        ("[[1], [2]]", "[[1], [3]]"),
        ("'Ab'", "'aB'"),
    ],
)
def test_a_value_is_changed_to_ones_of_its_type(value, other):
    assert f"f({other})" in variations([f"f({value})"], {"f"})


@pytest.mark.parametrize("part", ["g(1)", "f(x)", "f(1, key=2)", "f(None)", "f()", "not python", "f(1"])
def test_what_is_not_written_out_is_left_alone(part):
    assert variations([part], {"f"}) == []


def test_there_are_so_many_at_most():
    assert len(variations(["f([1, 2, 3, 4, 5, 6, 7, 8], [1, 2, 3], 'abc')"], {"f"}, most=10)) == 10
