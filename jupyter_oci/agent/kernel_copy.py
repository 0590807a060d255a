"""Runs inside the user's kernel: try cells in a copy of it, so that they have the user's values and change none of them.

The copy is a fork: it shares memory until it writes, and ends without a word. It sends nothing to the page, and what reaches
beyond its own memory is refused by an audit hook (PEP 578). That is no wall, as native code is not seen by it: `stays_inside`
has looked at the cells, and all values that they use are of kinds that hold nothing else. The source of this file is sent to
the kernel, so it needs nothing but the standard library.
"""

from __future__ import annotations

import gc
import io
import json
import os
import select
import signal
import sys
import threading
import time
import types
import warnings
from collections.abc import Callable, Collection, Mapping, Sequence
from functools import partial
from itertools import islice
from typing import Any

COPY_BYTES = 4 << 30  # beyond those that the kernel has
LONGEST_TOLD = 10_000  # characters
BRIEFLY_SECONDS = 1.0  # of one change of many
_PLAIN = (
    *("abc", "bisect", "builtins", "calendar", "cmath", "collections", "copy", "dataclasses", "datetime", "decimal", "enum"),
    *("fractions", "functools", "hashlib", "heapq", "itertools", "json", "math", "numbers", "operator", "random", "re"),
    *("statistics", "string", "textwrap", "time", "typing", "unicodedata", "uuid", "warnings", "zoneinfo"),
)
_DATA = (*_PLAIN, "matplotlib", "numpy", "pandas", "patsy", "pytz", "scipy", "seaborn", "sklearn", "statsmodels")
_HOLDS_MORE = (
    "matplotlib.backend",
    "numpy.lib._npyio",
    "pandas.io.excel",
    "pandas.io.parsers",
    "pandas.io.pytables",
    "pandas.io.sql",
)
# What has threads, devices or windows of its own does not live in a copy.
_NOT_COPIED = (
    "grpc",
    "jax",
    "polars",
    "pyspark",
    "ray",
    "tensorflow",
    "torch",
    "PyQt5",
    "PyQt6",
    "PySide6",
    "_tkinter",
    "wx",
    "gi",
)
_SAMPLE = 50
_REFUSED = ("os.", "shutil.", "socket.", "subprocess.", "sqlite3.", "ftplib.", "smtplib.", "http.", "urllib.", "fcntl.", "pty.")
_ALLOWED = ("os.listdir", "os.scandir", "os.walk", "os.fwalk", "os.putenv", "os.unsetenv")
_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND


LATE = "it told nothing in time"


class NotCopied(Exception):  # noqa: N818 - nothing is wrong with the cells
    """They cannot be tried in a copy: of this kernel there is none, or they need what must not be in it."""


class Copy:
    """Tries cells in copies of the kernel that holds `names`, each for `seconds` at most.

    Of those names the cells use `needs`; `checked` are functions and classes of the user's that were looked at.

    Raises:
        NotCopied: there can be no copy of this kernel, or what is used is more than data.
    """

    def __init__(
        self, what_fails: Callable[..., str], run_check: Callable[..., None], names: dict[str, Any], seconds: float
    ) -> None:
        self._what_fails = what_fails
        self._run_check = run_check
        self._names = names
        self._seconds = seconds

    def must_be_data(self, needs: Collection[str], checked: Collection[str]) -> Copy:
        """Give itself, where there can be a copy and what is needed of the kernel is data."""
        refused = [name for name in needs if name in self._names and not _is_data(self._names[name], checked)]
        if refused or not _can_fork():
            raise NotCopied(", ".join(refused))
        return self

    def fails(self, cells: Sequence[str], check: str, *, briefly: bool = False) -> str:
        """Say what fails of the cells and the check; empty when nothing does.

        Raises:
            NotCopied: it told nothing in time, or reached for something outside.
        """
        tell = partial(self._what_fails, cells, check, self._run_check, self._names)
        return _in_copy(tell, min(BRIEFLY_SECONDS, self._seconds) if briefly else self._seconds)


def _can_fork() -> bool:
    return (
        sys.platform == "linux"
        and threading.current_thread() is threading.main_thread()
        and _session() is not None
        and not any(name in sys.modules for name in _NOT_COPIED)
    )


def _session() -> Any:
    """Give what the kernel sends messages with; None of a kernel that is not ipykernel's."""
    shell = getattr(sys.modules.get("IPython"), "get_ipython", lambda: None)()
    return getattr(getattr(shell, "kernel", None), "session", None)


def _is_data(value: Any, checked: Collection[str], depth: int = 3) -> bool:
    """Whether it holds nothing but values, as far as a sample of what it contains tells."""
    kind = value if isinstance(value, (type, types.FunctionType, types.BuiltinFunctionType)) else type(value)
    module = value.__name__ if isinstance(value, types.ModuleType) else str(getattr(kind, "__module__", ""))
    if module == "__main__":
        return kind.__name__ in checked
    if module.partition(".")[0] not in _DATA or module.startswith(_HOLDS_MORE) or isinstance(value, types.GeneratorType):
        return False
    inner = [getattr(value, "base", None)] if type(value).__name__ in ("ndarray", "memmap") else []
    if isinstance(value, Mapping):
        inner = [*islice(value.values(), _SAMPLE)]
    elif isinstance(value, (list, tuple, set, frozenset)):
        inner = [*islice(value, _SAMPLE)]
    return type(value).__name__ != "memmap" and (depth == 0 or all(_is_data(each, checked, depth - 1) for each in inner))


def _in_copy(tell: Callable[[], str], seconds: float) -> str:
    """Give what is told in a copy of this process.

    Raises:
        NotCopied: it told nothing in time, or reached for something outside.
    """
    reading, writing = os.pipe()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # of forking beside threads: none of them is needed in the copy
        child = os.fork()
    if child == 0:
        try:
            os.close(reading)
            signal.signal(signal.SIGALRM, signal.SIG_DFL)
            signal.setitimer(signal.ITIMER_REAL, seconds + 1)  # the kernel may be gone by then
            _tell_from_copy(tell, writing)
        finally:
            os._exit(0)
    os.close(writing)
    try:
        told = _read(reading, time.monotonic() + seconds)
    finally:
        os.close(reading)
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
    if not told:
        raise NotCopied("it reached for something outside, or ended")
    return str(json.loads(told)["told"])


def _read(reading: int, ends: float) -> bytes:
    """Read up to the end.

    Raises:
        NotCopied: that is not come to.
    """
    told = b""
    while select.select([reading], [], [], max(0.0, ends - time.monotonic()))[0]:
        part = os.read(reading, 1 << 16)
        if not part:
            return told
        told += part
    raise NotCopied(LATE)


def _tell_from_copy(tell: Callable[[], str], writing: int) -> None:
    refused: list[str] = []

    def refuse(event: str, arguments: tuple[Any, ...]) -> None:
        writes = event == "open" and isinstance(arguments[2], int) and arguments[2] & _WRITING and arguments[0] != os.devnull
        if writes or (event.startswith(_REFUSED) and event not in _ALLOWED):
            refused.append(event)
            raise PermissionError(f"a copy of the kernel may not do this: {event}")

    gc.disable()  # what is collected may tidy up outside
    _mute()
    _limit()
    sys.addaudithook(refuse)
    told = tell()
    if not refused:
        os.write(writing, json.dumps({"told": told[:LONGEST_TOLD]}).encode())


def _mute() -> None:
    """Send nothing: no message, nothing printed, not by native code either."""
    _session().send = lambda *_, **__: None
    sys.stdout = sys.stderr = io.StringIO()
    sys.dont_write_bytecode = True
    nothing = os.open(os.devnull, os.O_RDWR)
    for descriptor in (0, 1, 2):
        os.dup2(nothing, descriptor)


def _limit() -> None:
    """Bound memory and files; where memory runs out all the same, it is the copy that the system ends."""
    import resource  # noqa: PLC0415 - not every system has it

    with open("/proc/self/oom_score_adj", "w", encoding="ascii") as file:
        file.write("1000")
    with open("/proc/self/statm", encoding="ascii") as file:
        pages = int(file.read().split()[0])
    bound = pages * resource.getpagesize() + COPY_BYTES
    resource.setrlimit(resource.RLIMIT_AS, (bound, bound))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
