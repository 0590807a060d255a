"""What the kernel holds: names, types, shapes, columns; read in the kernel without calling user code."""

from __future__ import annotations

import ast
import json
import time
from functools import cache
from importlib.resources import files
from typing import Any

from .base import Variable
from .connection import QUESTION, Connection

STEP = 0.01
IDLE_SHARE = 0.4
MAX_NAMED = 8


class VariableReader:
    """Reads the variables of an IPython kernel; of any other kernel, none.

    An idle kernel is asked on its main shell, a busy one in a subshell (ipykernel 7 and later). Nothing is sent that a
    busy kernel would only run later.
    """

    def __init__(self, connection: Connection, budget: float) -> None:
        self._connection = connection
        self._budget = budget
        self._unanswered = ""
        self._known: tuple[Variable, ...] = ()

    def read(self, info: dict[str, Any], deadline: float) -> tuple[Variable, ...]:
        """Read them by `deadline` (`time.monotonic`); empty where that is not possible.

        Raises:
            KernelDied, KernelRestarted: the kernel is gone.
        """
        if info.get("implementation") != "ipython":
            return ()
        self._connection.check_alive(at_once=True)
        if self._idle(min(deadline, time.monotonic() + self._budget * IDLE_SHARE)):
            found = self._ask(deadline)
        elif "kernel subshells" in info.get("supported_features", ()) and not self._unanswered:
            found = self._ask_in_subshell(deadline)
        else:
            found = None
        self._known = found or self._known
        return found or ()

    def unresponsive_message(self) -> str:
        """Say that only a restart helps, and what it would cost."""
        names = ", ".join(variable.name for variable in self._known[:MAX_NAMED])
        more = f" and {len(self._known) - MAX_NAMED} more" if len(self._known) > MAX_NAMED else ""
        lost = f"; you would lose {names}{more}" if names else "; its variables would be lost"
        return f"This code does not react to an interrupt. Wait for it to end, or restart the kernel yourself{lost}."

    def _idle(self, deadline: float) -> bool:
        return self._reply(self._connection.request("shell", QUESTION, {}), deadline) is not None

    def _ask_in_subshell(self, deadline: float) -> tuple[Variable, ...] | None:
        created = self._reply(self._connection.request("control", "create_subshell_request", {}), deadline)
        if created is None or created.get("status") == "error":
            return None
        subshell_id = created["subshell_id"]
        found = self._ask(deadline, subshell_id=subshell_id)
        if found is None:
            self._unanswered = subshell_id  # deleting it would wait for it, and hang the kernel
            return None
        self._reply(self._connection.request("control", "delete_subshell_request", {"subshell_id": subshell_id}), deadline)
        return found

    def _ask(self, deadline: float, **header: str) -> tuple[Variable, ...] | None:
        seconds = max(deadline - time.monotonic(), 0.0) / 2
        content = {
            "code": in_probe("skip_hooks()"),
            "silent": True,
            "store_history": False,
            "user_expressions": {"variables": in_probe(f"answer({seconds:.3f})")},
            "allow_stdin": False,
            "stop_on_error": False,
        }
        reply = self._reply(self._connection.request("shell", "execute_request", content, **header), deadline)
        return parse(reply) if reply is not None else None

    def _reply(self, request: str, deadline: float) -> dict[str, Any] | None:
        while time.monotonic() < deadline:
            for incoming in self._connection.receive(STEP):
                if incoming.parent_id == request and incoming.channel != "iopub":
                    return self._connection.unpack(incoming)
        return None


@cache
def probe_source() -> str:
    """Read the source of the code that looks around in the kernel."""
    return files(__package__).joinpath("probe.py").read_text(encoding="utf-8")


def in_probe(call: str) -> str:
    """Give one expression that runs the probe in a namespace of its own and calls something in it: no name is left behind."""
    builtins = "__import__('builtins')"
    load, call = f"{builtins}.exec({probe_source()!r}, scope)", f"{builtins}.eval({call!r}, scope)"
    return f"(lambda scope: ({load}, {call})[1])({{'__name__': 'jupyter_oci_probe'}})"


def parse(reply: dict[str, Any]) -> tuple[Variable, ...]:
    """Read the probe's answer from an execute_reply; empty where there is none."""
    try:
        shown = reply["user_expressions"]["variables"]["data"]["text/plain"]
        return tuple(Variable(*item) for item in json.loads(ast.literal_eval(shown)))
    except (KeyError, TypeError, ValueError, SyntaxError):
        return ()
