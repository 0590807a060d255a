"""The untrusted process: run the program, then answer calls until the examiner ends it.

Whatever the program does to this process, its modules and this very code, it gains nothing: the checks are elsewhere.
"""

from __future__ import annotations

import os
import socket
import sys
import traceback
import types
from collections.abc import Callable
from typing import Any

from .wire import check_size, decode, encode, from_line, to_line

_MODULE = "candidate"
_SHOWN = 2000


class Candidate:
    """The program's namespace, and what of it the examiner has a number for."""

    def __init__(self) -> None:
        self._module = types.ModuleType(_MODULE)
        self._kept: list[object] = []
        self._answers: dict[str, Callable[..., Any]] = {
            "run": self._run,
            "name": lambda name: vars(self._module)[name],
            "call": lambda target, args, kwargs: target(*args, **kwargs),
            "getattr": getattr,
            "setattr": setattr,
            "getitem": lambda target, key: target[key],
            "list": list,
            "len": len,
            "bool": bool,
            "str": str,
            "repr": repr,
        }

    def answer(self, frame: dict[str, Any]) -> dict[str, Any]:
        """Do what the frame asks; give the value or what was raised, whatever it was."""
        try:
            args = decode(frame["args"], self._kept.__getitem__)
            value = self._answers[frame["do"]](*args)
            check_size(value)
            return {"value": encode(value, self._keep)}
        except BaseException as error:
            kinds = [kind.__name__ for kind in type(error).__mro__]
            return {"raised": kinds, "text": _describe(error), "message": _message(error)}

    def _run(self, program: str) -> dict[str, str]:
        """Run the program; give the names it has left, each with the module that it names, if it is one."""
        sys.modules[_MODULE] = self._module
        exec(compile(program, "<string>", "exec", dont_inherit=True), vars(self._module))  # noqa: S102 - this is what the process is for
        return {
            name: value.__name__ if isinstance(value, types.ModuleType) else ""
            for name, value in vars(self._module).items()
            if isinstance(name, str)
        }

    def _keep(self, value: object) -> int:
        self._kept.append(value)
        return len(self._kept) - 1


def answer_calls(line: socket.socket) -> None:
    """Answer until the line is closed."""
    candidate = Candidate()
    with line.makefile("rb") as requests:
        for request in requests:
            line.sendall(to_line(candidate.answer(from_line(request))))
    os._exit(0)


def _describe(error: BaseException) -> str:
    """Write the traceback from the program's first frame on: what comes before is ours."""
    try:
        text = "".join(traceback.format_exception(error))
    except BaseException:
        return type(error).__name__
    start = text.find('File "<string>"')
    text = text[start:] if start >= 0 else text.splitlines()[-1]
    return text if len(text) <= 2 * _SHOWN else f"{text[:_SHOWN]}\n...\n{text[-_SHOWN:]}"


def _message(error: BaseException) -> str:
    try:
        return str(error)[:_SHOWN]
    except BaseException:
        return ""
