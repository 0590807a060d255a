from __future__ import annotations

import pytest

from jupyter_oci.errors import ConfigError
from jupyter_oci.magics.command import HELP, OPTIONS, SUBCOMMANDS, Command, parse


@pytest.mark.parametrize(
    ("line", "body", "expected"),
    [
        ("plot the prices", "", Command("ask", "plot the prices")),
        ("run plot the prices", "", Command("run", "plot the prices")),
        ("", "plot\nthe prices\n", Command("ask", "plot\nthe prices")),
        ("run --rounds 2", "plot\nit", Command("run", "plot\nit", rounds=2)),
        ("--model small --no-run run plot it", "", Command("run", "plot it", model="small", no_run=True)),
        ("--rounds=4 plot -- it", "", Command("ask", "plot -- it", rounds=4)),
        ("-- --model is a word here", "", Command("ask", "--model is a word here")),
        ("fix", "", Command("fix")),
        ("fix In[3] ignore empty rows", "", Command("fix", "ignore empty rows", cell=3)),
        ("fix 12", "", Command("fix", cell=12)),
        ("fix 12: ignore empty rows", "", Command("fix", "ignore empty rows", cell=12)),
        ("fix 12", "ignore\nthem", Command("fix", "ignore\nthem", cell=12)),
        ("fix 3 rows are missing", "", Command("fix", "3 rows are missing")),
        ("fix 3rd column", "", Command("fix", "3rd column")),
        ("explain In[7]", "", Command("explain", cell=7)),
        ("explain what a closure is", "", Command("explain", "what a closure is")),
        ("models", "", Command("models")),
        ("models that could fit here", "", Command("ask", "models that could fit here")),
        ("model small", "", Command("model", "small")),
        ("model the growth of x", "", Command("ask", "model the growth of x")),
        ("status", "", Command("status")),
        ("", "", Command("help")),
        ("help", "", Command("help")),
    ],
)
def test_a_line_is_read_as_it_is_meant(line: str, body: str, expected: Command) -> None:
    assert parse(line, body) == expected


@pytest.mark.parametrize(
    ("line", "named"), [("--modle x", "--modle"), ("--rounds many", "'many'"), ("--rounds 0", "'0'"), ("--model", "--model")]
)
def test_a_wrong_option_is_named(line: str, named: str) -> None:
    with pytest.raises(ConfigError, match=named):
        parse(line)


def test_the_help_names_everything() -> None:
    assert all(word in HELP for word in (*SUBCOMMANDS[:-1], *OPTIONS))
