from __future__ import annotations

import pytest

from jupyter_oci.agent.numbers import Numbers

RESULT = "north    430.0\nsouth   -1234.567\nshare 0.1534\n(7, 91)\n1,200,000\n2024-02-15\n1.5e-07"


@pytest.mark.parametrize(
    "answer",
    [
        "The total of the north is 430.",
        "The south lost 1,234.57, about 1,235 or roughly 1,200.",
        "The share is 0.153, which is 15 % (15.3%).",
        "There are 3 rows in 2 columns.",
        "The last of them was on 2024-02-15.",
        "It came to 1200000, or 1.2 million.",
        "The pair is (7,91).",
        "The column x_77 of df99 and the 20th row are names, not results.",
        "",
    ],
)
def test_what_the_result_shows_may_be_said_rounded_or_as_a_percentage(answer):
    assert Numbers.of([RESULT, "1.2"]).unfounded(answer) is None


@pytest.mark.parametrize(
    ("answer", "number"),
    [
        ("The total is 431.", "431"),
        ("The total is 430.5.", "430.5"),
        ("The maximum is 9.0.", "9.0"),
        ("It fell to 1,300.", "1,300"),
        ("The share is 16%.", "16"),
        ("North has 430 and south 250.", "250"),
    ],
)
def test_a_number_that_no_result_shows_is_found(answer, number):
    assert Numbers.of([RESULT]).unfounded(answer) == number
