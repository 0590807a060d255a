"""The published sanitiser, odd corners and all: the program that it cuts out of a reply."""

from __future__ import annotations

import pytest

from jupyter_oci.evaluation.sanitize import sanitize

PROGRAM = "def f(x):\n    return x"


@pytest.mark.parametrize(
    "reply",
    [
        PROGRAM,
        f"```python\n{PROGRAM}\n```",
        f"Here it is:\n```python\n{PROGRAM}\n```\nIt gives x.",
        f"```\n{PROGRAM}\n```",
        f"```python\n{PROGRAM}\n\nprint(f(1))\n```",
        f"```python\n{PROGRAM}\n\nif __name__ == '__main__':\n    f(1)\n```",
        "```python\ndef f(x):\n   return x\n```".replace("   return", "    return"),
        f"```python\n{PROGRAM}\nassert f(1) == 1\n```",
    ],
)
def test_the_function_is_cut_out(reply: str) -> None:
    assert sanitize(reply, "f") == PROGRAM


def test_what_stands_before_the_function_stays() -> None:
    reply = "```python\nimport math\n\ndef helper():\n    return 1\n\ndef f(x):\n    return helper() + x\n```"
    assert sanitize(reply, "f").startswith("import math\n\ndef helper():")


def test_three_spaces_become_four() -> None:
    reply = "```python\ndef f(x):\n   y = x\n   if y:\n    return y\n```"
    assert sanitize(reply, "f") == "def f(x):\n    y = x\n    if y:\n    return y"


def test_a_function_that_is_no_python_is_dropped_but_not_the_entry_point() -> None:
    reply = "```python\ndef f(x):\n    return g(x\n\ndef g(x):\n    return (x\n```"
    assert sanitize(reply, "f") == "def f(x):\n    return g(x"


def test_a_function_without_an_indented_return_is_lost() -> None:
    assert sanitize("```python\ndef f(x): return x\n```", "f") == ""


def test_a_reply_without_the_function_stays_as_text() -> None:
    assert sanitize("I cannot do that.", "f") == "I cannot do that."
