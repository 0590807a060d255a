"""Errands: what each sub-command does."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from IPython.display import display

from ..agent.hints import failure_hint
from ..agent.loop import Agent
from ..agent.traceback_text import read_traceback
from ..agent.wording import after_failure
from ..config import AgentConfig
from ..errors import ConfigError
from ..events import Mode
from ..request import Cell, Request
from .command import HELP, Command
from .explain import explain, explanation_messages
from .follow import Follower, ask_user
from .host import Host, ServerHost
from .next_input import NextInput, cell_id
from .past import CellError, Past, cell_id_of
from .screen import screen_of
from .server import Server, ServerRefused
from .shell_executor import ShellExecutor, shell_variables

_AT_WORK = "The agent is at work: its cells appear below, and run when this cell has ended."
_NOT_AS_IT_IS = "Do not write the cell as it is: change what is wrong in it."
_WIDTH = 34


class Errands:
    """Does one command in a shell, with the model of a host."""

    def __init__(self, shell: Any, host: Host, past: Past, next_input: NextInput) -> None:
        self._shell = shell
        self._host = host
        self._past = past
        self._next_input = next_input

    def do(self, command: Command) -> None:
        """Do it.

        Raises:
            OCIError: it cannot be done; the message says why.
            Stopped: the agent's code was interrupted.
        """
        errands: dict[str, Callable[[Command], None]] = {
            "ask": self._ask,
            "run": self._run,
            "fix": self._fix,
            "explain": self._explain,
            "models": lambda _: self._say(_table(self._host)),
            "model": self._choose,
            "status": lambda _: self._say("\n".join(self._host.status())),
            "help": lambda _: self._say(HELP),
        }
        errands[command.name](command)

    def _ask(self, command: Command) -> None:
        self._write(command, Request(command.prompt, self._past.cells(), self._newest()))

    def _run(self, command: Command) -> None:
        """Have the agent work, on the server where it can, else right here."""
        if not command.prompt:
            raise ConfigError("%oci run needs a prompt: %oci run PROMPT.")
        if isinstance(self._host, ServerHost) and self._run_on(self._host.server, command):
            return
        mode: Mode = "suggest" if command.no_run else self._host.mode()
        if mode == "suggest":
            self._ask(command)
            return
        follower = Follower(screen_of(self._shell), shows_code=True)
        request = Request(command.prompt, self._past.cells(), self._newest())
        follower.follow(self._agent(mode, command).run(request), ask_user(input))

    def _run_on(self, server: Server, command: Command) -> bool:
        """Have the server start a run that begins with the end of this cell; False where this is not a notebook."""
        asking = cell_id(self._shell)
        body: dict[str, Any] = {
            "kernel_id": server.kernel_id,
            "prompt": command.prompt,
            "cells": [_as_json(cell) for cell in self._past.cells()],
            "active_cell_id": asking,
        }
        if asking is not None:  # says nothing to the model, but new cells go below it
            body["cells"].append({"id": asking, "cell_type": "code", "source": ""})
        body |= {"mode": "suggest"} if command.no_run else {}
        body |= {"max_rounds": command.rounds} if command.rounds is not None else {}
        try:
            card = server.ask("POST", "run", body)
        except ServerRefused as refused:
            if refused.reason == "no_notebook":
                return False
            raise
        # The page reads here that there is a run, and follows it.
        display({"text/plain": _AT_WORK}, raw=True, metadata={"jupyter_oci": {"run_id": card["run_id"]}})
        return True

    def _fix(self, command: Command) -> None:
        """Have a corrected cell written."""
        number = command.cell if command.cell is not None else self._past.last_error
        if number is None:
            raise ConfigError("No cell has failed. Name the one that is wrong: %oci fix In[3] it should ignore empty rows.")
        source, error = self._source(number), self._past.error(number)
        if error is None and not command.prompt:
            raise ConfigError(f"In[{number}] raised no error. Say what is wrong: %oci fix In[{number}] it should ...")
        prompt = _fix_prompt(error, command.prompt)
        request = Request(prompt, self._past.cells(number), cell_id_of(number))
        again = replace(request, prompt=f"{prompt}\n{_NOT_AS_IT_IS}")
        if not (self._write(command, request, unlike=source) or self._write(command, again, unlike=source)):
            raise ConfigError("The model wrote no new code. Say more about what you expect: %oci fix WISH.")

    def _explain(self, command: Command) -> None:
        """Explain a cell, or what the prompt says."""
        number = command.cell
        if number is None and not command.prompt:
            number = self._past.last_cell
            if number is None:
                raise ConfigError("There is nothing to explain yet. Ask about something: %oci explain WHAT.")
        if number is not None:
            self._source(number)
        cell = self._past.cell(number) if number is not None else None
        explain(self._host.model(), explanation_messages(command.prompt, cell), screen_of(self._shell))

    def _choose(self, command: Command) -> None:
        if command.prompt:
            self._host.choose(command.prompt)
        self._say("Model: " + next((line.name for line in self._host.models() if line.chosen), command.prompt))

    def _write(self, command: Command, request: Request, unlike: str = "") -> str | None:
        """Have code written into the next cell; give it. Code that is as `unlike` is none."""
        follower = Follower(screen_of(self._shell), shows_code=self._shows_code())
        follower.follow(self._agent("suggest", command).run(request), ask_user(input))
        if follower.source is None or follower.source.strip() == unlike.strip():
            return None
        self._next_input.put(follower.source)
        return follower.source

    def _agent(self, mode: Mode, command: Command) -> Agent:
        secret = self._host.server.secret if isinstance(self._host, ServerHost) else ""
        config = AgentConfig(mode=mode, max_rounds=command.rounds or AgentConfig().max_rounds)
        return Agent(self._host.model(), ShellExecutor(self._shell, secret), config)

    def _newest(self) -> str | None:
        newest = self._past.last_cell
        return cell_id_of(newest) if newest is not None else None

    def _source(self, number: int) -> str:
        source = self._past.source(number)
        if source is None:
            raise ConfigError(f"There is no cell In[{number}].")
        return source

    def _shows_code(self) -> bool:
        """Where nobody takes the next input (`nbconvert --execute`), the code must be seen in the output."""
        return hasattr(self._shell, "kernel") and cell_id(self._shell) is None

    def _say(self, text: str) -> None:
        screen_of(self._shell).end(text)


def _fix_prompt(error: CellError | None, wish: str) -> str:
    """Ask for a corrected cell in the words of the agent's own revisions: they name the line and what is known of it."""
    if error is None:
        return f"The active cell does not do what it should. {wish}\nWrite the whole corrected cell."
    failure = read_traceback(error.ename, error.evalue, error.traceback)
    told = after_failure(failure, failure_hint(failure, shell_variables()))
    return "\n".join(part for part in (f"The active cell raises {failure.error}.", wish, told) if part)


def _as_json(cell: Cell) -> dict[str, Any]:
    return {
        "id": cell.cell_id,
        "cell_type": cell.cell_type,
        "source": cell.source,
        "execution_count": cell.execution_count,
        "outputs": list(cell.outputs),
    }


def _table(host: Host) -> str:
    lines = [
        f"{'*' if line.chosen else ' '} {line.name:<{_WIDTH}} {line.state}{'' if line.fits else ', does not fit the free memory'}"
        for line in host.models()
    ]
    return "\n".join((*lines, "", "* is the chosen one; %oci model NAME chooses another."))
