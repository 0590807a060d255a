"""Errands: what each sub-command does."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

from IPython.display import display

from ..agent.loop import Agent
from ..config import AgentConfig
from ..errors import ConfigError
from ..events import Intent, Mode
from ..request import Cell, Request
from .command import HELP, Command
from .explain import explain
from .fix_follower import FixFollower, only_propose
from .follow import Follower, ask_user
from .host import Host, ServerHost
from .next_input import NextInput, cell_id
from .past import Past, cell_id_of
from .screen import screen_of
from .server import Server, ServerRefused
from .shell_executor import ShellExecutor

_AT_WORK = "The agent is at work: its cells appear below, and run when this cell has ended, in Ask mode once you approve them."
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
            "edit": self._edit,
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
        """Correct a cell in the next one."""
        number = command.cell if command.cell is not None else self._past.last_error
        if number is None:
            raise ConfigError("No cell has failed. Name the one that is wrong: %oci fix In[3] it should ignore empty rows.")
        self._propose(command, number)

    def _edit(self, command: Command) -> None:
        """Put a cell as the prompt wants it into the next one."""
        number = command.cell if command.cell is not None else self._past.last_cell
        if number is None or not command.prompt:
            raise ConfigError("Name a cell that was run, and say what is to change: %oci edit In[3] use the median instead.")
        self._propose(command, number)

    def _propose(self, command: Command, number: int) -> None:
        """Put what the agent proposes for a cell into the next one. It is the user who runs it."""
        follower = FixFollower(screen_of(self._shell), shows_code=self._shows_code())
        mode: Mode = "suggest" if self._host.mode() == "suggest" else "ask"
        follower.follow(self._agent(mode, command).run(self._about(command, number)), only_propose)
        if follower.source is not None:
            self._next_input.put(follower.source)

    def _explain(self, command: Command) -> None:
        """Explain a cell, or what the prompt says."""
        number = command.cell
        if number is None and not command.prompt:
            number = self._past.last_cell
            if number is None:
                raise ConfigError("There is nothing to explain yet. Ask about something: %oci explain WHAT.")
        if number is None:
            explain(self._host.model(), command.prompt, screen_of(self._shell))
            return
        follower = Follower(screen_of(self._shell), shows_code=False)
        follower.follow(self._agent("suggest", command).run(self._about(command, number)), only_propose)

    def _about(self, command: Command, number: int) -> Request:
        """Ask about In[number]."""
        if self._past.source(number) is None:
            raise ConfigError(f"There is no cell In[{number}].")
        if not self._past.is_users(number):
            raise ConfigError(f"In[{number}] is empty or only asks the agent. Name another cell: %oci {command.name} In[3].")
        cell_id = cell_id_of(number)
        intent: Intent = command.name if command.name in ("edit", "fix") else "explain"
        return Request(command.prompt, self._past.cells(number), cell_id, intent=intent, target_cell_id=cell_id)

    def _choose(self, command: Command) -> None:
        if command.prompt:
            self._host.choose(command.prompt)
        self._say("Model: " + next((line.name for line in self._host.models() if line.chosen), command.prompt))

    def _write(self, command: Command, request: Request) -> None:
        """Have code written into the next cell."""
        follower = Follower(screen_of(self._shell), shows_code=self._shows_code())
        follower.follow(self._agent("suggest", command).run(request), ask_user(input))
        if follower.source is not None:
            self._next_input.put(follower.source)

    def _agent(self, mode: Mode, command: Command) -> Agent:
        secret = self._host.server.secret if isinstance(self._host, ServerHost) else ""
        config = AgentConfig(mode=mode, max_rounds=command.rounds or AgentConfig().max_rounds)
        return Agent(self._host.model(), ShellExecutor(self._shell, secret), config)

    def _newest(self) -> str | None:
        newest = self._past.last_cell
        return cell_id_of(newest) if newest is not None else None

    def _shows_code(self) -> bool:
        """Where nobody takes the next input (`nbconvert --execute`, a script), the code must be seen in the output."""
        if hasattr(self._shell, "kernel"):
            return cell_id(self._shell) is None
        return not (sys.stdin.isatty() and getattr(self._shell.parent, "interact", True))

    def _say(self, text: str) -> None:
        screen_of(self._shell).end(text)


def _as_json(cell: Cell) -> dict[str, Any]:
    """Describe a cell of the shell's history, which does not know the notebook's ids."""
    return {
        "id": "",
        "cell_type": cell.cell_type,
        "source": cell.source,
        "execution_count": cell.execution_count,
        "outputs": list(cell.outputs),
        "is_cut": cell.is_cut,
    }


def _table(host: Host) -> str:
    lines = [
        f"{'*' if line.chosen else ' '} {line.name:<{_WIDTH}} {line.state}{'' if line.fits else ', does not fit the free memory'}"
        for line in host.models()
    ]
    return "\n".join((*lines, "", "* is the chosen one; %oci model NAME chooses another."))
