"""What the kernel holds (names, types, shapes, columns) and what lies in its folder; read there without calling user code."""

from __future__ import annotations

import ast
import json
import re
import time
from functools import cache
from importlib.resources import files
from typing import Any

from .base import DataFile, Variable
from .connection import QUESTION, Connection

STEP = 0.01
IDLE_SHARE = 0.4
MAX_NAMED = 8
MAX_ABOUT = 20_000  # characters
# What is sent to the kernel goes as one source: the modules that another one imports are put before it.
_BEFORE = {"probe.py": ("hooks.py", "secret.py", "scalars.py", "tables.py"), "folder.py": ("secret.py", "contents.py")}
_FUTURE = "from __future__ import annotations\n"
_OUR_IMPORT = re.compile(r"^from \.\w+ import (?:\([^)]*\)|.*)\n", re.MULTILINE)


class KernelReader:
    """Reads the variables and the folder of an IPython kernel; of any other kernel, nothing.

    An idle kernel is asked on its main shell, a busy one in a subshell (ipykernel 7 and later). Nothing is sent that a
    busy kernel would only run later.
    """

    def __init__(self, connection: Connection, budget: float) -> None:
        self._connection = connection
        self._budget = budget
        self._unanswered = ""
        self._known: tuple[Variable, ...] = ()

    def variables(self, info: dict[str, Any], about: str = "") -> tuple[Variable, ...] | None:
        """Read the variables within the budget; None where that is not possible.

        All are there by name; those that the text `about` names are described first.

        Raises:
            KernelDied, KernelRestarted: the kernel is gone.
        """
        found = self._read("probe.py", info, f", {about[:MAX_ABOUT]!r}")
        if found is None:
            return None
        self._known = tuple(Variable(*item) for item in found)
        return self._known

    def files(self, info: dict[str, Any], about: str = "") -> tuple[DataFile, ...]:
        """Read the files of data in the working folder, like the variables, and the contents of those that `about` names."""
        return tuple(DataFile(*item) for item in self._read("folder.py", info, f", {about[:MAX_ABOUT]!r}") or ())

    def _read(self, module: str, info: dict[str, Any], more: str = "") -> list[list[str]] | None:
        if info.get("implementation") != "ipython":
            return None
        deadline = time.monotonic() + self._budget
        self._connection.check_alive(at_once=True)
        if self._idle(min(deadline, time.monotonic() + self._budget * IDLE_SHARE)):
            return self._ask(module, more, deadline)
        if "kernel subshells" in info.get("supported_features", ()) and not self._unanswered:
            return self._ask_in_subshell(module, more, deadline)
        return None

    def unresponsive_message(self) -> str:
        """Say that only a restart helps, and what it would cost."""
        names = ", ".join(variable.name for variable in self._known[:MAX_NAMED])
        more = f" and {len(self._known) - MAX_NAMED} more" if len(self._known) > MAX_NAMED else ""
        lost = f"; you would lose {names}{more}" if names else "; its variables would be lost"
        return f"This code does not react to an interrupt. Wait for it to end, or restart the kernel yourself{lost}."

    def _idle(self, deadline: float) -> bool:
        return self._reply(self._connection.request("shell", QUESTION, {}), deadline) is not None

    def _ask_in_subshell(self, module: str, more: str, deadline: float) -> list[list[str]] | None:
        created = self._reply(self._connection.request("control", "create_subshell_request", {}), deadline)
        if created is None or created.get("status") == "error":
            return None
        subshell_id = created["subshell_id"]
        found = self._ask(module, more, deadline, subshell_id=subshell_id)
        if found is None:
            self._unanswered = subshell_id  # deleting it would wait for it, and hang the kernel
            return None
        self._reply(self._connection.request("control", "delete_subshell_request", {"subshell_id": subshell_id}), deadline)
        return found

    def _ask(self, module: str, more: str, deadline: float, **header: str) -> list[list[str]] | None:
        seconds = max(deadline - time.monotonic(), 0.0) / 2
        content = {
            "code": in_kernel("hooks.py", "skip_hooks()"),
            "silent": True,
            "store_history": False,
            "user_expressions": {"answer": in_kernel(module, f"answer({seconds:.3f}{more})")},
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
def _source(module: str) -> str:
    """Read the source of code that looks around in the kernel, with that of the modules of ours that it needs before it."""
    folder = files(__package__)
    sources = [folder.joinpath(each).read_text(encoding="utf-8") for each in (*_BEFORE.get(module, ()), module)]
    return "\n".join((_FUTURE, *(_OUR_IMPORT.sub("", source).replace(_FUTURE, "") for source in sources)))


def in_kernel(module: str, call: str) -> str:
    """Give one expression that runs a module in a namespace of its own and calls something in it: no name is left behind."""
    builtins = "__import__('builtins')"
    load, call = f"{builtins}.exec({_source(module)!r}, scope)", f"{builtins}.eval({call!r}, scope)"
    return f"(lambda scope: ({load}, {call})[1])({{'__name__': 'jupyter_oci_probe'}})"


def parse(reply: dict[str, Any]) -> list[list[str]] | None:
    """Read the answer from an execute_reply; None where there is none."""
    try:
        answer: list[list[str]] = json.loads(ast.literal_eval(reply["user_expressions"]["answer"]["data"]["text/plain"]))
    except (KeyError, TypeError, ValueError, SyntaxError):
        return None
    return answer
