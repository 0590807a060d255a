"""Command: what was typed after `%oci`, and below `%%oci`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, Literal, cast, get_args

from ..errors import ConfigError

Name = Literal["ask", "run", "fix", "explain", "models", "model", "status", "help"]

SUBCOMMANDS: tuple[str, ...] = get_args(Name)[1:]
OPTIONS = ("--model", "--rounds", "--no-run")

HELP = """\
%oci PROMPT               write code for it into the next cell
%oci run PROMPT           let the agent write cells, run them and revise them until they work
%oci fix [In[n]] [WISH]   correct the cell that failed last, or In[n], in the next cell
%oci explain [In[n]]      explain the last error or cell, or In[n]; or a question: %oci explain WHAT
%oci models               list the models
%oci model NAME           choose one
%oci status               where the model is hosted, and what goes on
%%oci [run] [OPTIONS]     the same with a prompt of several lines

Options, before the prompt: --model NAME, --rounds N (tries on one cell), --no-run (run: insert the cells only)
In a prompt, {name} is replaced by the variable's value, {In[3]}, {Out[3]} and {Err[3]} by a cell's code, result and error;
{{name}} stays {name}."""

# A bare number is one of a cell where nothing else follows in its line: `fix 3 rows are missing` is a wish.
_CELL = re.compile(r"(?:In\s*)?(?:\[\s*)?(?P<number>\d+)(?:\s*\](?=\s|$)|:(?=\s|$)|(?=\n|$))", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Command:
    """What is to be done. `cell` is the number of the cell that it is about (None: not said)."""

    name: Name
    prompt: str = ""
    cell: int | None = None
    model: str | None = None
    rounds: int | None = None
    no_run: bool = False


def parse(line: str, body: str = "") -> Command:
    """Read the magic's line and, of `%%oci`, what is below it.

    Raises:
        ConfigError: an option is unknown or has no good value; the message says which.
    """
    options, rest = _options(line.strip())
    name, rest = _name(rest, body)
    if name != "ask":
        more, rest = _options(rest)
        options |= more
    rest = rest.removeprefix("-- ")
    prompt = f"{rest}\n{body.strip()}".strip()
    if name == "ask" and not prompt:
        name = "help"
    cell = None
    if name in ("fix", "explain") and (match := _CELL.match(prompt)):
        cell, prompt = int(match["number"]), prompt[match.end() :].strip()
    return Command(name, prompt, cell, **options)


def _name(text: str, body: str) -> tuple[Name, str]:
    """Read the sub-command at the start of a text; tell `%oci models` from a prompt that begins with that word."""
    word, _, rest = text.partition(" ")
    num_words = len(f"{rest} {body}".split())
    most = {"models": 0, "status": 0, "help": 0, "model": 1}.get(word, num_words)
    if word not in SUBCOMMANDS or num_words > most:
        return "ask", text
    return cast("Name", word), rest.strip()


def _options(text: str) -> tuple[dict[str, Any], str]:
    """Read the options at the start of a text; give them and the rest."""
    options: dict[str, Any] = {}
    while text.startswith("--") and not text.startswith("-- "):
        option, _, text = text.partition(" ")
        option, equals, value = option.partition("=")
        text = text.lstrip()
        if option == "--no-run":
            options["no_run"] = True
            continue
        if option not in OPTIONS:
            raise ConfigError(f"There is no option {option}; there are {', '.join(OPTIONS)}. See %oci help.")
        if not equals:
            value, _, text = text.partition(" ")
        options[option[2:]] = _rounds(value) if option == "--rounds" else _model(value)
    return options, text.strip()


def _rounds(value: str) -> int:
    if not value.isdecimal() or int(value) < 1:
        raise ConfigError(f"--rounds needs a number from 1 on, not {value!r}.")
    return int(value)


def _model(value: str) -> str:
    if not value:
        raise ConfigError("--model needs a name. See %oci models.")
    return value
