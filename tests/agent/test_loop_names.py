from __future__ import annotations

import pytest

from jupyter_oci.agent.loop_names import with_own_names

USERS = ("army", "n")


@pytest.mark.parametrize(
    ("source", "kept"),
    [
        (
            "for army, group in army.groupby('army'):\n    print(army, group.army)",
            "for army_, group in army.groupby('army'):\n    print(army_, group.army)",
        ),
        ("for n in range(3):\n    print(f'{n}: {n * 2} n')", "for n_ in range(3):\n    print(f'{n_}: {n_ * 2} n')"),
        ("if True:\n    for n in [1]:\n        m = n", "if True:\n    for n_ in [1]:\n        m = n_"),
        ("for m in [1]:\n    for n in [2]:\n        print(m, n)", "for m in [1]:\n    for n_ in [2]:\n        print(m, n_)"),
        ("n_ = 3\nfor n in [n_]:\n    n += 1  # n", "n_ = 3\nfor n__ in [n_]:\n    n__ += 1  # n"),
        ("for army in []:\n    pass\nelse:\n    army", "for army_ in []:\n    pass\nelse:\n    army_"),
    ],
)
def test_a_loop_has_names_of_its_own(source, kept):
    assert with_own_names(source, USERS) == kept


@pytest.mark.parametrize(
    "source",
    [
        "for i in range(3):\n    print(army, n)",
        "[n for n in range(3)]",
        "def f():\n    for n in range(3):\n        pass",
        "for n in range(3",
        "%time 1\nfor n in []: pass",
        # used afterwards, or in a way that is not seen
        "for n in range(9):\n    if n % 7 == 6: break\nprint(n)",
        "for n in [1]:\n    print(len(army.query('x == @n')))",
        "for n in [1]:\n    sorted([2], key=lambda n: -n)",
        "def g():\n    return n\nfor n in [1]:\n    g()",
        "for n in range(3):\n    print(f'{len(str(n))}')",
        "for n in [1]:\n    print(f'{{n}} {1 + n}')",
        "for n in [1]:\n    print(f'{n=}')",
        "for n[0] in [1]:\n    print(n)",
        "for n in [1]:\n    import os as n",
        "for n in [1]:\n    x" + ".y()" * 2000,
    ],
)
def test_what_takes_no_name_or_cannot_be_told_is_left_alone(source):
    assert with_own_names(source, USERS) == source
